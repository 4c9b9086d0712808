package org.ipsecif.platform.freebsd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.EspTransport;
import org.ipsecif.platform.EspTransport.Encapsulation;
import org.ipsecif.platform.OffloadSettings;
import org.ipsecif.platform.UdpEndpoint;
import org.ipsecif.platform.posix.Posix;
import org.ipsecif.sa.Family;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.wire.OuterHeader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every call that opens a transport, and what is left when one of them is refused: nothing. */
class TransportOpenerTest {
    private static final IpAddress LOCAL = IpAddress.parse("192.0.2.1");
    private static final IpAddress LOCAL6 = IpAddress.parse("2001:db8::1");

    /** struct sadb_x_policy: 16 bytes, SADB_X_EXT_POLICY, IPSEC_POLICY_BYPASS, inbound and outbound. */
    private static final String IN = "0200 1200 0400 01 00 00000000 00000000".replace(" ", "");

    private static final String OUT = "0200 1200 0400 02 00 00000000 00000000".replace(" ", "");
    private static final String HEADER_INCLUDED = "0 2 01000000";
    private static final int EPERM = 1;

    private final WireLibC libc = new WireLibC();
    private final WireLinks links = new WireLinks();

    private TransportOpener opener() {
        libc.answers.put(0x40044266L, WireLibC.bytes("00000800"));
        return new TransportOpener(libc.posix(), OffloadSettings.ALL, () -> links);
    }

    /** A socket of any kind: exempt from policies, with buffers for many datagrams. */
    private static List<String> socket(int fd, boolean inet, String kind) {
        String policy = "setsockopt " + fd + (inet ? " 0 21 " : " 41 28 ");
        return List.of(
                "socket " + (inet ? 2 : 28) + " " + kind,
                policy + IN,
                policy + OUT,
                "setsockopt " + fd + " 65535 4097 00001000",
                "setsockopt " + fd + " 65535 4098 00008000");
    }

    private static List<String> calls(Object... parts) {
        List<String> all = new ArrayList<>();
        for (Object each : parts) {
            if (each instanceof List<?> list) {
                list.forEach(call -> all.add((String) call));
            } else {
                all.add((String) each);
            }
        }
        return all;
    }

    @Test
    void udpIsReceivedByOneSocketAndSentByAnother() throws Exception {
        try (EspTransport transport = opener().openTransport(LOCAL, Encapsulation.UDP)) {
            assertEquals(
                    calls(
                            socket(3, true, "30000002 0"),
                            "setsockopt 3 0 24 01000000",
                            "bind 3 10021194c00002010000000000000000",
                            socket(4, true, "30000003 255"),
                            "setsockopt 4 " + HEADER_INCLUDED,
                            "setsockopt 3 0 68 01000000",
                            "setsockopt 3 0 65 01000000"),
                    libc.calls);
            assertEquals(Encapsulation.UDP, transport.encapsulation());
            assertEquals(LOCAL, transport.local());
            assertEquals(0, transport.dropped());
            assertEquals(3, libc.waits.get(0).fd);
            assertEquals(-1, libc.waits.get(0).other);
        }
        assertEquals(List.of(), List.copyOf(libc.open));
    }

    @Test
    void udpOverInet6TakesOneSocket() throws Exception {
        try (EspTransport transport = opener().openUdp(LOCAL6, 500)) {
            assertEquals(
                    calls(
                            socket(3, false, "30000002 0"),
                            "setsockopt 3 41 27 01000000",
                            "setsockopt 3 41 64 01000000",
                            "bind 3 1c1c01f400000000" + "20010db8000000000000000000000001" + "00000000",
                            "setsockopt 3 41 57 01000000",
                            "setsockopt 3 41 37 01000000"),
                    libc.calls);
            assertEquals(1, transport.receiveCount());
        }
        assertEquals(List.of(), List.copyOf(libc.open));
    }

