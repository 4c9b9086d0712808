package org.ipsecif.esp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.ipsecif.sa.OuterHeaderSettings;
import org.ipsecif.sa.OuterHeaderSettings.Df;
import org.ipsecif.sa.OuterHeaderSettings.Ecn;
import org.ipsecif.wire.Bytes;
import org.ipsecif.wire.Checksum;
import org.ipsecif.wire.OuterHeader;
import org.ipsecif.wire.PacketView;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 4301 section 5.1.2, RFC 6040 and RFC 2983, field by field. */
class TunnelHeadersTest {
    private static final OuterHeaderSettings DEFAULT = OuterHeaderSettings.DEFAULT;
    private static final int DROPPED = -1;

    private final OuterHeader outer = new OuterHeader();

    private static byte[] inet(int tos, int ttl, boolean df) {
        byte[] packet = new byte[28];
        packet[0] = 0x45;
        packet[1] = (byte) tos;
        Bytes.put16(packet, 2, packet.length);
        Bytes.put16(packet, 6, df ? 0x4000 : 0);
        packet[8] = (byte) ttl;
        packet[9] = 17;
        Bytes.put32(packet, 12, 0x0a000001);
        Bytes.put32(packet, 16, 0x0a000002);
        Bytes.put16(packet, 10, Checksum.of(packet, 0, 20));
        return packet;
    }

    private static byte[] inet6(int trafficClass, int hopLimit, int flowLabel) {
        byte[] packet = new byte[48];
        Bytes.put32(packet, 0, (6 << 28) | (trafficClass << 20) | flowLabel);
        Bytes.put16(packet, 4, 8);
        packet[6] = 17;
        packet[7] = (byte) hopLimit;
        packet[8] = 0x20;
        packet[24] = 0x20;
        return packet;
    }

    private static PacketView view(byte[] packet) {
        PacketView view = new PacketView();
        assertTrue(view.parse(packet, 0, packet.length));
        return view;
    }

    private OuterHeader around(OuterHeaderSettings settings, byte[] inner) {
        TunnelHeaders.encapsulate(settings, view(inner), outer);
        return outer;
    }

    @Test
    void byDefaultDscpEcnAndFlowLabelAreCopiedAndTheRestIsOurs() {
        around(DEFAULT, inet6(0xb9, 7, 0xabcde));
        assertEquals(0xb9, outer.trafficClass());
        assertEquals(64, outer.hopLimit());
        assertEquals(0xabcde, outer.flowLabel());
        assertFalse(outer.dontFragment());
        around(DEFAULT, inet(0x2a, 7, true));
        assertEquals(0x2a, outer.trafficClass());
        assertEquals(64, outer.hopLimit());
        assertEquals(0, outer.flowLabel());
        assertFalse(outer.dontFragment());
    }

