package org.ipsecif.platform.freebsd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.ipsecif.platform.Datagrams;
import org.ipsecif.platform.MemoryChannel;
import org.ipsecif.platform.PacketBuffer;
import org.ipsecif.platform.PacketChannel;
import org.ipsecif.platform.UdpEndpoint;
import org.ipsecif.sa.IpAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What sockets hand over, by control messages as netinet/ip_input.c and netinet6/ip6_input.c make them. */
class SocketReceiverTest {
    private static final IpAddress LOCAL = IpAddress.parse("192.0.2.1");
    private static final IpAddress LOCAL6 = IpAddress.parse("2001:db8::1");
    private static final String FROM = "1002 1194 c6336402 0000000000000000";
    private static final String FROM6 = "1c1c 1194 00000000 20010db8000000000000000000000002 00000000";
    private static final String TOS = "11000000 00000000 44000000 00000000 b8 00000000000000";
    private static final String TTL = "11000000 00000000 41000000 00000000 3d 00000000000000";
    private static final String TCLASS = "14000000 29000000 3d000000 00000000 b8000000 00000000";
    private static final String HLIM = "14000000 29000000 2f000000 00000000 3d000000 00000000";
    private static final String ESP = "00001001 00000001 aabb";

    private final WireLibC libc = new WireLibC();
    private PacketBuffer into = MemoryChannel.buffer(16 * 65_535);
    private final Datagrams datagrams = new Datagrams(16);

    private static String info(String destination) {
        return "24000000 29000000 2e000000 00000000" + destination + "01000000 00000000";
    }

    private SocketReceiver receiver(IpAddress local, boolean raw) throws Exception {
        SocketReceiver receiver = new SocketReceiver(libc.posix(), 9, local, raw, true);
        into = MemoryChannel.buffer(receiver.receiveSize());
        return receiver;
    }

    private void come(String from, String control, String payload) {
        libc.incoming.add(new WireLibC.Incoming(from, control, payload));
    }

    private byte[] payload(int which) {
        byte[] bytes = new byte[datagrams.length(which)];
        into.bytes().get(datagrams.offset(which), bytes);
        return bytes;
    }

    private void assertCame(int which, String payload) {
        assertArrayEquals(WireLibC.bytes(payload), payload(which));
        assertEquals(0xb8, datagrams.trafficClass(which));
        assertEquals(61, datagrams.hopLimit(which));
    }

    @Test
    void udpSaysTosAndTtlByOneByteEach() throws Exception {
        SocketReceiver receiver = receiver(LOCAL, false);
        assertEquals(List.of("setsockopt 9 0 68 01000000", "setsockopt 9 0 65 01000000"), libc.calls);
        come(FROM, TTL + TOS, ESP);
        come("1002 9c40 cb007109 0000000000000000", TOS + TTL, "");
        assertEquals(2, receiver.receive(into, datagrams));
        assertCame(0, ESP);
        assertCame(1, "");
        UdpEndpoint peer = new UdpEndpoint(IpAddress.parse("198.51.100.2"), 4500);
        assertEquals(peer, receiver.source(0));
        assertTrue(receiver.isFrom(0, peer));
        assertFalse(receiver.isFrom(1, peer));
        assertFalse(receiver.isFrom(0, new UdpEndpoint(peer.address(), 4501)));
        assertEquals(new UdpEndpoint(IpAddress.parse("203.0.113.9"), 40_000), receiver.source(1));
        assertEquals(PacketChannel.NOTHING, receiver.receive(into, datagrams));
    }

    @Test
    void inet6SaysThemByAnIntEach() throws Exception {
        SocketReceiver receiver = receiver(LOCAL6, false);
        assertEquals(List.of("setsockopt 9 41 57 01000000", "setsockopt 9 41 37 01000000"), libc.calls);
        come(FROM6, HLIM + TCLASS, ESP);
        assertEquals(1, receiver.receive(into, datagrams));
        assertCame(0, ESP);
        UdpEndpoint peer = new UdpEndpoint(IpAddress.parse("2001:db8::2"), 4500);
        assertEquals(peer, receiver.source(0));
        assertTrue(receiver.isFrom(0, peer));
        assertFalse(receiver.isFrom(0, new UdpEndpoint(IpAddress.parse("2001:db8:1::2"), 4500)));
        assertFalse(receiver.isFrom(0, new UdpEndpoint(LOCAL, 4500)));
    }

