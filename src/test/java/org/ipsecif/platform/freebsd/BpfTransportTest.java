package org.ipsecif.platform.freebsd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import org.ipsecif.platform.EspTransport;
import org.ipsecif.platform.PacketChannel;
import org.ipsecif.platform.UdpEndpoint;
import org.ipsecif.sa.IpAddress;
import org.junit.jupiter.api.Test;

/** ESP by bpf(4): what comes of what was read, and that nothing is lost without being counted. */
class BpfTransportTest extends BpfHost {
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
