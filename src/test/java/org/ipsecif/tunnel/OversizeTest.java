package org.ipsecif.tunnel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.ipsecif.platform.EspTransport.Encapsulation;
import org.ipsecif.sa.Direction;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.sa.IpPrefix;
import org.ipsecif.sa.OuterHeaderSettings.Df;
import org.ipsecif.sa.PacketSettings;
import org.ipsecif.sa.Selector;
import org.ipsecif.sa.Selector.PortRange;
import org.ipsecif.sa.Verdict;
import org.ipsecif.wire.Bytes;
import org.ipsecif.wire.Checksum;
import org.ipsecif.wire.PacketView;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** RFC 4301 section 8: what is longer than the interface or the path is cut, answered, or sent for others to cut. */
class OversizeTest {
    private static final IpAddress LEFT = IpAddress.parse("10.0.0.1");
    private static final IpAddress RIGHT = IpAddress.parse("10.0.0.2");

    /** AES-CBC with HMAC-SHA1-96 in IPv4: 20 + 8 + 16 + text of blocks of 16, of which 2 are trailer + 12. */
    private static final int FITS_1500 = 1_438;

    private final HostEnd a = new HostEnd(HostEnd.A, HostEnd.B, Encapsulation.NO);
    private final HostEnd b = new HostEnd(HostEnd.B, HostEnd.A, Encapsulation.NO);

    @AfterEach
    void close() {
        a.close();
        b.close();
    }

    private static byte[] inner(int length, boolean dontFragment) {
        byte[] packet = HostEnd.inner4(LEFT, RIGHT, 17, length);
        for (int i = 28; i < length; i++) {
            packet[i] = (byte) (i * 7);
        }
        Bytes.put16(packet, 4, 0x7777);
        Bytes.put16(packet, 6, dontFragment ? 0x4000 : 0);
        Bytes.put16(packet, 10, 0);
        Bytes.put16(packet, 10, Checksum.of(packet, 0, 20));
        return packet;
    }

    private void df(Df df) {
        a.settings(PacketSettings.DEFAULT.withHeader(
                PacketSettings.DEFAULT.header().withDf(df)));
    }

    /** What B's host gets of all that A sent, in order. */
    private List<byte[]> delivered() {
        a.wire.sent.forEach(b::receives);
        a.wire.sent.clear();
        return new ArrayList<>(b.device.delivered);
    }

    private int longestSent() {
        return 20 + a.wire.sent.stream().mapToInt(packet -> packet.length).max().orElse(0);
    }

    private void assertReply(byte[] offending, int mtu) {
        byte[] reply = a.replies.sent.remove();
        boolean inet = offending[0] >>> 4 == 4;
        int icmp = inet ? 20 : 40;
        assertEquals(inet ? 0x0304 : 0x0200, Bytes.u16(reply, icmp));
        assertEquals(mtu, Bytes.i32(reply, icmp + 4));
        for (int i = icmp + 8; i < reply.length; i++) {
            assertEquals(offending[i - icmp - 8], reply[i], "quoted byte " + (i - icmp - 8));
        }
        PacketView view = new PacketView();
        assertTrue(view.parse(reply, 0, reply.length));
        IpAddress source = inet ? IpAddress.parse("10.0.0.1") : IpAddress.parse("2001:db8:1::1");
        assertEquals(source.low(), view.sourceLow());
        assertEquals(source.high(), view.sourceHigh());
        assertEquals(1, a.tunnel.verdicts().get(Verdict.OUTBOUND_TOO_BIG));
        assertEquals(0, a.wire.sent.size());
    }

    @Test
    void theLongestThatFitsGoesWholeAndOneMoreIsCut() {
        a.mtu(9_000);
        a.sends(inner(FITS_1500, false));
        assertEquals(1, a.wire.sent.size());
        assertEquals(20 + 8 + 16 + 1_440 + 12, longestSent());
        assertEquals(1, delivered().size());
        a.sends(inner(FITS_1500 + 1, false));
        assertEquals(2, a.wire.sent.size());
        assertTrue(longestSent() <= 1_500);
    }

    @ParameterizedTest
    @EnumSource(Df.class)
    void whatMayBeCutIsCutBeforeEncapsulation(Df df) {
        df(df);
        a.mtu(9_000);
        byte[] packet = inner(8_000, false);
        a.sends(packet);
        assertTrue(longestSent() <= 1_500);
        byte[] payload = new byte[8_000 - 20];
        int next = 0;
        for (byte[] fragment : delivered()) {
            PacketView view = new PacketView();
            assertTrue(view.parse(fragment, 0, fragment.length));
            assertEquals(next, view.fragmentOffset());
            System.arraycopy(fragment, 20, payload, next, fragment.length - 20);
            next += fragment.length - 20;
        }
        for (int i = 0; i < payload.length; i++) {
            assertEquals(packet[20 + i], payload[i]);
        }
        assertEquals(0, a.replies.sent.size());
    }

    @Test
    void withDfCopiedTheSenderIsTold() {
        df(Df.COPY);
        a.mtu(9_000);
        byte[] packet = inner(FITS_1500 + 1, true);
        a.sends(packet);
        assertReply(packet, FITS_1500);
    }

