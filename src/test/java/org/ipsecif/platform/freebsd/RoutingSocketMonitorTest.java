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

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.PacketChannel;
import org.junit.jupiter.api.Test;

class RoutingSocketMonitorTest {
    private static final String ARRIVAL = "1800 05 11 0900 697073656330 00*10 0000";
    private static final String ROUTE_ADDED = "9800 05 01 00*148";
    private static final int EAGAIN = 35;
    private static final int ROUTING = 10;

    private final ScriptedLibC kernel = new ScriptedLibC();
    private final Map<Integer, Deque<Object>> toRead = new HashMap<>();
    private final List<String> connected = new ArrayList<>();
    private int queues = 50;
    private boolean devd = true;

    RoutingSocketMonitorTest() {
        kernel.on("kqueue", arguments -> queues++);
        kernel.on("kevent", arguments -> 0);
        kernel.on("connect", arguments -> {
            connected.add(hex(bytes(arguments[1], (Integer) arguments[2])));
            return devd ? 0 : fail(2);
        });
        kernel.on("recv", arguments -> {
            Object next = toRead.getOrDefault(arguments[0], new ArrayDeque<>()).poll();
            if (next instanceof byte[] bytes) {
                put(arguments[1], 0, bytes);
                return bytes.length;
            }
            return fail(next == null ? EAGAIN : (Integer) next);
        });
    }

    private void give(int fd, Object... what) {
        for (Object each : what) {
            toRead.computeIfAbsent(fd, any -> new ArrayDeque<>()).add(each);
        }
    }

    private RoutingSocketMonitor open() throws ErrnoException {
        return new RoutingSocketMonitor(kernel.posix());
    }

    private static byte[] devd(String notice) {
        return notice.getBytes(StandardCharsets.US_ASCII);
    }

    @Test
    void socketsAreOpenedAsTheyMustBe() throws Exception {
        open();
        assertEquals(List.of("socket 17 805306371 0", "socket 1 805306373 0"), kernel.calls("socket"));
        String path = "2f7661722f72756e2f646576642e7365717061636b65742e70697065";
        assertEquals(List.of(digits("6a01" + path + "00*76")), connected);
        assertTrue(kernel.calls("setsockopt").contains("setsockopt 10 65535 131072 * 4"));
    }

    /** kern.ipc.maxsockbuf may allow less than we would like, and more than the default. */
    @Test
    void bufferIsAskedForByHalves() throws Exception {
        List<String> sizes = new ArrayList<>();
        kernel.on("setsockopt", arguments -> {
            String size = hex(bytes(arguments[3], 4));
            if (!arguments[2].equals(0x1002)) {
                return 0;
            }
            sizes.add(size);
            return size.equals("00000400") ? 0 : fail(55);
        });
        open();
        assertEquals(List.of("00001000", "00000800", "00000400"), sizes);
    }

    @Test
    void noticesOfInterfacesAndAddressesCount() throws Exception {
        RoutingSocketMonitor monitor = open();
        give(ROUTING, unhex(ARRIVAL));
        assertEquals(1, monitor.receive());
        for (String type : List.of("0c", "0d", "0e", "11")) {
            give(ROUTING, unhex(ARRIVAL.replace("05 11", "05 " + type)));
        }
        assertEquals(4, monitor.receive());
        assertEquals(PacketChannel.NOTHING, monitor.receive());
    }

    /** Our own questions for routes are answered to all routing sockets. */
    @Test
    void otherTypesAndVersionsDoNot() throws Exception {
        RoutingSocketMonitor monitor = open();
        give(ROUTING, unhex(ROUTE_ADDED), unhex(ROUTE_ADDED.replace("05 01", "05 04")));
        give(ROUTING, unhex(ARRIVAL.replace("05 11", "06 11")), unhex("1800 05"), new byte[0]);
        assertEquals(PacketChannel.NOTHING, monitor.receive());
    }

    @Test
    void lostNoticesAreANotice() throws Exception {
        RoutingSocketMonitor monitor = open();
        give(ROUTING, 55, 4);
        assertEquals(1, monitor.receive());
    }

    @Test
    void badSocketIsGone() throws Exception {
        RoutingSocketMonitor monitor = open();
        give(ROUTING, 9);
        assertEquals(PacketChannel.GONE, monitor.receive());
    }

    @Test
    void devdsNoticesOfInterfacesCountToo() throws Exception {
        RoutingSocketMonitor monitor = open();
        give(11, devd("!system=IFNET subsystem=ipsec3 type=ATTACH\n"));
        give(11, devd("!system=USB subsystem=INTERFACE type=ATTACH\n"), devd("+uhub0 at system=IFNET\n"));
        assertEquals(1, monitor.receive());
    }

    @Test
    void noDevdIsNoError() throws Exception {
        devd = false;
        RoutingSocketMonitor monitor = open();
        assertEquals(List.of("close 11"), kernel.calls("close"));
        give(ROUTING, unhex(ARRIVAL));
        assertEquals(1, monitor.receive());
        assertEquals(PacketChannel.NOTHING, monitor.receive());
    }

    @Test
    void devdThatEndsIsLetGoAndFoundAgainWithTheNextNotice() throws Exception {
        RoutingSocketMonitor monitor = open();
        devd = false;
        give(11, (Object) new byte[0]);
        assertEquals(PacketChannel.NOTHING, monitor.receive());
        assertTrue(
                kernel.calls("close").containsAll(List.of("close 11", "close 50")),
                kernel.calls("close").toString());
        devd = true;
        give(ROUTING, unhex(ARRIVAL));
        assertEquals(1, monitor.receive());
        int anew = 10 + kernel.calls("socket").size() - 1;
        give(anew, devd("!system=IFNET subsystem=ipsec3 type=DETACH\n"));
        assertEquals(1, monitor.receive());
    }

    @Test
    void wakeupHoldsAlsoForAWaitThatIsSetUpAnew() throws Exception {
        RoutingSocketMonitor monitor = open();
        monitor.wakeup();
        devd = false;
        give(11, (Object) new byte[0]);
        monitor.receive();
        assertFalse(monitor.awaitReadable());
    }

    @Test
    void closeLeavesNothingOpen() throws Exception {
        open().close();
        assertEquals(List.of("close 50", "close 11", "close 10"), kernel.calls("close"));
    }

    @Test
    void waitThatCannotBeSetUpClosesAll() {
        kernel.on("kqueue", arguments -> fail(24));
        assertEquals(24, assertThrows(ErrnoException.class, this::open).errno());
        assertEquals(List.of("close 11", "close 10"), kernel.calls("close"));
    }
}
