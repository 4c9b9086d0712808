package org.ipsecif.platform.freebsd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.ipsecif.platform.Datagrams;
import org.ipsecif.platform.EspTransport;
import org.ipsecif.platform.EspTransport.Encapsulation;
import org.ipsecif.platform.LinkConfigurer.Route;
import org.ipsecif.platform.OffloadSettings;
import org.ipsecif.platform.PacketBuffer;
import org.ipsecif.platform.PacketChannel;
import org.ipsecif.platform.UdpEndpoint;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.wire.OuterHeader;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** ESP by bpf(4): which interface is read and when, what comes of what was read, and that nothing is lost without being counted. */
class BpfTransportTest {
    private static final IpAddress LOCAL = IpAddress.parse("192.0.2.1");
    private static final IpAddress LOCAL6 = IpAddress.parse("2001:db8::1");
    private static final UdpEndpoint PEER = new UdpEndpoint(IpAddress.parse("198.51.100.2"), 0);
    private static final String US = "c0000201";
    private static final String FROM = "c6336402";
    private static final int BPF = 4;
    private static final int ROUTING = 5;
    private static final long BIOCGDLT = 0x4004426aL;
    private static final long BIOCGSTATS = 0x4008426fL;
    private static final String NOTHING = "ioctl 4 80104267 1 0600000000000000";
    private static final int ENXIO = 6;

    private final WireLibC libc = new WireLibC();
    private final WireLinks links = new WireLinks();
    private final OuterHeader outer = new OuterHeader();
    private EspTransport transport;
    private PacketBuffer into;
    private Datagrams datagrams;

    @BeforeEach
    void host() {
        libc.answers.put(0x40044266L, WireLibC.bytes("00000800"));
        interfaces("lo0", "em0", "em1");
        libc.flags.put("lo0", 0x8049);
        libc.flags.put("em0", 0x8843);
        libc.flags.put("em1", 0x8843);
        linkType(1);
    }

    private void interfaces(String... names) {
        for (int i = 0; i < names.length; i++) {
            libc.names.put(i + 1, names[i]);
        }
    }

    private void linkType(int number) {
        libc.answers.put(BIOCGDLT, new byte[] {(byte) number, 0, 0, 0});
    }

    private EspTransport open(IpAddress local) throws Exception {
        transport = new TransportOpener(libc.posix(), OffloadSettings.ALL, () -> links)
                .openTransport(local, Encapsulation.NO);
        into = transport.newBuffer(transport.receiveSize());
        datagrams = new Datagrams(transport.receiveCount());
        return transport;
    }

    /** What was asked of the device, without what is the same at every opening. */
    private List<String> device() {
        List<String> calls = new ArrayList<>(libc.calls);
        calls.removeIf(each -> !each.startsWith("ioctl 4 ") || each.matches("ioctl 4 (c0044266|40044266|8004427).*"));
        libc.calls.clear();
        return calls;
    }

    private static List<String> attach(String name, IpAddress local, int linkType) {
        String hex = HexFormat.of().formatHex(Arrays.copyOf(name.getBytes(StandardCharsets.US_ASCII), 32));
        byte[] program = EspFilter.to(local, linkType);
        return List.of(
                NOTHING,
                "ioctl 4 8020426c " + hex,
                "ioctl 4 4004426a",
                "ioctl 4 80104267 " + program.length / 8 + " " + HexFormat.of().formatHex(program));
    }

    private static byte[] esp(int spi, int length) {
        byte[] bytes = new byte[length];
        ByteBuffer.wrap(bytes).putInt(0, spi);
        for (int i = 4; i < length; i++) {
            bytes[i] = (byte) (spi + i);
        }
        return bytes;
    }

    private static byte[] frame(byte[] packet) {
        return WirePackets.record(WirePackets.ethernet(0x0800, packet));
    }

    private static byte[] frame(int spi, int length) {
        return frame(WirePackets.inet(FROM, US, 50, 1, 0x4000, "", esp(spi, length)));
    }

    private int receive() {
        int result = transport.receive(into, datagrams);
        assertEquals(Math.max(result, 0), datagrams.count());
        return result;
    }

    private byte[] came(int which) {
        byte[] bytes = new byte[datagrams.length(which)];
        into.bytes().get(datagrams.offset(which), bytes);
        return bytes;
    }

