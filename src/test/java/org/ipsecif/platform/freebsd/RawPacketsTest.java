package org.ipsecif.platform.freebsd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.IcmpReceiver;
import org.ipsecif.platform.OffloadSettings;
import org.ipsecif.platform.PacketChannel;
import org.ipsecif.platform.PacketSender;
import org.ipsecif.sa.Family;
import org.junit.jupiter.api.Test;

/** Whole packets that are sent, and ICMP errors that are received. */
class RawPacketsTest {
    private static final String SOURCE6 = "20010db8000000000000000000000001";
    private static final String DESTINATION6 = "20010db8000000000000000000000002";

    private final WireLibC libc = new WireLibC();
    private final TransportOpener opener = new TransportOpener(libc.posix(), OffloadSettings.ALL, () -> {
        throw new AssertionError("not for these");
    });

    @Test
    void inetPacketGoesOutAsItIs() throws Exception {
        try (PacketSender sender = opener.openPacketSender()) {
            assertTrue(libc.calls.contains("socket 2 30000003 255"));
            assertTrue(libc.calls.contains("setsockopt 3 0 2 01000000"));
            libc.calls.clear();
            byte[] packet = WirePackets.inet("c0000201", "c6336402", 1, 0, 0, "", WirePackets.hex("0304000000000500"));
            assertEquals(0, sender.send(Family.INET, Arrays.copyOf(packet, 100), packet.length));
            String hex = HexFormat.of().formatHex(packet);
            assertEquals(List.of("sendto 3 to 10020000c63364020000000000000000 " + hex), libc.calls);
        }
        assertEquals(List.of(), List.copyOf(libc.open));
    }

    /** Traffic class, hop limit and source by control messages, as rip6_output makes the header itself. */
    @Test
    void inet6PacketGoesOutByParts() throws Exception {
        try (PacketSender sender = opener.openPacketSender()) {
            assertTrue(libc.calls.contains("socket 28 30000003 58"));
            assertTrue(libc.calls.contains("setsockopt 4 58 18 " + "00".repeat(32)), "receives nothing");
            libc.calls.clear();
            byte[] packet = WirePackets.inet6(SOURCE6, DESTINATION6, 58, WirePackets.hex("0200beef00000500"));
            assertEquals(0, sender.send(Family.INET6, packet, packet.length));
            String controls = "14000000290000003d00000000000000b800000000000000"
                    + "14000000290000002f000000000000003d00000000000000"
                    + "24000000290000002e00000000000000" + SOURCE6 + "0000000000000000";
            String expected = "sendmsg 4 to 1c1c000000000000" + DESTINATION6 + "00000000 control " + controls
                    + " 0200beef00000500";
            assertEquals(List.of(expected), libc.calls);
        }
        assertEquals(List.of(), List.copyOf(libc.open));
    }

    @Test
    void otherProtocolsHaveSocketsOfTheirOwn() throws Exception {
        try (PacketSender sender = opener.openPacketSender()) {
            byte[] packet = WirePackets.inet6(SOURCE6, DESTINATION6, 17, new byte[8]);
            assertEquals(0, sender.send(Family.INET6, packet, packet.length));
            assertEquals(0, sender.send(Family.INET6, packet, packet.length));
            assertEquals(
                    1,
                    libc.calls.stream().filter("socket 28 30000003 17"::equals).count());
            assertEquals(
                    2,
                    libc.calls.stream()
                            .filter(each -> each.startsWith("sendmsg 5 "))
                            .count());
        }
        assertEquals(List.of(), List.copyOf(libc.open));
    }

    @Test
    void errorsAreTold() throws Exception {
        try (PacketSender sender = opener.openPacketSender()) {
            libc.refused.put("send", 65);
            byte[] inet = WirePackets.inet("c0000201", "c6336402", 1, 0, 0, "", new byte[8]);
            assertEquals(65, sender.send(Family.INET, inet, inet.length));
            byte[] inet6 = WirePackets.inet6(SOURCE6, DESTINATION6, 58, new byte[8]);
            assertEquals(65, sender.send(Family.INET6, inet6, inet6.length));
        }
    }

    @Test
    void hostWithoutInet6NeedsNone() throws Exception {
        libc.refused.put("socket 28", 47);
        try (PacketSender sender = opener.openPacketSender()) {
            byte[] packet = WirePackets.inet6(SOURCE6, DESTINATION6, 58, new byte[8]);
            assertEquals(47, sender.send(Family.INET6, packet, packet.length));
        }
        libc.refused.put("socket 28", 1);
        assertThrows(ErrnoException.class, opener::openPacketSender);
        assertEquals(List.of(), List.copyOf(libc.open));
    }

    @Test
    void icmpOfOtherTypesIsLeftOut() throws Exception {
        try (IcmpReceiver receiver = opener.openIcmpReceiver(Family.INET)) {
            assertTrue(libc.calls.contains("socket 2 30000003 1"));
            byte[] message = WirePackets.hex("0304fcfb00000500" + "4500003c");
            byte[] ping = WirePackets.hex("0800000000000000");
            libc.give(3, WirePackets.inet("c0000202", "c0000201", 1, 0, 0, "", ping));
            libc.give(3, WirePackets.inet("c0000202", "c0000201", 1, 0, 0, "94040000", message));
            byte[] buffer = new byte[2_048];
            assertEquals(message.length, receiver.receive(buffer));
            assertArrayEquals(message, Arrays.copyOf(buffer, message.length));
            assertEquals(PacketChannel.NOTHING, receiver.receive(buffer));
            libc.give(3, WirePackets.hex("4f0000"));
            assertEquals(1, receiver.receive(buffer));
        }
        assertEquals(List.of(), List.copyOf(libc.open));
    }

    /** A flood of pings may not keep the thread from seeing that it is to end. */
    @Test
    void floodOfOthersEndsAReceive() throws Exception {
        try (IcmpReceiver receiver = opener.openIcmpReceiver(Family.INET)) {
            for (int i = 0; i < 100; i++) {
                libc.give(3, WirePackets.inet("c0000202", "c0000201", 1, 0, 0, "", new byte[8]));
            }
            assertEquals(PacketChannel.NOTHING, receiver.receive(new byte[2_048]));
            assertTrue(libc.bytes.get(3).size() > 0);
        }
    }

    /** netinet/icmp6.h: a bit that is set passes. */
    @Test
    void icmp6HasAFilterForPacketTooBig() throws Exception {
        try (IcmpReceiver receiver = opener.openIcmpReceiver(Family.INET6)) {
            assertTrue(libc.calls.contains("socket 28 30000003 58"));
            assertTrue(libc.calls.contains("setsockopt 3 58 18 04000000" + "00".repeat(28)));
            byte[] message = WirePackets.hex("0200beef00000500" + "60000000");
            libc.give(3, message);
            byte[] buffer = new byte[10];
            assertEquals(10, receiver.receive(buffer));
            assertArrayEquals(Arrays.copyOf(message, 10), buffer);
            libc.empty = 9;
            assertEquals(PacketChannel.GONE, receiver.receive(buffer));
        }
        libc.refused.put("setsockopt 4 58 18", 22);
        assertThrows(ErrnoException.class, () -> opener.openIcmpReceiver(Family.INET6));
        assertEquals(List.of(), List.copyOf(libc.open));
    }
}