    @Test
    void dscpMayBeSetWhileEcnIsStillCopied() {
        assertEquals(
                46 << 2 | 1, around(DEFAULT.withDscp(46), inet(0x29, 1, false)).trafficClass());
        assertEquals(0 | 2, around(DEFAULT.withDscp(0), inet6(0xfe, 1, 0)).trafficClass());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void compatibilityModeSendsNotEct(int ecn) {
        assertEquals(
                0x28,
                around(DEFAULT.withEcn(Ecn.COMPATIBILITY), inet(0x28 | ecn, 1, false))
                        .trafficClass());
        assertEquals(0x28 | ecn, around(DEFAULT, inet(0x28 | ecn, 1, false)).trafficClass());
    }

    @ParameterizedTest
    @CsvSource({
        "COPY,true,true",
        "COPY,false,false",
        "SET,true,true",
        "SET,false,true",
        "CLEAR,true,false",
        "CLEAR,false,false"
    })
    void dontFragment(Df setting, boolean inner, boolean expected) {
        assertEquals(
                expected, around(DEFAULT.withDf(setting), inet(0, 1, inner)).dontFragment());
    }

    @Test
    void anInnerIpv6PacketCountsAsDontFragment() {
        assertTrue(around(DEFAULT.withDf(Df.COPY), inet6(0, 1, 0)).dontFragment());
        assertFalse(around(DEFAULT.withDf(Df.CLEAR), inet6(0, 1, 0)).dontFragment());
    }

    @Test
    void hopLimitAndFlowLabelMayBeCopiedOrSet() {
        OuterHeaderSettings copy =
                DEFAULT.withHopLimit(OuterHeaderSettings.COPY).withFlowLabel(0x12345);
        assertEquals(7, around(copy, inet(0, 7, false)).hopLimit());
        assertEquals(0x12345, around(copy, inet(0, 7, false)).flowLabel());
        assertEquals(9, around(copy, inet6(0, 9, 1)).hopLimit());
        assertEquals(0x12345, around(copy, inet6(0, 9, 1)).flowLabel());
        assertEquals(255, around(DEFAULT.withHopLimit(255), inet(0, 7, false)).hopLimit());
        assertEquals(1, around(copy, inet(0, 0, false)).hopLimit()); // 0 would not leave the host
    }

    @Test
    void numbersOutOfRangeAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> DEFAULT.withDscp(64));
        assertThrows(IllegalArgumentException.class, () -> DEFAULT.withDscp(-2));
        assertThrows(IllegalArgumentException.class, () -> DEFAULT.withHopLimit(0));
        assertThrows(IllegalArgumentException.class, () -> DEFAULT.withHopLimit(256));
        assertThrows(IllegalArgumentException.class, () -> DEFAULT.withFlowLabel(0x10_0000));
    }

    /** RFC 6040 figure 4, all sixteen: inner, outer, what comes out; 0 Not-ECT, 1 ECT(1), 2 ECT(0), 3 CE. */
    @ParameterizedTest
    @CsvSource({
        "0,0,0", "0,2,0", "0,1,0", "0,3,-1",
        "2,0,2", "2,2,2", "2,1,1", "2,3,3",
        "1,0,1", "1,2,1", "1,1,1", "1,3,3",
        "3,0,3", "3,2,3", "3,1,3", "3,3,3"
    })
    void congestionComesInside(int inner, int outside, int expected) {
        assertCongestion(inet(0x48 | inner, 64, false), outside, expected);
        assertCongestion(inet6(0x48 | inner, 64, 0x54321), outside, expected);
    }

    private static void assertCongestion(byte[] packet, int outside, int expected) {
        byte[] before = packet.clone();
        boolean kept = TunnelHeaders.decapsulate(DEFAULT, 0xa0 | outside, view(packet), packet, 0);
        assertEquals(expected != DROPPED, kept);
        if (!kept) {
            return;
        }
        PacketView after = view(packet);
        assertEquals(0x48 | expected, after.trafficClass());
        assertEquals(view(before).flowLabel(), after.flowLabel());
        assertEquals(view(before).hopLimit(), after.hopLimit());
        if (!after.isInet6()) {
            assertEquals(0, Checksum.of(packet, 0, 20));
        }
    }

    @Test
    void dscpComesInsideOnlyIfAsked() {
        byte[] packet = inet(0x48, 64, false);
        assertTrue(TunnelHeaders.decapsulate(DEFAULT.withCopyDscpInbound(true), 0xb8, view(packet), packet, 0));
        assertEquals(0xb8, view(packet).trafficClass());
        assertEquals(0, Checksum.of(packet, 0, 20));
        byte[] packet6 = inet6(0x48, 64, 0x54321);
        assertTrue(TunnelHeaders.decapsulate(DEFAULT.withCopyDscpInbound(true), 0xb8, view(packet6), packet6, 0));
        assertEquals(0xb8, view(packet6).trafficClass());
        assertEquals(0x54321, view(packet6).flowLabel());
    }
}