    private void routing(int type) {
        byte[] message = new byte[168];
        message[2] = 5;
        message[3] = (byte) type;
        libc.give(ROUTING, message);
        libc.waits.get(0).otherReady = true;
    }

    /** As a worker does: until there is nothing, then it waits. */
    private int receiveAll() {
        int sum = 0;
        for (int count = receive(); count > 0; count = receive()) {
            sum += count;
        }
        libc.waits.get(0).otherReady =
                libc.bytes.containsKey(ROUTING) && !libc.bytes.get(ROUTING).isEmpty();
        return sum;
    }

    @Test
    void interfaceWithTheAddressIsRead() throws Exception {
        links.set(1, "127.0.0.1");
        links.set(2, "192.0.2.7", "192.0.2.1");
        links.set(3, "203.0.113.1");
        try (EspTransport opened = open(LOCAL)) {
            assertEquals(attach("em0", LOCAL, 1), device());
            libc.give(BPF, WirePackets.join(frame(0x1001, 50), frame(0x1002, 99), frame(0x1003, 8)));
            assertEquals(3, receive());
            assertArrayEquals(esp(0x1001, 50), came(0));
            assertArrayEquals(esp(0x1002, 99), came(1));
            assertArrayEquals(esp(0x1003, 8), came(2));
            assertEquals(0xb8, datagrams.trafficClass(1));
            assertEquals(61, datagrams.hopLimit(1));
            assertEquals(PEER, opened.source(1));
            assertTrue(opened.isFrom(1, new UdpEndpoint(PEER.address(), 4500)));
            assertFalse(opened.isFrom(1, new UdpEndpoint(LOCAL, 0)));
            assertEquals(PacketChannel.NOTHING, receive());
            assertEquals(0, opened.dropped());
        }
        assertEquals(List.of(), List.copyOf(libc.open));
    }

    @Test
    void inet6IsReadToo() throws Exception {
        links.set(2, "2001:db8::1");
        linkType(12);
        try (EspTransport opened = open(LOCAL6)) {
            assertEquals(attach("em0", LOCAL6, 12), device());
            byte[] packet = WirePackets.inet6(
                    "20010db8000000000000000000000002", "20010db8000000000000000000000001", 50, esp(0x1001, 40));
            libc.give(BPF, WirePackets.record(packet, packet.length, 32));
            assertEquals(1, receive());
            assertArrayEquals(esp(0x1001, 40), came(0));
            assertEquals(new UdpEndpoint(IpAddress.parse("2001:db8::2"), 0), opened.source(0));
        }
    }

    @Test
    void addressMayComeLaterAndMove() throws Exception {
        try (EspTransport opened = open(LOCAL)) {
            assertEquals(List.of(NOTHING), device());
            assertEquals(0, receiveAll());
            links.set(2, "192.0.2.1");
            routing(12); // RTM_NEWADDR
            assertEquals(0, receiveAll());
            assertEquals(attach("em0", LOCAL, 1), device());
            links.set(2);
            links.set(3, "192.0.2.1");
            linkType(0);
            routing(13); // RTM_DELADDR
            routing(12);
            assertEquals(0, receiveAll());
            assertEquals(attach("em1", LOCAL, 0), device());
            byte[] packet = WirePackets.join(
                    WirePackets.hex("02000000"), WirePackets.inet(FROM, US, 50, 1, 0, "", esp(0x1001, 40)));
            libc.give(BPF, WirePackets.record(packet, packet.length, 28));
            assertEquals(1, receive());
            assertArrayEquals(esp(0x1001, 40), came(0));
            assertEquals(0, receiveAll());
            links.set(3);
            routing(13);
            assertEquals(0, receiveAll());
            assertEquals(List.of(NOTHING), device(), "lest it be ready all the time and nobody read it");
            assertEquals(0, opened.dropped());
        }
    }

    /** What came by the one before is taken before the next is read. */
    @Test
    void nothingThatWasReadIsLostWhenItMoves() throws Exception {
        links.set(2, "192.0.2.1");
        try (EspTransport opened = open(LOCAL)) {
            byte[] all = new byte[0];
            for (int i = 0; i < 150; i++) {
                all = WirePackets.join(all, frame(0x1000 + i, 60));
            }
            libc.give(BPF, all);
            assertEquals(64, receive());
            links.set(2);
            links.set(3, "192.0.2.1");
            linkType(12);
            routing(12);
            assertEquals(64, receive());
            assertArrayEquals(esp(0x1000 + 64, 60), came(0));
            assertEquals(22, receive());
            assertArrayEquals(esp(0x1000 + 149, 60), came(21));
            assertEquals(0, receiveAll());
            assertEquals(0, receiveAll());
            assertEquals(attach("em1", LOCAL, 12).get(1), device().get(5));
            assertEquals(0, opened.dropped());
        }
    }

