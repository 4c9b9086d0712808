package org.ipsecif.tunnel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.ipsecif.esp.EspEncapsulator;
import org.ipsecif.platform.EspTransport.Encapsulation;
import org.ipsecif.sa.Direction;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.sa.IpPrefix;
import org.ipsecif.sa.IpsecMode;
import org.ipsecif.sa.Level;
import org.ipsecif.sa.PacketSettings;
import org.ipsecif.sa.PolicyAction;
import org.ipsecif.sa.PolicyScope;
import org.ipsecif.sa.SecurityPolicy;
import org.ipsecif.sa.Selector;
import org.ipsecif.sa.TransformTemplate;
import org.ipsecif.sa.Verdict;
import org.ipsecif.wire.Bytes;
import org.ipsecif.wire.Checksum;
import org.ipsecif.wire.IcmpTooBig;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Transport mode (RFC 4303 section 3.1.1): the packet's own header stays outside, and comes back as it arrived. */
class TransportModeTest {
    private static final int GRE = 47;
    private static final IpAddress A = HostEnd.A;
    private static final IpAddress B = HostEnd.B;
    private static final IpAddress A6 = IpAddress.parse("2001:db8:ff::1");
    private static final IpAddress B6 = IpAddress.parse("2001:db8:ff::2");

    private final HostEnd a = end(A, B);
    private final HostEnd b = end(B, A);

    @AfterEach
    void close() {
        a.close();
        b.close();
    }

    private static HostEnd end(IpAddress local, IpAddress remote) {
        HostEnd end = new HostEnd(local, remote, Encapsulation.NO);
        end.policies(
                List.of(policy(Direction.OUTBOUND, local, remote, GRE), policy(Direction.INBOUND, remote, local, GRE)));
        return end;
    }

    private static SecurityPolicy policy(Direction direction, IpAddress from, IpAddress to, int protocol) {
        IpAddress none = IpPrefix.any(from.family()).address();
        return new SecurityPolicy(
                "p",
                direction,
                new Selector(
                        IpPrefix.host(from),
                        IpPrefix.host(to),
                        protocol,
                        Selector.PortRange.ANY,
                        Selector.PortRange.ANY),
                PolicyAction.PROTECT,
                List.of(new TransformTemplate(IpsecMode.TRANSPORT, none, none, Level.UNIQUE, 100)),
                1,
                new PolicyScope.IfId(100));
    }

    /** As the kernel's GRE sends it: TOS 0x28, TTL 33, DF. */
    private static byte[] gre(IpAddress from, IpAddress to, int payload) {
        byte[] packet = HostEnd.inner4(from, to, GRE, 20 + payload);
        packet[1] = 0x28;
        packet[6] = 0x40;
        packet[8] = 33;
        for (int i = 20; i < packet.length; i++) {
            packet[i] = (byte) i;
        }
        return checksummed(packet);
    }

    private static byte[] checksummed(byte[] packet) {
        Bytes.put16(packet, 10, 0);
        Bytes.put16(packet, 10, Checksum.of(packet, 0, 20));
        return packet;
    }

    private static byte[] gre6(int payload) {
        byte[] packet = new byte[40 + payload];
        Bytes.put32(packet, 0, 0x6280_0000);
        Bytes.put32(packet, 4, payload << 16 | GRE << 8 | 33);
        System.arraycopy(A6.toBytes(), 0, packet, 8, 16);
        System.arraycopy(B6.toBytes(), 0, packet, 24, 16);
        packet[40] = 7;
        return packet;
    }

    @Test
    void packetComesOutAsItWentInAndItsHeaderIsTheOuterOne() {
        byte[] packet = gre(A, B, 100);
        a.sends(packet);
        assertEquals(new HostEnd.Sent(0x28, 33, 0, true, false), a.wire.headers.remove());
        b.wire.trafficClass = 0x28;
        b.wire.hopLimit = 33;
        b.receives(a.wire.sent.remove());
        assertArrayEquals(packet, b.device.delivered.remove());
        assertEquals(120, a.tunnel.outbound().bytes());
        assertEquals(120, b.tunnel.inbound().bytes());
    }

    @Test
    void onlyThePayloadIsEncapsulated() {
        a.sends(gre(A, B, 100));
        assertEquals(EspEncapsulator.espLength(a.send, 100), a.wire.sent.remove().length);
    }

    @Test
    void headerAsItArrivedReachesTheHost() {
        a.sends(gre(A, B, 100));
        b.wire.trafficClass = 0x2b; // congestion met on the way: the tunnel's own business
        b.wire.hopLimit = 30;
        b.receives(a.wire.sent.remove());
        byte[] expected = gre(A, B, 100);
        expected[1] = 0x2b;
        expected[8] = 30;
        assertArrayEquals(checksummed(expected), b.device.delivered.remove());
    }