    @Test
    void withDfSetAnIpv6SenderIsTold() {
        df(Df.SET);
        a.mtu(9_000);
        byte[] packet = HostEnd.inner6(FITS_1500 + 1 - 40);
        a.sends(packet);
        assertReply(packet, FITS_1500);
    }

    @Test
    void withDfClearTheOuterPacketMayBeCutInstead() {
        a.mtu(9_000);
        a.sends(inner(8_000, true));
        assertEquals(1, a.wire.sent.size());
        HostEnd.Sent header = a.wire.headers.remove();
        assertFalse(header.dontFragment());
        assertTrue(header.cut());
        assertEquals(8_000, delivered().get(0).length);
        a.sends(inner(FITS_1500, true));
        assertFalse(a.wire.headers.remove().cut());
    }

    @Test
    void whatIsLongerThanTheInterfaceIsAnsweredWithItsMtu() {
        a.mtu(1_300);
        byte[] packet = inner(1_301, true);
        a.sends(packet);
        assertReply(packet, 1_300);
        a.sends(inner(1_301, false));
        assertEquals(2, a.wire.sent.size());
        assertEquals(2, delivered().size());
    }

    /** RFC 8200 section 5: nobody sends IPv6 packets of less than 1,280 bytes because he was asked. */
    @Test
    void ipv6PacketsOf1280BytesAlwaysPass() {
        df(Df.SET);
        assertTrue(a.pathMtu.lower(600, 0));
        a.sends(HostEnd.inner6(1_240));
        assertEquals(1, a.wire.sent.size());
        HostEnd.Sent header = a.wire.headers.remove();
        assertFalse(header.dontFragment());
        assertTrue(header.cut());
        byte[] longer = HostEnd.inner6(1_241);
        a.wire.sent.clear();
        a.sends(longer);
        assertReply(longer, 1_280);
    }

    @Test
    void loweredPathAppliesToTheNextPacket() {
        df(Df.COPY);
        a.sends(inner(1_300, true));
        assertEquals(1, a.wire.sent.size());
        assertTrue(a.pathMtu.lower(1_200, 0));
        a.wire.sent.clear();
        byte[] packet = inner(1_300, true);
        a.sends(packet);
        assertReply(packet, 1_134); // 1,200 - 20 - 8 - 16 - 12 = 1,144, of which 71 blocks, without the trailer
    }

    /** RFC 4301 section 7: a policy with ports could not match a later fragment. */
    @Test
    void underAPolicyWithPortsNothingIsCutBeforeEncapsulation() {
        a.mtu(9_000);
        a.policies(List.of(HostEnd.policy(
                Direction.OUTBOUND,
                new Selector(IpPrefix.ANY_INET, IpPrefix.ANY_INET, 17, PortRange.ANY, new PortRange(0, 1_000)),
                HostEnd.A,
                HostEnd.B,
                100)));
        a.sends(inner(2_000, false));
        assertEquals(1, a.wire.sent.size());
    }

    @Test
    void routeThatGotNarrowerCostsOnlyDf() {
        df(Df.SET);
        a.wire.narrowTo = 1_000;
        byte[] packet = inner(1_200, true);
        a.sends(packet);
        assertEquals(1, a.events.routeTooSmall);
        assertFalse(a.wire.headers.remove().dontFragment());
        assertArrayEquals(packet, delivered().get(0));
        a.sends(packet);
        assertEquals(1, a.events.routeTooSmall); // once a second, not per packet
        assertEquals(1, a.wire.sent.size());
    }

    @Test
    void answersAreLimitedAndTheRestCounted() {
        df(Df.COPY);
        a.mtu(9_000);
        for (int i = 0; i < 1_000; i++) {
            a.sends(inner(2_000, true));
        }
        assertEquals(200, a.replies.sent.size());
        assertEquals(200, a.tunnel.verdicts().get(Verdict.OUTBOUND_TOO_BIG));
        assertEquals(800, a.tunnel.verdicts().get(Verdict.OUTBOUND_TOO_BIG_SILENT));
        a.nanos += 500_000_000L;
        for (int i = 0; i < 1_000; i++) {
            a.sends(inner(2_000, true));
        }
        assertEquals(300, a.replies.sent.size());
    }

    @Test
    void segmentSizeIsLoweredBothWays() {
        a.settings(PacketSettings.DEFAULT.withMss(PacketSettings.MSS_AUTO));
        b.settings(PacketSettings.DEFAULT.withMss(1_000));
        byte[] syn = HostEnd.inner4(LEFT, RIGHT, 6, 44);
        syn[32] = 6 << 4;
        syn[33] = 2;
        Bytes.put32(syn, 40, 0x020405b4);
        a.mtu(1_300);
        a.sends(syn.clone());
        b.settings(PacketSettings.DEFAULT);
        assertEquals(1_260, Bytes.u16(delivered().get(0), 42));
        b.device.delivered.clear();
        b.settings(PacketSettings.DEFAULT.withMss(1_000));
        a.sends(syn.clone());
        assertEquals(1_000, Bytes.u16(delivered().get(0), 42));
    }
}
