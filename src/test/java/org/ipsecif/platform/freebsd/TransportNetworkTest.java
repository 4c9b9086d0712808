package org.ipsecif.platform.freebsd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.ipsecif.platform.DatagramRun;
import org.ipsecif.platform.Datagrams;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.EspTransport;
import org.ipsecif.platform.EspTransport.Encapsulation;
import org.ipsecif.platform.IcmpReceiver;
import org.ipsecif.platform.OffloadSettings;
import org.ipsecif.platform.PacketBuffer;
import org.ipsecif.platform.PacketSender;
import org.ipsecif.platform.UdpEndpoint;
import org.ipsecif.platform.freebsd.sim.Network;
import org.ipsecif.platform.freebsd.sim.SilentKeys;
import org.ipsecif.platform.freebsd.sim.SimulatedFreeBsd;
import org.ipsecif.platform.posix.Posix;
import org.ipsecif.sa.Family;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.wire.OuterHeader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Two simulated hosts exchange ESP, in UDP and without, with IPsec in the kernel and without.
 *
 * <pre>
 *   first  em0 192.0.2.1/24, 2001:db8::1/64 ---- network ---- em0 192.0.2.2/24, 2001:db8::2/64  second
 * </pre>
 */
class TransportNetworkTest {
    private static final int EHOSTUNREACH = 65;
    private static final long PATIENCE_NANOS = 10_000_000_000L;
    private static final ScheduledExecutorService CLOCK = Executors.newSingleThreadScheduledExecutor(work -> {
        Thread thread = new Thread(work, "clock");
        thread.setDaemon(true);
        return thread;
    });

    private final Network network = new Network();
    private final SimulatedFreeBsd first = new SimulatedFreeBsd(network);
    private final SimulatedFreeBsd second = new SimulatedFreeBsd(network);
    private final Random random = new Random(11);
    private final OuterHeader outer = new OuterHeader();

    private static TransportOpener opener(SimulatedFreeBsd host) {
        Posix posix = KqueueReadiness.posix(host.process());
        return new TransportOpener(posix, OffloadSettings.ALL, () -> new IoctlLinkConfigurer(posix));
    }

    private void hosts(boolean ipsec) {
        first.addEthernet("em0", "192.0.2.1/24", "2001:db8::1/64");
        second.addEthernet("em0", "192.0.2.2/24", "2001:db8::2/64");
        if (ipsec) {
            first.setKeyKernel(pid -> new SilentKeys());
            second.setKeyKernel(pid -> new SilentKeys());
        }
    }

    private static IpAddress address(Family family, int host) {
        return IpAddress.parse((family == Family.INET ? "192.0.2." : "2001:db8::") + host);
    }

    private static UdpEndpoint endpoint(EspTransport of) {
        return new UdpEndpoint(of.local(), of.encapsulation() == Encapsulation.UDP ? EspTransport.UDP_PORT : 0);
    }

    private byte[] esp(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        bytes[0] = 1;
        return bytes;
    }

    private record Came(byte[] bytes, int trafficClass, int hopLimit, UdpEndpoint source) {}

    private static List<Came> receive(EspTransport by, int count) {
        PacketBuffer into = by.newBuffer(by.receiveSize());
        Datagrams datagrams = new Datagrams(by.receiveCount());
        List<Came> all = new ArrayList<>();
        long start = System.nanoTime();
        ScheduledFuture<?> end = CLOCK.schedule(by::nudge, PATIENCE_NANOS, TimeUnit.NANOSECONDS);
        while (all.size() < count) {
            if (by.receive(into, datagrams) <= 0) {
                assertTrue(by.awaitReadable());
                assertTrue(System.nanoTime() - start < PATIENCE_NANOS, () -> all.size() + " of " + count + " came");
            }
            for (int i = 0; i < datagrams.count(); i++) {
                byte[] bytes = new byte[datagrams.length(i)];
                into.bytes().get(datagrams.offset(i), bytes);
                all.add(new Came(bytes, datagrams.trafficClass(i), datagrams.hopLimit(i), by.source(i)));
            }
        }
        end.cancel(false);
        return all;
    }

    private List<byte[]> send(EspTransport by, EspTransport to, int... lengths) {
        DatagramRun run = new DatagramRun(by.newBuffer(DatagramRun.BUFFER));
        List<byte[]> sent = new ArrayList<>();
        for (int length : lengths) {
            byte[] packet = esp(length);
            assertTrue(run.takes(length));
            run.add(packet, 0, length);
            sent.add(packet);
        }
        assertEquals(0, by.send(run, endpoint(to), outer));
        return sent;
    }

    private static void assertSame(List<byte[]> sent, List<Came> came) {
        assertEquals(sent.size(), came.size());
        for (int i = 0; i < sent.size(); i++) {
            assertArrayEquals(sent.get(i), came.get(i).bytes(), "datagram " + i);
        }
    }