    @Test
    void withoutIpsecEspIsReceivedByARawSocket() throws Exception {
        libc.refused.put("setsockopt 3 0 21", WireLibC.ENOPROTOOPT);
        try (EspTransport transport = opener().openTransport(LOCAL, Encapsulation.NO)) {
            assertEquals(
                    calls(
                            "socket 2 30000003 50",
                            "setsockopt 3 0 21 " + IN,
                            "setsockopt 3 65535 4097 00001000",
                            "setsockopt 3 65535 4098 00008000",
                            "setsockopt 3 " + HEADER_INCLUDED,
                            "setsockopt 3 0 24 01000000",
                            "bind 3 10020000c00002010000000000000000"),
                    libc.calls);
            assertEquals(Encapsulation.NO, transport.encapsulation());
        }
        assertEquals(List.of(), List.copyOf(libc.open));
    }

    /** IPv6's raw sockets know no IPV6_BINDANY (netinet6/raw_ip6.c, rip6_bind). */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void withoutIpsecInet6MayStayUnbound(boolean configured) throws Exception {
        libc.refused.put("setsockopt 3 41 28", WireLibC.ENOPROTOOPT);
        if (!configured) {
            libc.refused.put("bind", 49);
        }
        opener().openTransport(LOCAL6, Encapsulation.NO).close();
        assertEquals(
                calls(
                        "socket 28 30000003 50",
                        "setsockopt 3 41 28 " + IN,
                        "setsockopt 3 65535 4097 00001000",
                        "setsockopt 3 65535 4098 00008000",
                        "bind 3 1c1c000000000000" + "20010db8000000000000000000000001" + "00000000",
                        "setsockopt 3 41 57 01000000",
                        "setsockopt 3 41 37 01000000",
                        "setsockopt 3 41 36 01000000"),
                libc.calls);
        assertEquals(List.of(), List.copyOf(libc.open));
    }

    @Test
    void withIpsecEspIsReceivedByBpf() throws Exception {
        try (EspTransport transport = opener().openTransport(LOCAL, Encapsulation.NO)) {
            assertEquals(
                    calls(
                            socket(3, true, "30000003 50"),
                            "setsockopt 3 " + HEADER_INCLUDED,
                            "open /dev/bpf 100004",
                            "ioctl 4 c0044266 00000800",
                            "ioctl 4 40044266",
                            "ioctl 4 80044270 01000000",
                            "ioctl 4 80044277 00000000",
                            "socket 17 30000003 0",
                            "setsockopt 5 65535 131072 01000000",
                            "ioctl 4 80104267 1 0600000000000000"),
                    libc.calls);
            assertEquals(4, libc.waits.get(0).fd);
            assertEquals(5, libc.waits.get(0).other);
            assertEquals(Encapsulation.NO, transport.encapsulation());
        }
        assertEquals(List.of(), List.copyOf(libc.open));
        assertEquals(1, links.closed);
    }

    @ParameterizedTest
    @EnumSource(Family.class)
    void whatIsRefusedLeavesNothingOpen(Family family) throws Exception {
        IpAddress local = family == Family.INET ? LOCAL : LOCAL6;
        for (Encapsulation encapsulation : Encapsulation.values()) {
            for (boolean ipsec : new boolean[] {true, false}) {
                if (!ipsec) {
                    libc.refused.put("setsockopt 3 0 21", WireLibC.ENOPROTOOPT);
                    libc.refused.put("setsockopt 3 41 28", WireLibC.ENOPROTOOPT);
                }
                List<String> usual = usualCalls(local, encapsulation);
                for (int refuse = 0; refuse < usual.size(); refuse++) {
                    assertNothingIsLeft(local, encapsulation, usual.get(refuse));
                }
                libc.refused.clear();
            }
        }
    }

    private List<String> usualCalls(IpAddress local, Encapsulation encapsulation) throws ErrnoException {
        libc.calls.clear();
        reset();
        opener().openTransport(local, encapsulation).close();
        return List.copyOf(libc.calls);
    }

    private void reset() {
        libc.nextIs(3);
    }

    /** Buffers may be what they are, and some do without the error of a full routing socket. */
    private void assertNothingIsLeft(IpAddress local, Encapsulation encapsulation, String call) {
        Map<String, Integer> before = Map.copyOf(libc.refused);
        reset();
        libc.refused.putIfAbsent(call, EPERM);
        try {
            opener().openTransport(local, encapsulation).close();
            boolean optional = call.contains(" 65535 ")
                    || call.startsWith("ioctl 4 80104267")
                    || (local.family() == Family.INET6 && encapsulation == Encapsulation.NO && call.startsWith("bind"))
                    || before.keySet().stream().anyMatch(call::startsWith);
            assertTrue(optional, "refused without an error: " + call);
        } catch (ErrnoException e) {
            assertEquals(EPERM, e.errno());
        }
        assertEquals(List.of(), List.copyOf(libc.open), call);
        libc.refused.clear();
        libc.refused.putAll(before);
    }