    @Test
    void othersAffairsAreNoReasonToLook() throws Exception {
        links.set(2, "192.0.2.1");
        try (EspTransport opened = open(LOCAL)) {
            receiveAll();
            int looks = links.looks;
            routing(1); // RTM_ADD
            routing(2); // RTM_DELETE
            receiveAll();
            assertEquals(looks, links.looks);
            routing(17); // RTM_IFANNOUNCE
            receiveAll();
            assertEquals(looks + 1, links.looks);
            for (int i = 0; i < 32; i++) { // a queue that may have been full
                routing(1);
            }
            receiveAll();
            assertEquals(looks + 2, links.looks);
            assertEquals(LOCAL, opened.local());
        }
    }

    /** FreeBSD 14 says so (SO_RERROR of getsockopt(2)). */
    @Test
    void lossOfNoticesIsAReasonToLook() throws Exception {
        links.set(2, "192.0.2.1");
        try (EspTransport opened = open(LOCAL)) {
            receiveAll();
            int looks = links.looks;
            libc.failures.put(ROUTING, new ArrayDeque<>(List.of(55)));
            routing(1);
            receiveAll();
            assertEquals(looks + 1, links.looks);
            assertEquals(LOCAL, opened.local());
        }
    }

    @Test
    void interfaceThatWentAndCameIsReadAnew() throws Exception {
        links.set(2, "192.0.2.1");
        try (EspTransport opened = open(LOCAL)) {
            receiveAll();
            device();
            libc.empty = ENXIO;
            links.set(2);
            assertEquals(PacketChannel.NOTHING, receive());
            libc.empty = WireLibC.EAGAIN;
            assertEquals(List.of(NOTHING), device());
            links.set(2, "192.0.2.1");
            routing(17);
            receiveAll();
            assertEquals(attach("em0", LOCAL, 1), device());
            assertEquals(0, opened.dropped());
        }
    }

    /** A router's address often is that of lo0: then packets come in where those to the peer go out. */
    @Test
    void loopbackAddressIsReceivedTowardsThePeer() throws Exception {
        links.set(1, "127.0.0.1", "192.0.2.1");
        links.routes.put(PEER.address(), new Route(3, 1500));
        try (EspTransport opened = open(LOCAL)) {
            assertEquals(List.of(NOTHING), device());
            receiveAll();
            outer.set(0, 64, 0, false);
            assertEquals(0, opened.send(esp(1, 40), 0, 40, PEER, outer));
            assertEquals(1, libc.waits.get(0).nudges);
            receiveAll();
            assertEquals(attach("em1", LOCAL, 1), device());
            assertEquals(0, opened.send(esp(1, 40), 0, 40, PEER, outer));
            assertEquals(1, libc.waits.get(0).nudges);
            links.routes.put(PEER.address(), new Route(2, 1500));
            routing(1);
            receiveAll();
            assertEquals(attach("em0", LOCAL, 1), device());
        }
    }

    @Test
    void unknownLinkLayerIsNotRead() throws Exception {
        links.set(2, "192.0.2.1");
        linkType(105);
        try (EspTransport opened = open(LOCAL)) {
            assertEquals(attach("em0", LOCAL, 1).subList(0, 3), device());
            libc.give(BPF, frame(0x1001, 50));
            assertEquals(PacketChannel.NOTHING, receive());
            assertEquals(LOCAL, opened.local());
        }
    }