    private static boolean carries(byte[] packet, Encapsulation encapsulation) {
        boolean inet = packet[0] >> 4 == 4;
        return packet[inet ? 9 : 6] == (encapsulation == Encapsulation.UDP ? 17 : 50);
    }

    @ParameterizedTest
    @CsvSource({
        "INET, UDP, true",
        "INET, UDP, false",
        "INET, NO, true",
        "INET, NO, false",
        "INET6, UDP, true",
        "INET6, UDP, false",
        "INET6, NO, true",
        "INET6, NO, false",
    })
    void packetsArriveWholeInOrderAndWithTheirHeaders(Family family, Encapsulation encapsulation, boolean ipsec)
            throws Exception {
        hosts(ipsec);
        try (EspTransport one = opener(first).openTransport(address(family, 1), encapsulation);
                EspTransport two = opener(second).openTransport(address(family, 2), encapsulation)) {
            for (boolean dontFragment : new boolean[] {true, false}) {
                outer.set(0xb9, 63, 0, dontFragment);
                List<byte[]> sent = send(one, two, 1_300, 1_300, 1_300, 700);
                List<Came> came = receive(two, 4);
                assertSame(sent, came);
                for (Came each : came) {
                    assertEquals(0xb9, each.trafficClass());
                    assertEquals(63, each.hopLimit());
                    assertEquals(endpoint(one), each.source());
                }
                assertSame(send(two, one, 8), receive(one, 1));
            }
            List<byte[]> carried = network.takeCarried();
            assertEquals(
                    10,
                    carried.stream()
                            .filter(each -> carries(each, encapsulation))
                            .count());
            assertEquals(0, one.dropped() + two.dropped());
            assertEquals(0, one.receive(new byte[1], 0, 1, outer));
        }
    }

    /** The sender's host cuts what may be cut, and over IPv6 what is to be; whoever receives puts it together. */
    @ParameterizedTest
    @CsvSource({
        "INET, UDP, true, false",
        "INET, NO, true, false",
        "INET, NO, false, false",
        "INET6, UDP, true, true",
        "INET6, NO, true, true",
        "INET6, NO, false, true",
    })
    void longPacketsAreCutAndPutTogether(Family family, Encapsulation encapsulation, boolean ipsec, boolean cut)
            throws Exception {
        hosts(ipsec);
        try (EspTransport one = opener(first).openTransport(address(family, 1), encapsulation);
                EspTransport two = opener(second).openTransport(address(family, 2), encapsulation)) {
            outer.set(0, 64, 0, false);
            outer.setCut(cut);
            for (int length : new int[] {1_470, 1_500, 4_000, 9_217, 20_000, 60_000}) {
                assertSame(send(one, two, length), receive(two, 1));
            }
            assertEquals(0, two.dropped());
            long most = network.takeCarried().stream()
                    .mapToInt(each -> each.length)
                    .max()
                    .orElse(0);
            assertTrue(cut ? most <= 1_280 : most <= 1_500, "longest packet: " + most);
        }
    }

    @ParameterizedTest
    @CsvSource({"INET, UDP", "INET, NO", "INET6, UDP", "INET6, NO"})
    void whatMayNotBeCutIsTooBig(Family family, Encapsulation encapsulation) throws Exception {
        hosts(true);
        try (EspTransport one = opener(first).openTransport(address(family, 1), encapsulation);
                EspTransport two = opener(second).openTransport(address(family, 2), encapsulation)) {
            outer.set(0, 64, 0, true);
            int most = 1_500 - (family == Family.INET ? 20 : 40) - (encapsulation == Encapsulation.UDP ? 8 : 0);
            byte[] packet = esp(most + 1);
            assertEquals(EspTransport.TOO_BIG, one.send(packet, 0, most + 1, endpoint(two), outer));
            assertSame(send(one, two, most), receive(two, 1));
            IpAddress nowhere = IpAddress.parse(family == Family.INET ? "203.0.113.1" : "2001:db8:1::1");
            assertEquals(EHOSTUNREACH, one.send(packet, 0, 100, new UdpEndpoint(nowhere, 4500), outer));
        }
    }

    /** On a kernel with IPsec the interface is found as soon as it has the address, and anew when the address moves. */
    @ParameterizedTest
    @CsvSource({
        "INET, UDP, true",
        "INET, NO, true",
        "INET, NO, false",
        "INET6, UDP, true",
        "INET6, NO, true",
        "INET6, NO, false"
    })
    void addressMayComeLate(Family family, Encapsulation encapsulation, boolean ipsec) throws Exception {
        hosts(ipsec);
        int bits = family == Family.INET ? 24 : 64;
        try (EspTransport late = opener(first).openTransport(address(family, 7), encapsulation);
                EspTransport two = opener(second).openTransport(address(family, 2), encapsulation)) {
            first.addAddress("em0", address(family, 7) + "/" + bits);
            outer.set(0, 64, 0, false);
            lookIfByBpf(late, ipsec);
            assertSame(send(two, late, 100, 100), receive(late, 2));
            assertSame(send(late, two, 100), receive(two, 1));
            first.removeAddress("em0", address(family, 7).toString());
            first.addEthernet("em1", address(family, 7) + "/" + bits);
            lookIfByBpf(late, ipsec);
            assertSame(send(two, late, 100, 100), receive(late, 2));
            assertEquals(0, late.dropped());
        }
    }