    @Test
    void waitThatCannotBeMadeLeavesNothingOpen() {
        for (Encapsulation encapsulation : Encapsulation.values()) {
            for (IpAddress local : List.of(LOCAL, LOCAL6)) {
                var posix = new Posix(libc, (fd, other) -> {
                    throw new ErrnoException("kqueue", 24, "too many");
                });
                opener();
                TransportOpener opener = new TransportOpener(posix, OffloadSettings.ALL, () -> links);
                assertThrows(ErrnoException.class, () -> opener.openTransport(local, encapsulation));
                assertEquals(List.of(), List.copyOf(libc.open));
            }
        }
        assertEquals(2, links.closed);
    }

    @Test
    void linksThatCannotBeOpenedLeaveNothingOpen() {
        opener();
        TransportOpener opener = new TransportOpener(libc.posix(), OffloadSettings.ALL, () -> {
            throw new ErrnoException("socket", 24, "too many");
        });
        assertThrows(ErrnoException.class, () -> opener.openTransport(LOCAL, Encapsulation.NO));
        assertEquals(List.of(), List.copyOf(libc.open));
    }

    @Test
    void bpfThatIsMissingSaysWhatDoesWithout() {
        libc.refused.put("open", 2);
        ErrnoException e = assertThrows(ErrnoException.class, () -> opener().openTransport(LOCAL, Encapsulation.NO));
        assertTrue(e.getMessage().contains("/dev/bpf") && e.getMessage().contains("UDP"), e.getMessage());
    }

    @Test
    void portInUseIsTold() {
        libc.refused.put("bind", 48);
        ErrnoException e = assertThrows(ErrnoException.class, () -> opener().openTransport(LOCAL, Encapsulation.UDP));
        assertEquals(48, e.errno());
        assertTrue(e.getMessage().contains("192.0.2.1 port 4500"), e.getMessage());
    }

    /** kern.ipc.maxsockbuf: the most that is allowed is taken. */
    @Test
    void buffersAreAsLargeAsTheSystemAllows() throws Exception {
        for (String refused : List.of("00008000", "00004000", "00002000")) {
            libc.refused.put("setsockopt 3 65535 4098 " + refused, 55);
        }
        opener().openTransport(LOCAL6, Encapsulation.UDP).close();
        assertTrue(libc.calls.contains("setsockopt 3 65535 4098 00001000"));
        assertFalse(libc.calls.contains("setsockopt 3 65535 4098 00000800"));
    }

    @Test
    void oneThatIsOpenSendsAndHandsOutOneByOne() throws Exception {
        try (EspTransport transport = opener().openTransport(LOCAL, Encapsulation.UDP)) {
            libc.calls.clear();
            OuterHeader outer = new OuterHeader();
            outer.set(0xb8, 64, 0, true);
            byte[] packet = WireLibC.bytes("ffff 00001001 00000001");
            UdpEndpoint peer = new UdpEndpoint(IpAddress.parse("198.51.100.2"), 4500);
            assertEquals(0, transport.send(packet, 2, 8, peer, outer));
            assertEquals(
                    List.of("sendmsg 4 to 10020000c63364020000000000000000 control - "
                            + "45b800240000400040110000c0000201c6336402" + "1194119400100000" + "0000100100000001"),
                    libc.calls);
            String from = "10021194c63364020000000000000000";
            libc.incoming.add(new WireLibC.Incoming(from, "", "00001001"));
            libc.incoming.add(new WireLibC.Incoming("10021195c63364020000000000000000", "", ""));
            byte[] buffer = new byte[100];
            assertEquals(4, transport.receive(buffer, 1, 99, outer));
            assertEquals(0x10, buffer[3]);
            assertEquals(peer, transport.source());
            assertEquals(1, transport.receive(buffer, 0, 99, outer));
            assertEquals(0, buffer[0]);
            assertEquals(new UdpEndpoint(peer.address(), 4501), transport.source());
            assertEquals(0, transport.receive(buffer, 0, 99, outer));
        }
    }
}
