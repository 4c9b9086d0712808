package org.ipsecif.tunnel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.ipsecif.bare.Allocation;
import org.ipsecif.bare.Bare;
import org.ipsecif.bare.Suite;
import org.ipsecif.crypto.Aead;
import org.ipsecif.crypto.EncryptionAlgorithm;
import org.ipsecif.crypto.IntegrityAlgorithm;
import org.ipsecif.crypto.KeyMaterial;
import org.ipsecif.esp.EspEncapsulator;
import org.ipsecif.platform.EspTransport.Encapsulation;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.sa.IpPrefix;
import org.ipsecif.sa.IpsecMode;
import org.ipsecif.sa.Lifetimes;
import org.ipsecif.sa.OuterHeaderSettings;
import org.ipsecif.sa.PacketSettings;
import org.ipsecif.sa.SaParameters;
import org.ipsecif.sa.SaSelectors;
import org.ipsecif.sa.SecurityAssociation;
import org.ipsecif.sa.TrafficRange;
import org.ipsecif.sa.Verdict;
import org.ipsecif.wire.Bytes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Neither walk allocates: with AES-CBC and AES-XCBC, for which the JDK's ciphers allocate nothing either, not a byte. */
class WalkAllocationTest {
    private static final int PACKETS = 64;
    private static final IpAddress LEFT = IpAddress.parse("10.0.0.1");
    private static final IpAddress RIGHT = IpAddress.parse("10.0.0.2");
    private static final int TCP = 6;
    private static final int UDP = 17;

    private static SecurityAssociation association(boolean esn) {
        return association(0x2001, esn, SaSelectors.ANY);
    }

    private static SecurityAssociation association(int spi, boolean esn, SaSelectors selectors) {
        return new SecurityAssociation(
                new SaParameters(
                        HostEnd.A,
                        HostEnd.B,
                        spi,
                        100,
                        IpsecMode.TUNNEL,
                        EncryptionAlgorithm.ENCR_AES_CBC,
                        KeyMaterial.copyOf(new byte[16]),
                        IntegrityAlgorithm.AUTH_AES_XCBC_96,
                        KeyMaterial.copyOf(new byte[16]),
                        1024,
                        esn,
                        Lifetimes.NONE,
                        selectors,
                        0),
                0);
    }

    private static WalkLoop loop(byte[] inner, Encapsulation encapsulation, PacketSettings settings, int mtu) {
        boolean esn = encapsulation == Encapsulation.UDP;
        return new WalkLoop(association(esn), association(esn), encapsulation, inner, settings, mtu);
    }

    /** TCP that begins a connection and announces segments of 8,960 bytes. */
    private static byte[] syn(int length) {
        byte[] packet = HostEnd.inner4(LEFT, RIGHT, TCP, length);
        packet[32] = 6 << 4; // data offset: 24 bytes
        packet[33] = 2;
        packet[40] = 2;
        packet[41] = 4;
        Bytes.put16(packet, 42, 8_960);
        return packet;
    }

    private static long least(WalkLoop loop) throws Exception {
        return Allocation.least(0, () -> {
            for (int i = 0; i < PACKETS; i++) {
                loop.step();
            }
        });
    }

