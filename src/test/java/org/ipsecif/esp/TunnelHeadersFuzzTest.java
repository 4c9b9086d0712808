package org.ipsecif.esp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Arrays;
import java.util.stream.Stream;
import org.ipsecif.sa.OuterHeaderSettings;
import org.ipsecif.sa.OuterHeaderSettings.Df;
import org.ipsecif.wire.Bytes;
import org.ipsecif.wire.Checksum;
import org.ipsecif.wire.OuterHeader;
import org.ipsecif.wire.PacketView;
import org.junit.jupiter.params.provider.MethodSource;

/** Any inner packet between any outer ones: the outer header is one that can be sent, and only the traffic class comes inside. */
class TunnelHeadersFuzzTest {
    private static final OuterHeaderSettings COPY_ALL = OuterHeaderSettings.DEFAULT
            .withCopyDscpInbound(true)
            .withDf(Df.COPY)
            .withHopLimit(OuterHeaderSettings.COPY);

    private final PacketView view = new PacketView();

    static Stream<byte[]> inputs() {
        byte[] inet = new byte[30];
        inet[0] = (byte) 0xb9;
        Bytes.put32(inet, 1, 0x45b8_001d);
        Bytes.put32(inet, 9, 0x4011_ffff);
        byte[] inet6 = new byte[45];
        inet6[0] = 0x03;
        Bytes.put32(inet6, 1, 0x62a1_2345);
        Bytes.put32(inet6, 5, 0x0004_1140);
        return Stream.of(inet, inet6);
    }

    /** Input: outer traffic class, then the inner packet. */
    @MethodSource("inputs")
    @FuzzTest(maxDuration = "2m")
    void anyInnerPacket(byte[] input) {
        if (input.length < 1 || !view.parse(input, 1, input.length - 1)) {
            return;
        }
        for (OuterHeaderSettings settings : new OuterHeaderSettings[] {OuterHeaderSettings.DEFAULT, COPY_ALL}) {
            encapsulate(settings);
            decapsulate(settings, input);
        }
    }

    private void encapsulate(OuterHeaderSettings settings) {
        OuterHeader outer = new OuterHeader();
        TunnelHeaders.encapsulate(settings, view, outer);
        assertEquals(view.trafficClass(), outer.trafficClass());
        assertTrue(outer.hopLimit() >= 1 && outer.hopLimit() <= 255);
        assertEquals(view.flowLabel(), outer.flowLabel());
        assertEquals(settings.df() == Df.COPY && view.dontFragment(), outer.dontFragment());
    }

    private void decapsulate(OuterHeaderSettings settings, byte[] input) {
        byte[] packet = input.clone();
        boolean kept = TunnelHeaders.decapsulate(settings, Bytes.u8(input, 0), view, packet, 1);
        assertEquals((view.trafficClass() & 3) != 0 || (input[0] & 3) != 3, kept);
        if (!kept) {
            assertArrayEquals(input, packet);
            return;
        }
        PacketView after = new PacketView();
        assertTrue(after.parse(packet, 1, packet.length - 1));
        int dscp = (settings.copyDscpInbound() ? input[0] : view.trafficClass()) & 0xfc;
        assertEquals(dscp, after.trafficClass() & 0xfc);
        assertEquals(view.flowLabel(), after.flowLabel());
        int header = after.isInet6() ? 2 : 12;
        assertArrayEquals(
                Arrays.copyOfRange(input, 1 + header, input.length),
                Arrays.copyOfRange(packet, 1 + header, packet.length));
        if (!after.isInet6()) {
            assertEquals(Checksum.sum(0, input, 1, 20) % 0xffff, Checksum.sum(0, packet, 1, 20) % 0xffff);
        }
    }
}
