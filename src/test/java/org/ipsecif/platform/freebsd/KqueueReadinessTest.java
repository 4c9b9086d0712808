package org.ipsecif.platform.freebsd;

import static org.ipsecif.platform.freebsd.ScriptedLibC.bytes;
import static org.ipsecif.platform.freebsd.ScriptedLibC.digits;
import static org.ipsecif.platform.freebsd.ScriptedLibC.fail;
import static org.ipsecif.platform.freebsd.ScriptedLibC.hex;
import static org.ipsecif.platform.freebsd.ScriptedLibC.put;
import static org.ipsecif.platform.freebsd.ScriptedLibC.unhex;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.posix.Readiness;
import org.junit.jupiter.api.Test;

/** struct kevent byte by byte, written by hand from sys/event.h. */
class KqueueReadinessTest {
    private static final String USER = "00*8 f5ff 2000 00000000 00*8 00*8 00*32 ";
    private static final String TRIGGER = "00*8 f5ff 0000 00000001 00*8 00*8 00*32 ";
    private static final String FD_7 = "0700000000000000 ffff 0100 00000000 00*8 00*8 00*32 ";
    private static final String FD_8 = "0800000000000000 ffff 0100 00000000 00*8 00*8 00*32 ";

    private final ScriptedLibC kernel = new ScriptedLibC();
    private final List<String> changes = new ArrayList<>();
    private final Deque<Object> events = new ArrayDeque<>();

    KqueueReadinessTest() {
        kernel.on("kqueue", arguments -> 5);
        kernel.on("kevent", arguments -> {
            if (arguments[1] != null) {
                changes.add(hex(bytes(arguments[1], 64 * (Integer) arguments[2])));
                return 0;
            }
            Object next = events.pop();
            if (next instanceof Integer errno) {
                return fail(errno);
            }
            byte[] bytes = unhex((String) next);
            put(arguments[3], 0, bytes);
            return bytes.length / 64;
        });
    }

    private Readiness open(int other) throws ErrnoException {
        return kernel.posix().waiting().open(7, other);
    }

    @Test
    void descriptorsAndWakerAreAdded() throws Exception {
        open(8).close();
        String user = USER.replace("f5ff 2000", "f5ff 2100");
        assertEquals(List.of(digits(user), digits(FD_7), digits(FD_8)), changes);
        assertEquals(List.of("close 5"), kernel.calls("close"));
    }

    @Test
    void noOtherDescriptorIsNotAdded() throws Exception {
        open(Readiness.NONE);
        assertEquals(2, changes.size());
    }

    @Test
    void waitEndsWithADescriptorAndSaysWhich() throws Exception {
        Readiness readiness = open(8);
        events.add(FD_7);
        events.add(FD_7 + FD_8);
        events.add(FD_8);
        events.add(FD_7);
        assertTrue(readiness.await());
        assertFalse(readiness.isOtherReady());
        assertTrue(readiness.await());
        assertTrue(readiness.isOtherReady());
        assertTrue(readiness.await());
        assertTrue(readiness.isOtherReady());
        assertTrue(readiness.await());
        assertFalse(readiness.isOtherReady());
    }

    @Test
    void nudgeTriggersOnceUntilItIsSeen() throws Exception {
        Readiness readiness = open(Readiness.NONE);
        changes.clear();
        readiness.nudge();
        readiness.nudge();
        assertEquals(List.of(digits(TRIGGER)), changes);
        events.add(USER);
        assertTrue(readiness.await());
        readiness.nudge();
        assertEquals(2, changes.size());
    }

    @Test
    void wakeupEndsThisWaitAndEveryLaterOne() throws Exception {
        Readiness readiness = open(Readiness.NONE);
        changes.clear();
        readiness.wakeup();
        readiness.wakeup();
        assertEquals(List.of(digits(TRIGGER)), changes);
        assertFalse(readiness.await());
        assertFalse(readiness.await());
    }

    @Test
    void wakeupWhileWaiting() throws Exception {
        Readiness readiness = open(Readiness.NONE);
        events.add(USER);
        kernel.on("kevent", arguments -> {
            if (arguments[1] == null) {
                readiness.wakeup();
                put(arguments[3], 0, unhex(USER));
            }
            return 1;
        });
        assertFalse(readiness.await());
    }

    @Test
    void signalsDoNotEndTheWaitAndErrorsDo() throws Exception {
        Readiness readiness = open(Readiness.NONE);
        events.add(4);
        events.add(FD_7);
        events.add(9);
        assertTrue(readiness.await());
        assertFalse(readiness.await());
    }

    @Test
    void refusedDescriptorClosesTheQueue() {
        kernel.on("kevent", arguments -> fail(9));
        ErrnoException e = assertThrows(ErrnoException.class, () -> open(Readiness.NONE));
        assertEquals(9, e.errno());
        assertEquals(List.of("close 5"), kernel.calls("close"));
    }
}