    @Test
    void rawInetComesWithItsHeader() throws Exception {
        SocketReceiver receiver = receiver(LOCAL, true);
        assertEquals(List.of(), libc.calls);
        String header = "45b80000 00000000 3d320000 c6336402 c0000201";
        come(FROM, "", header + ESP);
        come(FROM, "", "46" + header.substring(2) + "94040000" + ESP);
        come(FROM, "", header.substring(0, 20));
        come(FROM, "", "4f" + header.substring(2));
        assertEquals(4, receiver.receive(into, datagrams));
        assertCame(0, ESP);
        assertCame(1, ESP);
        assertEquals(0, datagrams.length(2));
        assertEquals(0, datagrams.length(3));
    }

    /** The socket could not be bound, and gets what is for all. */
    @Test
    void rawInet6LeavesOutWhatIsForOthers() throws Exception {
        SocketReceiver receiver = receiver(LOCAL6, true);
        assertTrue(libc.calls.contains("setsockopt 9 41 36 01000000"));
        String others = info("20010db8000000000000000000000009");
        String ours = info("20010db8000000000000000000000001");
        come(FROM6, HLIM + others + TCLASS, "00002002");
        come("1c1c 0000 00000000 20010db8000000000000000000000003 00000000", ours + HLIM + TCLASS, ESP);
        come(FROM6, HLIM + TCLASS, "00003003");
        assertEquals(1, receiver.receive(into, datagrams));
        assertCame(0, ESP);
        assertEquals(new UdpEndpoint(IpAddress.parse("2001:db8::3"), 0), receiver.source(0));
        assertTrue(receiver.isFrom(0, new UdpEndpoint(IpAddress.parse("2001:db8::3"), 0)));
        come(FROM6, HLIM + others + TCLASS, "00002002");
        assertEquals(PacketChannel.NOTHING, receiver.receive(into, datagrams));
    }

    /** No kernel does so; but nothing is read from behind the room there is. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "11000000 00000000",
                "00000000 00000000 44000000 00000000 b8 00000000000000",
                "0c000000 00000000 44000000 00000000 b8 00000000000000",
                "10000000 00000000 44000000 00000000",
                "ffffff7f 00000000 44000000 00000000 b8 00000000000000",
                "ffffffff 00000000 44000000 00000000 b8 00000000000000",
                "11000000 01000000 44000000 00000000 b8 00000000000000",
            })
    void controlMessagesThatAreNoneSayNothing(String control) throws Exception {
        SocketReceiver receiver = receiver(LOCAL, false);
        come(FROM, control, ESP);
        assertEquals(1, receiver.receive(into, datagrams));
        assertEquals(0, datagrams.trafficClass(0));
        assertEquals(0, datagrams.hopLimit(0));
        assertArrayEquals(WireLibC.bytes(ESP), payload(0));
    }

    @Test
    void manyComeInOneCall() throws Exception {
        SocketReceiver receiver = receiver(LOCAL, false);
        for (int i = 0; i < 20; i++) {
            come(FROM, TTL + TOS, "000010%02x".formatted(i));
        }
        assertEquals(16, receiver.receive(into, datagrams));
        assertCame(15, "0000100f");
        assertEquals(4, receiver.receive(into, datagrams));
        assertCame(0, "00001010");
        SocketReceiver one = new SocketReceiver(libc.posix(), 9, LOCAL, false, false);
        come(FROM, TTL + TOS, "00001000");
        come(FROM, TTL + TOS, "00001001");
        assertEquals(1, one.receive(into, datagrams));
        assertEquals(1, one.receiveCount());
    }

    @Test
    void socketThatIsBrokenIsGone() throws Exception {
        SocketReceiver receiver = receiver(LOCAL, false);
        libc.empty = 9;
        assertEquals(PacketChannel.GONE, receiver.receive(into, datagrams));
    }
}
