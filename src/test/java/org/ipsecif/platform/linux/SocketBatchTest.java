package org.ipsecif.platform.linux;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.net.BindException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketOption;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.ipsecif.platform.DatagramRun;
import org.ipsecif.platform.Datagrams;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.EspTransport;
import org.ipsecif.platform.EspTransport.Encapsulation;
import org.ipsecif.platform.OffloadSettings;
import org.ipsecif.platform.PacketBuffer;
import org.ipsecif.platform.UdpEndpoint;
import org.ipsecif.sa.Family;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.wire.Bytes;
import org.ipsecif.wire.OuterHeader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs of datagrams arrive whole and in order, whichever of the kernel's abilities send and receive them. On lo; needs CAP_NET_RAW. */
class SocketBatchTest {
    private static final int EADDRINUSE = 98;
    private static final int PID = (int) ProcessHandle.current().pid();

    /** An SPI: what others send here begins otherwise. */
    private static final int MARK = 0x4000_0000 | PID;

    private static final OffloadSettings ALL = OffloadSettings.ALL;
    private static final OffloadSettings NONE = OffloadSettings.NONE;

    /** Ports of UDP over IPv6, where there is one address for all tests. */
    private static final int PORT = 20_000 + PID % 20_000;

    private static final long PATIENCE_NANOS = 10_000_000_000L;

    private final Random random = new Random(1);
    private final OuterHeader outer = new OuterHeader();

    /** Of 127.0.0.0/8, and not those of a test that runs beside this one. */
    private static IpAddress inet(int which) {
        return new IpAddress(Family.INET, 0, 0x7f00_0000 | (PID + which * 0x10_0000) & 0xff_ffff);
    }

    private static SocketEspTransport open(String what, int which, OffloadSettings offloads) throws ErrnoException {
        boolean udp = what.startsWith("UDP");
        IpAddress address = what.endsWith("6") ? IpAddress.parse("::1") : inet(which);
        try {
            return new SocketEspTransport(
                    address, udp ? Encapsulation.UDP : Encapsulation.NO, udp ? PORT + which : 0, offloads);
        } catch (ErrnoException e) {
            assumeTrue(e.errno() != ErrnoException.EPERM, "needs CAP_NET_RAW");
            throw e;
        }
    }

    private static UdpEndpoint endpoint(SocketEspTransport of, int which) {
        return new UdpEndpoint(of.local(), PORT + which);
    }

    private byte[] datagram(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        Bytes.put32(bytes, 0, MARK);
        return bytes;
    }

    /** @return what was sent */
    private List<byte[]> send(SocketEspTransport by, UdpEndpoint to, int... lengths) {
        DatagramRun run = new DatagramRun(by.newBuffer(DatagramRun.BUFFER));
        List<byte[]> sent = new ArrayList<>();
        for (int length : lengths) {
            byte[] datagram = datagram(length);
            assertTrue(run.takes(length));
            run.add(datagram, 0, length);
            sent.add(datagram);
        }
        assertEquals(0, by.send(run, to, outer));
        assertTrue(run.isEmpty());
        return sent;
    }

    private record Came(byte[] bytes, int trafficClass, int hopLimit, UdpEndpoint source, boolean isFrom) {}

    private static List<Came> receive(SocketEspTransport by, UdpEndpoint from, int count) {
        PacketBuffer into = by.newBuffer(by.receiveSize());
        Datagrams datagrams = new Datagrams(by.receiveCount());
        List<Came> all = new ArrayList<>();
        long start = System.nanoTime();
        while (all.size() < count) {
            assertTrue(System.nanoTime() - start < PATIENCE_NANOS, () -> all.size() + " of " + count + " came");
            by.receive(into, datagrams);
            for (int i = 0; i < datagrams.count(); i++) {
                byte[] bytes = new byte[datagrams.length(i)];
                into.bytes().get(datagrams.offset(i), bytes);
                if (bytes.length >= 4 && Bytes.i32(bytes, 0) == MARK) {
                    all.add(new Came(
                            bytes, datagrams.trafficClass(i), datagrams.hopLimit(i), by.source(i), by.isFrom(i, from)));
                }
            }
        }
        return all;
    }