    @Test
    void inet6PacketComesOutAsItWentIn() {
        try (HostEnd a6 = end(A6, B6);
                HostEnd b6 = end(B6, A6)) {
            byte[] packet = gre6(100);
            a6.sends(packet);
            b6.wire.trafficClass = 0x28;
            b6.wire.hopLimit = 33;
            b6.receives(a6.wire.sent.remove());
            assertArrayEquals(packet, b6.device.delivered.remove());
        }
    }

    static Stream<byte[]> notCarried() {
        byte[] first = gre(A, B, 100);
        first[6] = 0x20;
        byte[] options = gre(A, B, 100);
        options[0] = 0x46;
        return Stream.of(checksummed(first), options);
    }

    @Test
    void fragmentsAndOptionsAreRefused() {
        notCarried().forEach(a::sends);
        assertEquals(2, a.tunnel.verdicts().get(Verdict.OUTBOUND_NOT_TRANSPORT));
        assertEquals(0, a.wire.sent.size());
    }

    @Test
    void othersAddressesAreRefusedWhateverThePolicy() {
        a.policies(List.of(new SecurityPolicy(
                "wide",
                Direction.OUTBOUND,
                Selector.between(IpPrefix.ANY_INET, IpPrefix.ANY_INET),
                PolicyAction.PROTECT,
                policy(Direction.OUTBOUND, A, B, GRE).transforms(),
                1,
                new PolicyScope.IfId(100))));
        a.sends(gre(IpAddress.parse("10.0.0.1"), B, 100));
        a.sends(gre(A, IpAddress.parse("10.0.0.2"), 100));
        assertEquals(2, a.tunnel.verdicts().get(Verdict.OUTBOUND_NOT_TRANSPORT));
        assertEquals(0, a.wire.sent.size());
    }

    @Test
    void whatThePolicyDoesNotSelectIsNotAccepted() {
        a.policies(List.of(policy(Direction.OUTBOUND, A, B, 89)));
        byte[] ospf = gre(A, B, 100);
        ospf[9] = 89;
        a.sends(checksummed(ospf));
        b.receives(a.wire.sent.remove());
        assertEquals(1, b.tunnel.verdicts().get(Verdict.INBOUND_POLICY_MISMATCH));
        assertEquals(0, b.device.delivered.size());
    }

    @Test
    void tunnelModesPacketIsNotTakenForTransportModes() {
        HostEnd tunnelMode = new HostEnd(A, B, Encapsulation.NO);
        tunnelMode.sends(gre(A, B, 100));
        b.receives(tunnelMode.wire.sent.remove()); // next header 4: no policy of b's selects it
        assertEquals(1, b.tunnel.verdicts().get(Verdict.INBOUND_POLICY_MISMATCH));
        tunnelMode.close();
    }

    @Test
    void longestPacketFillsThePathAndALongerOneIsAnswered() {
        int most = 20 + EspEncapsulator.maxInnerLength(a.send, 1480);
        a.mtu(1600);
        a.sends(gre(A, B, most - 20));
        assertEquals(1, a.wire.sent.size());
        a.sends(gre(A, B, most - 20 + 1));
        assertEquals(1, a.wire.sent.size());
        assertEquals(1, a.tunnel.verdicts().get(Verdict.OUTBOUND_TOO_BIG));
        byte[] expected = new byte[IcmpTooBig.MAX_LENGTH];
        byte[] offending = gre(A, B, most - 20 + 1);
        int length = IcmpTooBig.write(A.toBytes(), offending, 0, offending.length, most, expected);
        assertArrayEquals(Arrays.copyOf(expected, length), a.replies.sent.remove());
    }

    @Test
    void longerPacketThatMayBeCutIsCutOutside() {
        a.mtu(9000);
        byte[] packet = gre(A, B, 4000);
        packet[6] = 0;
        a.sends(checksummed(packet));
        assertEquals(new HostEnd.Sent(0x28, 33, 0, false, true), a.wire.headers.remove());
        assertEquals(EspEncapsulator.espLength(a.send, 4000), a.wire.sent.remove().length);
    }

    @Test
    void neverPadded() {
        a.settings(PacketSettings.DEFAULT.withTfc(true, 0));
        a.sends(gre(A, B, 100));
        assertEquals(EspEncapsulator.espLength(a.send, 100), a.wire.sent.remove().length);
    }
}