    private static void assertNothingAllocated(WalkLoop loop, Verdict verdict) throws Exception {
        try (loop) {
            assertEquals(0, least(loop));
            if (verdict == Verdict.DELIVERED) {
                assertTrue(loop.delivered() >= PACKETS);
            } else {
                assertTrue(loop.count(verdict) >= PACKETS);
            }
            for (Verdict each : Verdict.values()) {
                assertTrue(each == verdict || loop.count(each) == 0, each.name());
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"NO, 64", "NO, 1400", "UDP, 1400"})
    void packetThatPasses(Encapsulation encapsulation, int length) throws Exception {
        byte[] inner4 = HostEnd.inner4(LEFT, RIGHT, UDP, length);
        byte[] inner6 = HostEnd.inner6(length - 40);
        assertNothingAllocated(loop(inner4, encapsulation, PacketSettings.DEFAULT, 1400), Verdict.DELIVERED);
        assertNothingAllocated(loop(inner6, encapsulation, PacketSettings.DEFAULT, 1400), Verdict.DELIVERED);
    }

    @Test
    void packetWithAllThatSettingsDo() throws Exception {
        OuterHeaderSettings header = OuterHeaderSettings.DEFAULT
                .withDf(OuterHeaderSettings.Df.COPY)
                .withHopLimit(OuterHeaderSettings.COPY)
                .withCopyDscpInbound(true);
        PacketSettings settings = new PacketSettings(header, PacketSettings.MSS_AUTO, true, 0);
        assertNothingAllocated(loop(syn(60), Encapsulation.NO, settings, 1400), Verdict.DELIVERED);
    }

    @Test
    void packetThatIsCut() throws Exception {
        byte[] inner = HostEnd.inner4(LEFT, RIGHT, UDP, 1400);
        assertNothingAllocated(loop(inner, Encapsulation.NO, PacketSettings.DEFAULT, 1000), Verdict.DELIVERED);
    }

    /** Of few SAs, asked one by one, and of many, found by their index; and where none takes the packet. */
    @ParameterizedTest
    @CsvSource({"2", "60"})
    void packetThatSelectorsDecideAbout(int count) throws Exception {
        assertNothingAllocated(pairs(count, HostEnd.inner4(LEFT, RIGHT, UDP, 100)), Verdict.DELIVERED);
        assertNothingAllocated(pairs(count, HostEnd.inner6(60)), Verdict.OUTBOUND_SELECTOR_MISMATCH);
    }

    /** The packets' pair is the oldest. */
    private static WalkLoop pairs(int count, byte[] inner) {
        List<SecurityAssociation> send = new ArrayList<>();
        List<SecurityAssociation> receive = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            TrafficRange there =
                    TrafficRange.of(i == 0 ? IpPrefix.host(RIGHT) : IpPrefix.parse("10.200." + i + ".0/24"));
            SaSelectors selectors = SaSelectors.between(List.of(TrafficRange.of(IpPrefix.host(LEFT))), List.of(there));
            send.add(association(0x2001 + i, false, selectors));
            receive.add(association(0x2001 + i, false, selectors));
        }
        return new WalkLoop(
                send,
                receive,
                Encapsulation.NO,
                new byte[][] {inner},
                PacketSettings.DEFAULT,
                1400,
                HostEnd.anyToAny(
                        send.get(0).parameters().source(),
                        send.get(0).parameters().destination()));
    }

    @Test
    void packetThatIsDropped() throws Exception {
        byte[] inner = HostEnd.inner4(LEFT, RIGHT, UDP, 1400);
        WalkLoop corrupted = loop(inner, Encapsulation.NO, PacketSettings.DEFAULT, 1400);
        corrupted.fault(datagram -> datagram[100] ^= 1);
        assertNothingAllocated(corrupted, Verdict.INBOUND_BAD_ICV);
        WalkLoop misled = loop(inner, Encapsulation.NO, PacketSettings.DEFAULT, 1400);
        misled.fault(datagram -> datagram[0] ^= 1);
        assertNothingAllocated(misled, Verdict.INBOUND_UNKNOWN_SPI);
        WalkLoop replayed = loop(inner, Encapsulation.NO, PacketSettings.DEFAULT, 1400);
        replayed.fault(datagram -> Bytes.put32(datagram, 4, 0));
        assertNothingAllocated(replayed, Verdict.INBOUND_REPLAYED);
        assertNothingAllocated(
                loop(new byte[100], Encapsulation.NO, PacketSettings.DEFAULT, 1400), Verdict.OUTBOUND_NOT_IP);
    }

    /** With AES-GCM, whose {@code Cipher} does allocate: no more than that. */
    @Test
    void packetThatTheCipherAllocatesFor() throws Exception {
        Suite suite = Suite.AES_GCM_16_128;
        Bare bare = suite.bare();
        byte[] packet = new byte[EspEncapsulator.HEADROOM + 1400 + EspEncapsulator.TAILROOM];
        byte[] plain = new byte[packet.length];
        long[] sequence = {0};
        long limit = Allocation.least(0, () -> {
            for (int i = 0; i < PACKETS; i++) {
                bare.seal(packet, 0, 1404, ++sequence[0]);
                Bytes.put64(packet, Aead.ESP_HEADER, sequence[0]);
                bare.open(packet, 0, 1404, plain, 0);
            }
        });
        byte[] inner = HostEnd.inner4(LEFT, RIGHT, UDP, 1400);
        try (WalkLoop loop = new WalkLoop(
                suite.association(), suite.association(), Encapsulation.NO, inner, PacketSettings.DEFAULT, 1400)) {
            long ours = least(loop);
            // The slack is for parameter objects that the compiler leaves out of the one and not of the other.
            assertTrue(ours <= limit + PACKETS * 512, () -> ours + " bytes, the bare cipher " + limit);
            assertEquals(0, loop.count(Verdict.INBOUND_BAD_ICV));
        }
    }
}
