package org.ipsecif.tunnel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import org.ipsecif.crypto.Accelerators;
import org.ipsecif.crypto.EncryptionAlgorithm;
import org.ipsecif.crypto.IntegrityAlgorithm;
import org.ipsecif.crypto.JdkAccelerator;
import org.ipsecif.crypto.KeyMaterial;
import org.ipsecif.platform.EspTransport.Encapsulation;
import org.ipsecif.sa.IpsecMode;
import org.ipsecif.sa.Lifetimes;
import org.ipsecif.sa.SaParameters;
import org.ipsecif.sa.SecurityAssociation;
import org.ipsecif.sa.Verdict;
import org.ipsecif.wire.InnerPacket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Packets that are sealed and opened many at a time are those that are one by one. */
class AcceleratedWalkTest {
    private static final JdkAccelerator ACCELERATOR = new JdkAccelerator();
    private final HostEnd plain = new HostEnd(HostEnd.A, HostEnd.B, Encapsulation.NO);
    private HostEnd a;
    private HostEnd b;

    @BeforeEach
    void accelerate() {
        Accelerators.use(ACCELERATOR);
        a = new HostEnd(HostEnd.A, HostEnd.B, Encapsulation.NO);
        b = new HostEnd(HostEnd.B, HostEnd.A, Encapsulation.NO);
    }

    @AfterEach
    void stop() {
        Accelerators.use(null);
        plain.close();
        a.close();
        b.close();
    }

    private static byte[] packet(int payload) {
        return InnerPacket.udp(false).payload(payload).whole();
    }

    private static List<byte[]> sent(HostEnd end, int... payloads) {
        for (int each : payloads) {
            end.device.arriving.add(packet(each));
        }
        end.sendAll();
        return List.copyOf(end.wire.sent);
    }

    private static int[] payloads() {
        int[] payloads = new int[200];
        for (int i = 0; i < payloads.length; i++) {
            payloads[i] = i % 7 == 0 ? 33 : i % 50 == 1 ? 1_300 : 700;
        }
        return payloads;
    }

    @Test
    void sameBytesAreSent() {
        SecurityAssociation together = GcmPair.sa();
        Accelerators.use(null);
        SecurityAssociation alone = GcmPair.sa();
        Accelerators.use(ACCELERATOR);
        assertNotNull(together.aead().acceleratedKey());
        assertNull(alone.aead().acceleratedKey());
        a.publish(together);
        plain.publish(alone);
        List<byte[]> expected = sent(plain, payloads());
        List<byte[]> actual = sent(a, payloads());
        assertEquals(expected.size(), actual.size());
        for (int i = 0; i < expected.size(); i++) {
            assertArrayEquals(expected.get(i), actual.get(i), "packet " + i);
        }
    }

    /** More than one call opens, and more than come at once. */
    @Test
    void whatIsSentArrivesInItsOrder() {
        b.wire.arriving.addAll(sent(a, payloads()));
        while (b.inbound.step() > 0) {
            // until there is no more
        }
        List<byte[]> delivered = new ArrayList<>(b.device.delivered);
        assertEquals(payloads().length, delivered.size());
        for (int i = 0; i < delivered.size(); i++) {
            assertArrayEquals(packet(payloads()[i]), delivered.get(i), "packet " + i);
        }
    }

    @Test
    void onlyTheDamagedAndTheReplayedAreLost() {
        List<byte[]> packets = new ArrayList<>(sent(a, 100, 100, 100, 100, 100, 100));
        packets.get(2)[40] ^= 1;
        packets.set(4, packets.get(3).clone());
        packets.add(packets.get(0).clone());
        b.wire.arriving.addAll(packets);
        assertEquals(7, b.inbound.step());
        assertEquals(4, b.device.delivered.size());
        assertEquals(1, b.tunnel.verdicts().get(Verdict.INBOUND_BAD_ICV));
        assertEquals(2, b.tunnel.verdicts().get(Verdict.INBOUND_REPLAYED));
        assertEquals(4, b.tunnel.inbound().packets());
    }

    /**
     * Of a packet that others of the same receive have left behind the window, the low half of the sequence number seems to be one of the next
     * 2^32. It was opened as what it is, and must not advance the window so far.
     */
    @Test
    void packetThatFallsBehindTheWindowMeanwhileDoesNotAdvanceIt() {
        a.publish(esn(32));
        b.table = new InboundTable(List.of(new InboundTable.Entry(esn(32), b.tunnel)));
        List<byte[]> packets = new ArrayList<>(sent(a, new int[60]));
        byte[] last = packets.remove(59);
        packets.add(packets.remove(0));
        b.wire.arriving.addAll(packets);
        b.inbound.step();
        assertEquals(58, b.device.delivered.size());
        b.receives(last);
        assertEquals(59, b.device.delivered.size());
        assertEquals(1, b.tunnel.verdicts().get(Verdict.INBOUND_REPLAYED));
    }

    private static SecurityAssociation esn(int window) {
        return new SecurityAssociation(
                new SaParameters(
                        HostEnd.A,
                        HostEnd.B,
                        GcmPair.SPI,
                        100,
                        IpsecMode.TUNNEL,
                        EncryptionAlgorithm.ENCR_AES_GCM_16,
                        KeyMaterial.copyOf(new byte[20]),
                        IntegrityAlgorithm.NONE,
                        KeyMaterial.copyOf(new byte[0]),
                        window,
                        true,
                        Lifetimes.NONE,
                        0),
                0);
    }

    /** What was right of the packets of a receive before says nothing of these. */
    @Test
    void faultInOpeningLetsNothingThrough() {
        JdkAccelerator.Faults faults = new JdkAccelerator.Faults();
        Accelerators.use(faults);
        try (HostEnd c = new HostEnd(HostEnd.B, HostEnd.A, Encapsulation.NO)) {
            List<byte[]> packets = sent(a, 100, 100);
            c.receives(packets.get(0));
            assertEquals(1, c.device.delivered.size());
            byte[] forged = packets.get(1).clone();
            forged[40] ^= 1;
            faults.fail();
            c.wire.arriving.add(forged);
            assertThrows(IllegalStateException.class, c.inbound::step);
            c.inbound.step();
            assertEquals(1, c.device.delivered.size());
            assertEquals(1, c.tunnel.verdicts().get(Verdict.INBOUND_BAD_ICV));
            c.receives(packets.get(1));
            assertEquals(2, c.device.delivered.size());
        }
    }

    /** With what is left of its key nothing is sealed. */
    @Test
    void packetsOfAnSaThatIsClosedMeanwhileAreLost() {
        SecurityAssociation sa = GcmPair.sa();
        a.publish(sa);
        a.device.arriving.add(packet(100));
        a.device.arriving.add(packet(100));
        a.outbound.step();
        a.outbound.step();
        sa.close();
        a.sendAll();
        assertEquals(0, a.wire.sent.size());
        assertEquals(2, a.tunnel.verdicts().get(Verdict.OUTBOUND_SEND_FAILED));
        assertEquals(0, a.tunnel.outbound().packets());
    }
}