    /** The routing socket is ready, and whoever receives reads it. */
    private void lookIfByBpf(EspTransport transport, boolean ipsec) {
        assertEquals(0, transport.receive(new byte[100], 0, 100, outer));
        if (transport.encapsulation() == Encapsulation.NO && ipsec) {
            assertTrue(transport.awaitReadable());
            assertEquals(0, transport.receive(new byte[100], 0, 100, outer));
        }
    }

    /** A router's tunnels may end at an address of lo0. */
    @Test
    void addressOfALoopbackInterfaceIsReceivedTowardsThePeer() throws Exception {
        hosts(true);
        second.addAddress("lo0", "10.9.0.1/32");
        first.addRoute("10.9.0.1/32", "192.0.2.2");
        try (EspTransport one = opener(first).openTransport(address(Family.INET, 1), Encapsulation.NO);
                EspTransport two = opener(second).openTransport(IpAddress.parse("10.9.0.1"), Encapsulation.NO)) {
            outer.set(0, 64, 0, true);
            assertSame(send(two, one, 100), receive(one, 1));
            lookIfByBpf(two, true);
            assertSame(send(one, two, 100, 90), receive(two, 2));
            assertEquals(0, two.dropped());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatIsForOthersIsNotReceived(boolean ipsec) throws Exception {
        hosts(ipsec);
        second.addAddress("em0", "192.0.2.3/24");
        second.addAddress("em0", "2001:db8::3/64");
        TransportOpener opener = opener(second);
        for (Family family : Family.values()) {
            try (EspTransport one = opener(first).openTransport(address(family, 1), Encapsulation.NO);
                    EspTransport two = opener.openTransport(address(family, 2), Encapsulation.NO);
                    EspTransport three = opener.openTransport(address(family, 3), Encapsulation.NO)) {
                outer.set(0, 64, 0, false);
                List<byte[]> toThree = send(one, three, 60);
                List<byte[]> toTwo = send(one, two, 61);
                assertSame(toTwo, receive(two, 1));
                assertSame(toThree, receive(three, 1));
                assertEquals(0, two.receive(new byte[100], 0, 100, outer));
                assertEquals(0, three.receive(new byte[100], 0, 100, outer));
            }
        }
    }

    @Test
    void wakeupEndsTheWaitAndPortsAreTaken() throws Exception {
        hosts(true);
        TransportOpener opener = opener(first);
        try (EspTransport one = opener.openUdp(address(Family.INET, 1), 500)) {
            one.nudge();
            assertTrue(one.awaitReadable());
            one.wakeup();
            assertFalse(one.awaitReadable());
            ErrnoException e =
                    assertThrows(ErrnoException.class, () -> opener(first).openUdp(address(Family.INET, 1), 500));
            assertEquals(48, e.errno());
        }
        opener.openUdp(address(Family.INET, 1), 500).close();
    }

    /** What a router would say, and what an inner sender is told. */
    @ParameterizedTest
    @ValueSource(strings = {"INET", "INET6"})
    void icmpErrorsAreSentAndReceived(Family family) throws Exception {
        hosts(false);
        boolean inet = family == Family.INET;
        try (PacketSender sender = opener(first).openPacketSender();
                IcmpReceiver receiver = opener(second).openIcmpReceiver(family)) {
            byte[] message = WirePackets.hex((inet ? "0304 0000 0000 0500" : "0200 0000 00000500") + "00".repeat(40));
            int sum = WirePackets.checksum(message, 0, message.length);
            if (inet) {
                message[2] = (byte) (sum >> 8);
                message[3] = (byte) sum;
            }
            byte[] packet = inet
                    ? WirePackets.inet("c0000201", "c0000202", 1, 0, 0, "", message)
                    : WirePackets.inet6(
                            "20010db8000000000000000000000001", "20010db8000000000000000000000002", 58, message);
            assertEquals(0, sender.send(family, packet, packet.length));
            assertTrue(receiver.awaitReadable());
            byte[] buffer = new byte[200];
            assertEquals(message.length, receiver.receive(buffer));
            assertEquals(message[0], buffer[0]);
            assertEquals(5, buffer[6]);
            assertTrue(
                    first.ping(address(family, 1).toString(), address(family, 2).toString()));
            assertEquals(0, receiver.receive(buffer), "an echo is none");
        }
    }
}