    @Test
    void fragmentsArePutTogether() throws Exception {
        links.set(2, "192.0.2.1");
        try (EspTransport opened = open(LOCAL)) {
            byte[] whole = esp(0x1001, 2_000);
            byte[] first = WirePackets.inet(FROM, US, 50, 9, 0x2000, "", Arrays.copyOf(whole, 1_480));
            byte[] last = WirePackets.inet(FROM, US, 50, 9, 185, "", Arrays.copyOfRange(whole, 1_480, 2_000));
            libc.give(BPF, WirePackets.join(frame(last), frame(0x1002, 60)));
            libc.give(BPF, WirePackets.join(frame(0x1003, 60), frame(first), frame(0x1004, 60)));
            assertEquals(1, receive());
            assertEquals(3, receive());
            assertArrayEquals(esp(0x1003, 60), came(0));
            assertArrayEquals(whole, came(1));
            assertArrayEquals(esp(0x1004, 60), came(2));
            assertEquals(PEER, opened.source(1));
            assertEquals(0, opened.dropped());
        }
    }

    @Test
    void longestPacketsAreTakenAFewAtATime() throws Exception {
        links.set(2, "192.0.2.1");
        try (EspTransport opened = open(LOCAL)) {
            byte[] one = frame(0x1001, 65_515);
            libc.give(BPF, WirePackets.join(one, one, one, one, one, one, one));
            assertEquals(4, receive());
            assertEquals(3, receive());
            assertArrayEquals(esp(0x1001, 65_515), came(2));
            assertEquals(0, opened.dropped());
        }
    }

    @Test
    void whatIsLostIsCounted() throws Exception {
        links.set(2, "192.0.2.1");
        try (EspTransport opened = open(LOCAL)) {
            byte[] packet = WirePackets.ethernet(0x0800, WirePackets.inet(FROM, US, 50, 1, 0, "", esp(0x1001, 60)));
            byte[] cut = WirePackets.record(packet, packet.length - 1, 26);
            byte[] wrong = WirePackets.inet(FROM, US, 50, 1, 0, "", esp(0x1001, 60));
            wrong[8] ^= 1;
            byte[] impossible = WirePackets.inet(FROM, US, 50, 1, 0x2000, "", esp(0x1001, 61));
            libc.give(BPF, WirePackets.join(cut, frame(wrong), frame(impossible), frame(0x1002, 60)));
            assertEquals(1, receive());
            assertArrayEquals(esp(0x1002, 60), came(0));
            assertEquals(3, opened.dropped());
            ByteBuffer stats = ByteBuffer.allocate(8).order(ByteOrder.nativeOrder());
            libc.answers.put(BIOCGSTATS, stats.putInt(0, 1_000).putInt(4, 40).array());
            assertEquals(43, opened.dropped());
            links.set(2);
            links.set(3, "192.0.2.1");
            receiveAll();
            routing(12);
            receiveAll();
            libc.answers.put(BIOCGSTATS, stats.putInt(4, 2).array().clone());
            assertEquals(45, opened.dropped());
            links.set(3);
            routing(13);
            receiveAll();
            assertEquals(45, opened.dropped(), "also once no interface is read");
        }
    }

    /** A flood of what is none may not keep the thread from seeing that it is to end. */
    @Test
    void batchOfRubbishEndsAReceive() throws Exception {
        links.set(2, "192.0.2.1");
        try (EspTransport opened = open(LOCAL)) {
            byte[] wrong = WirePackets.inet(FROM, US, 50, 1, 0, "", esp(0x1001, 60));
            wrong[8] ^= 1;
            libc.give(BPF, frame(wrong));
            libc.give(BPF, frame(wrong));
            assertEquals(PacketChannel.NOTHING, receive());
            assertEquals(1, opened.dropped());
        }
    }

    @Test
    void deviceThatIsBrokenIsGone() throws Exception {
        links.set(2, "192.0.2.1");
        try (EspTransport opened = open(LOCAL)) {
            libc.empty = 9;
            int result = 0;
            for (int i = 0; i < 1_000 && result == 0; i++) {
                result = receive();
            }
            assertEquals(PacketChannel.GONE, result);
            assertEquals(LOCAL, opened.local());
        }
    }

    @Test
    void whatIsSentNeedsNoInterface() throws Exception {
        try (EspTransport opened = open(LOCAL)) {
            libc.calls.clear();
            outer.set(0xb8, 64, 0, true);
            assertEquals(0, opened.send(esp(0x1001, 8), 0, 8, PEER, outer));
            assertEquals(
                    List.of("sendmsg 3 to 10020000c63364020000000000000000 control - "
                            + "45b8001c0000400040320000c0000201c6336402" + "0000100105060708"),
                    libc.calls);
        }
    }
}