    private static void assertSame(List<byte[]> expected, List<Came> actual) {
        assertEquals(expected.size(), actual.size());
        for (int i = 0; i < expected.size(); i++) {
            assertArrayEquals(expected.get(i), actual.get(i).bytes(), "datagram " + i);
        }
    }

    /** So many of a length, the last of them shorter or not. */
    private int[] lengths(int count) {
        int[] lengths = new int[count];
        java.util.Arrays.fill(lengths, 4 + random.nextInt(1_000));
        lengths[count - 1] = 4 + random.nextInt(lengths[0] - 3);
        return lengths;
    }

    private void exchange(String what, boolean dontFragment, OffloadSettings out, OffloadSettings in)
            throws ErrnoException {
        try (SocketEspTransport sender = open(what, 0, out);
                SocketEspTransport receiver = open(what, 1, in)) {
            UdpEndpoint to = endpoint(receiver, 1);
            for (int count = 1; count <= DatagramRun.MAX_DATAGRAMS; count++) {
                int trafficClass = random.nextInt(256);
                int hopLimit = 1 + random.nextInt(255);
                outer.set(trafficClass, hopLimit, 0x1_2345, dontFragment);
                List<byte[]> sent = send(sender, to, lengths(count));
                List<Came> came = receive(receiver, endpoint(sender, 0), count);
                assertSame(sent, came);
                for (Came each : came) {
                    assertEquals(trafficClass, each.trafficClass());
                    assertEquals(hopLimit, each.hopLimit(), () -> what + " hop limit");
                    assertEquals(sender.local(), each.source().address());
                    if (what.startsWith("UDP")) {
                        assertEquals(PORT, each.source().port());
                        assertTrue(each.isFrom());
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "UDP4, false",
        "UDP4, true",
        "UDP6, false",
        "UDP6, true",
        "RAW4, false",
        "RAW4, true",
        "RAW6, false",
        "RAW6, true"
    })
    void runsArriveWholeAndInOrder(String what, boolean dontFragment) throws Exception {
        exchange(what, dontFragment, ALL, ALL);
        exchange(what, dontFragment, NONE, NONE);
        exchange(what, dontFragment, ALL, NONE);
        exchange(what, dontFragment, NONE, ALL);
    }

    @ParameterizedTest
    @ValueSource(strings = {"UDP4", "UDP6", "RAW4", "RAW6"})
    void longestDatagramsArrive(String what) throws Exception {
        for (OffloadSettings offloads : List.of(ALL, NONE)) {
            for (boolean dontFragment : new boolean[] {false, true}) {
                try (SocketEspTransport sender = open(what, 0, offloads);
                        SocketEspTransport receiver = open(what, 1, offloads)) {
                    UdpEndpoint to = endpoint(receiver, 1);
                    outer.set(0, 64, 0, dontFragment);
                    int header = what.startsWith("UDP") ? 8 : 0;
                    int longest = what.endsWith("6") ? 65_536 - 40 - header : 65_535 - 20 - header;
                    assertSame(send(sender, to, longest), receive(receiver, to, 1));
                    assertSame(send(sender, to, 32_753, 32_753), receive(receiver, to, 2));
                    assertSame(send(sender, to, 1_400, 1_399), receive(receiver, to, 2));
                }
            }
        }
    }

    /** The kernel is told why, and goes on with what can go. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatCannotGoStaysAndSpoilsNothing(boolean dontFragment) throws Exception {
        try (SocketEspTransport sender = open("UDP4", 0, ALL);
                SocketEspTransport receiver = open("UDP4", 1, ALL)) {
            UdpEndpoint to = endpoint(receiver, 1);
            outer.set(0, 64, 0, dontFragment);
            DatagramRun run = new DatagramRun(sender.newBuffer(DatagramRun.BUFFER));
            run.add(new byte[65_508], 0, 65_508);
            assertEquals(EspTransport.TOO_BIG, sender.send(run, to, outer));
            assertEquals(1, run.count());
            run.clear();
            for (int i = 0; i < 10; i++) {
                run.add(new byte[100], 0, 100);
            }
            // From the loopback network there is no way out.
            assertTrue(sender.send(run, new UdpEndpoint(IpAddress.parse("192.0.2.1"), PORT), outer) > 0);
            assertEquals(10, run.count());
            assertSame(send(sender, to, lengths(30)), receive(receiver, to, 30));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"UDP4", "RAW4"})
    void eachDatagramHasItsSource(String what) throws Exception {
        try (SocketEspTransport one = open(what, 0, ALL);
                SocketEspTransport two = open(what, 2, ALL);
                SocketEspTransport receiver = open(what, 1, ALL)) {
            UdpEndpoint to = endpoint(receiver, 1);
            outer.set(0, 64, 0, false);
            List<byte[]> sent = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                sent.addAll(send(i % 2 == 0 ? one : two, to, 100));
            }
            List<Came> came = receive(receiver, endpoint(one, 0), 20);
            assertSame(sent, came);
            for (int i = 0; i < 20; i++) {
                assertEquals(
                        (i % 2 == 0 ? one : two).local(), came.get(i).source().address());
                assertEquals(what.equals("UDP4") && i % 2 == 0, came.get(i).isFrom());
            }
        }
    }

    /** What came at once is handed out one by one to whom asks so, an empty datagram too. */
    @ParameterizedTest
    @ValueSource(strings = {"UDP4", "UDP6"})
    void datagramsAreHandedOutOneByOne(String what) throws Exception {
        try (SocketEspTransport sender = open(what, 0, ALL);
                SocketEspTransport receiver = open(what, 1, ALL);
                DatagramSocket other = new DatagramSocket()) {
            outer.set(0, 64, 0, false);
            List<byte[]> sent = send(sender, endpoint(receiver, 1), 200, 200, 200, 100);
            byte[] into = new byte[65_535];
            assertTrue(receiver.awaitReadable());
            for (byte[] each : sent) {
                assertEquals(each.length, receiver.receive(into, 1, 65_534, outer));
                assertArrayEquals(each, java.util.Arrays.copyOfRange(into, 1, 1 + each.length));
                assertEquals(endpoint(sender, 0), receiver.source());
            }
            InetAddress address = InetAddress.getByAddress(receiver.local().toBytes());
            other.send(new DatagramPacket(new byte[0], 0, new InetSocketAddress(address, PORT + 1)));
            assertTrue(receiver.awaitReadable());
            assertEquals(1, receiver.receive(into, 0, 10, outer));
            assertEquals(0, into[0]);
            assertEquals(EspTransport.NOTHING, receiver.receive(into, 0, 10, outer));
        }
    }

    /** Beside the socket that receives there is one that sets DF, with the same address. */
    @Test
    void secondSocketTakesNothingThatArrives() throws Exception {
        for (OffloadSettings offloads : List.of(ALL, NONE)) {
            try (SocketEspTransport own = open("UDP4", 0, offloads);
                    SocketEspTransport peer = open("UDP4", 1, offloads)) {
                for (int i = 0; i < 10; i++) {
                    outer.set(0, 64, 0, true);
                    assertSame(send(own, endpoint(peer, 1), lengths(5)), receive(peer, endpoint(own, 0), 5));
                    for (boolean dontFragment : new boolean[] {false, true}) {
                        outer.set(0, 64, 0, dontFragment);
                        List<byte[]> sent = send(peer, endpoint(own, 0), lengths(64));
                        assertSame(sent, receive(own, endpoint(peer, 1), 64));
                    }
                }
            }
        }
    }

    private static void bind(SocketOption<Boolean> option, IpAddress address, int port) throws Exception {
        try (DatagramSocket socket = new DatagramSocket(null)) {
            socket.setOption(option, true);
            socket.bind(new InetSocketAddress(InetAddress.getByAddress(address.toBytes()), port));
        }
    }

    /** Who could bind the port too would get what is meant for us. */
    @Test
    void nobodyElseBindsThePort() throws Exception {
        OffloadSettings alone = new OffloadSettings(true, true, true, false);
        try (SocketEspTransport own = open("UDP4", 0, alone);
                SocketEspTransport peer = open("UDP4", 1, alone)) {
            assertNobodyBinds(own.local(), StandardSocketOptions.SO_REUSEADDR, StandardSocketOptions.SO_REUSEPORT);
            outer.set(0, 64, 0, true);
            assertEquals(1, send(own, endpoint(peer, 1), 100).size());
            assertNobodyBinds(own.local(), StandardSocketOptions.SO_REUSEADDR, StandardSocketOptions.SO_REUSEPORT);
            try (SocketEspTransport free = open("UDP4", 3, ALL)) {
                assertNotEquals(own.local(), free.local());
            }
        }
        bind(StandardSocketOptions.SO_REUSEADDR, inet(0), PORT);
    }

    /**
     * A port with a socket of its own for IKE is open to sockets of the same user that share ports (SO_REUSEPORT), but not to another
     * transport; and who shares it gets nothing, as the kernel gives nothing but to our two. The one that sets DF keeps others out.
     */
    @Test
    void whoSharesThePortGetsNothing() throws Exception {
        try (SocketEspTransport own = open("UDP4", 0, ALL);
                SocketEspTransport peer = open("UDP4", 1, ALL)) {
            outer.set(0, 64, 0, false);
            assertNobodyBinds(own.local(), StandardSocketOptions.SO_REUSEADDR);
            try (DatagramSocket sharer = new DatagramSocket(null)) {
                sharer.setOption(StandardSocketOptions.SO_REUSEPORT, true);
                sharer.bind(new InetSocketAddress(
                        InetAddress.getByAddress(own.local().toBytes()), PORT));
                for (int i = 0; i < 10; i++) {
                    assertSame(send(peer, endpoint(own, 0), lengths(64)), receive(own, endpoint(peer, 1), 64));
                }
                sharer.setSoTimeout(1);
                assertThrows(SocketTimeoutException.class, () -> sharer.receive(new DatagramPacket(new byte[1], 1)));
            }
            outer.set(0, 64, 0, true);
            assertEquals(1, send(own, endpoint(peer, 1), 100).size());
            assertNobodyBinds(own.local(), StandardSocketOptions.SO_REUSEADDR, StandardSocketOptions.SO_REUSEPORT);
        }
    }

    @SafeVarargs
    private static void assertNobodyBinds(IpAddress address, SocketOption<Boolean>... options) {
        for (SocketOption<Boolean> option : options) {
            assertThrows(BindException.class, () -> bind(option, address, PORT));
            assertThrows(BindException.class, () -> bind(option, IpAddress.parse("0.0.0.0"), PORT));
        }
        ErrnoException refused = assertThrows(
                ErrnoException.class, () -> new SocketEspTransport(address, Encapsulation.UDP, PORT, ALL).close());
        assertEquals(EADDRINUSE, refused.errno());
    }

    /** Without the kernel's abilities there is one at a time, with them several. */
    @Test
    void switchesAreHeeded() throws Exception {
        for (String what : List.of("UDP4", "UDP6", "RAW4", "RAW6")) {
            try (SocketEspTransport plain = open(what, 0, NONE)) {
                assertEquals(1, plain.receiveCount());
                assertEquals(65_535, plain.receiveSize());
            }
            try (SocketEspTransport fast = open(what, 0, ALL)) {
                assertTrue(fast.receiveCount() >= 16, what);
                assertFalse(fast.receiveSize() < 65_535);
            }
        }
    }
}
