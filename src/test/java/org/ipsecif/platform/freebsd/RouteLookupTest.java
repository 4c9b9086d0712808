package org.ipsecif.platform.freebsd;

import static org.ipsecif.platform.freebsd.ScriptedLibC.bytes;
import static org.ipsecif.platform.freebsd.ScriptedLibC.digits;
import static org.ipsecif.platform.freebsd.ScriptedLibC.fail;
import static org.ipsecif.platform.freebsd.ScriptedLibC.hex;
import static org.ipsecif.platform.freebsd.ScriptedLibC.put;
import static org.ipsecif.platform.freebsd.ScriptedLibC.unhex;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.sa.IpAddress;
import org.junit.jupiter.api.Test;

/** Questions and answers of route(4) byte by byte, written by hand from the table of FreeBSD's structures (freebsd-abi.md). */
class RouteLookupTest {
    /** RTM_GET of process 4711: index 3, up and done and static, sequence 1, MTU 1280. */
    private static final String ANSWER =
            "c800 05 04 0300 0000 41080000 07000000 67120000 01000000 00000000 00000000 00*8"
                    + " 00*8 0005000000000000 00*96  10020000 00*12  10020000 c0000201 00*8  10020000 00*12";

    private final ScriptedLibC kernel = new ScriptedLibC();
    private final List<String> questions = new ArrayList<>();
    private final Deque<byte[]> answers = new ArrayDeque<>();
    private final RouteLookup routes = new RouteLookup(kernel.posix());

    private RouteLookup.Found find(String... messages) throws ErrnoException {
        for (String each : messages) {
            answers.add(unhex(each));
        }
        kernel.on("write", arguments -> {
            questions.add(hex(bytes(arguments[1], ((Number) arguments[2]).intValue())));
            return ((Number) arguments[2]).intValue();
        });
        kernel.on("read", arguments -> {
            byte[] next = answers.poll();
            if (next == null) {
                return fail(35);
            }
            put(arguments[1], 0, next);
            return next.length;
        });
        return routes.find(IpAddress.parse("198.51.100.7"), BsdSockets.PROCESS_FIB);
    }

    @Test
    void questionHasTheAddressAlone() throws Exception {
        find(ANSWER);
        String header = "a800 05 04 00*4 05000000 01000000 67120000 01000000 00*4 00*4 00*8 00*112";
        assertEquals(List.of(digits(header + " 10020000 c6336407 00*8")), questions);
        assertEquals(List.of("close 10"), kernel.calls("close"));
    }

    @Test
    void inet6QuestionIsFilledUpToEight() throws Exception {
        kernel.on("write", arguments -> {
            questions.add(hex(bytes(arguments[1], ((Number) arguments[2]).intValue())));
            return fail(3);
        });
        assertNull(routes.find(IpAddress.parse("2001:db8::7"), BsdSockets.PROCESS_FIB));
        String header = "b800 05 04 00*4 05000000 01000000 67120000 01000000 00*4 00*4 00*8 00*112";
        assertEquals(List.of(digits(header + " 1c1c0000 00*4 20010db8 00*11 07 00*4 00*4")), questions);
    }

    @Test
    void answerSaysInterfaceAndMtu() throws Exception {
        assertEquals(new RouteLookup.Found(3, 1280), find(ANSWER));
    }

    @Test
    void noticesAndAnswersToOthersAreNotOurs() throws Exception {
        String notice = "1800 05 11 0400 74756e30 00*12 0000";
        String otherProcess = ANSWER.replace("67120000", "68120000").replace("0300 0000", "0700 0000");
        String otherQuestion =
                ANSWER.replace("67120000 01000000", "67120000 02000000").replace("0300 0000", "0700 0000");
        String otherVersion = ANSWER.replace("c800 05", "c800 04").replace("0300 0000", "0700 0000");
        assertEquals(
                3,
                find(notice, otherProcess, otherQuestion, otherVersion, "00", ANSWER)
                        .index());
    }

    @Test
    void noRouteIsNull() throws Exception {
        kernel.on("write", arguments -> fail(3));
        assertNull(routes.find(IpAddress.parse("198.51.100.7"), BsdSockets.PROCESS_FIB));
        assertEquals(List.of("close 10"), kernel.calls("close"));
    }

    @Test
    void routeThatDiscardsIsNone() throws Exception {
        assertNull(find(ANSWER.replace("41080000", "49080000")));
        assertNull(find(ANSWER.replace("41080000", "41180000").replace("67120000 01000000", "67120000 02000000")));
    }

    @Test
    void answerThatNeverComesIsAnError() {
        assertThrows(ErrnoException.class, () -> find("1800 05 11 0400 74756e30 00*12 0000"));
        assertEquals(List.of("close 10"), kernel.calls("close"));
    }

    @Test
    void otherRefusalIsSaid() {
        kernel.on("write", arguments -> fail(55));
        ErrnoException e = assertThrows(
                ErrnoException.class, () -> routes.find(IpAddress.parse("198.51.100.7"), BsdSockets.PROCESS_FIB));
        assertEquals("RTM_GET 198.51.100.7: errno 55", e.getMessage());
    }
}
