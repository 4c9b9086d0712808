package org.ipsecif.tunnel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.ipsecif.crypto.EncryptionAlgorithm;
import org.ipsecif.crypto.IntegrityAlgorithm;
import org.ipsecif.crypto.KeyMaterial;
import org.ipsecif.platform.EspTransport.Encapsulation;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.sa.IpPrefix;
import org.ipsecif.sa.IpsecMode;
import org.ipsecif.sa.Lifetimes;
import org.ipsecif.sa.SaParameters;
import org.ipsecif.sa.SaSelectors;
import org.ipsecif.sa.SecurityAssociation;
import org.ipsecif.sa.TrafficRange;
import org.ipsecif.sa.Verdict;
import org.ipsecif.wire.Bytes;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Both walks with SAs that do not take every packet (RFC 4301 sections 5.1, 5.2). */
class SaSelectorWalkTest {
    private static final IpAddress A = HostEnd.A;
    private static final IpAddress B = HostEnd.B;
    private static final TrafficRange INET = TrafficRange.of(IpPrefix.ANY_INET);
    private static final TrafficRange INET6 = TrafficRange.of(IpPrefix.ANY_INET6);
    private static final int INET_SPI = 0x4000;
    private static final int INET6_SPI = 0x6000;

    private final HostEnd a = new HostEnd(A, B, Encapsulation.NO);
    private final HostEnd b = new HostEnd(B, A, Encapsulation.NO);

    @AfterEach
    void close() {
        a.close();
        b.close();
    }

    private static SecurityAssociation sa(int spi, List<TrafficRange> sources, List<TrafficRange> destinations) {
        return new SecurityAssociation(
                new SaParameters(
                        A,
                        B,
                        spi,
                        100,
                        IpsecMode.TUNNEL,
                        EncryptionAlgorithm.ENCR_AES_CBC,
                        KeyMaterial.copyOf(new byte[16]),
                        IntegrityAlgorithm.AUTH_HMAC_SHA1_96,
                        KeyMaterial.copyOf(new byte[20]),
                        64,
                        false,
                        Lifetimes.NONE,
                        SaSelectors.between(sources, destinations),
                        0),
                0);
    }

    /** From a to b, so that both have the same SAs. */
    private void between(SecurityAssociation... associations) {
        a.publishAll(List.of(associations));
        List<InboundTable.Entry> entries = new ArrayList<>();
        for (SecurityAssociation each : associations) {
            SaParameters known = each.parameters();
            SecurityAssociation twin = new SecurityAssociation(
                    new SaParameters(
                            A,
                            B,
                            known.spi(),
                            100,
                            IpsecMode.TUNNEL,
                            known.encryption(),
                            KeyMaterial.copyOf(new byte[16]),
                            known.integrity(),
                            KeyMaterial.copyOf(new byte[20]),
                            64,
                            false,
                            Lifetimes.NONE,
                            known.selectors(),
                            0),
                    0);
            entries.add(new InboundTable.Entry(twin, b.tunnel));
        }
        b.table = new InboundTable(entries);
    }

    private static byte[] inner4(String source, String destination) {
        return HostEnd.inner4(IpAddress.parse(source), IpAddress.parse(destination), 17, 40);
    }

    private static void assertDropped(HostEnd end, Verdict reason) {
        for (Verdict verdict : Verdict.values()) {
            assertEquals(verdict == reason ? 1 : 0, end.tunnel.verdicts().get(verdict), verdict.name());
        }
        assertEquals(0, end.device.delivered.size());
    }

    @Test
    void eachFamilyGoesWithItsOwnSa() {
        between(sa(INET_SPI, List.of(INET), List.of(INET)), sa(INET6_SPI, List.of(INET6), List.of(INET6)));
        byte[] four = inner4("10.0.0.1", "10.0.0.2");
        byte[] six = HostEnd.inner6(100);
        a.sends(four);
        assertEquals(INET_SPI, Bytes.i32(a.wire.sent.peek(), 0));
        b.receives(a.wire.sent.remove());
        assertArrayEquals(four, b.device.delivered.remove());
        a.sends(six);
        assertEquals(INET6_SPI, Bytes.i32(a.wire.sent.peek(), 0));
        b.receives(a.wire.sent.remove());
        assertArrayEquals(six, b.device.delivered.remove());
    }

    @Test
    void packetOfNoSaIsNeverSentAndAsksForOne() {
        between(sa(INET_SPI, List.of(INET), List.of(INET)));
        a.sends(HostEnd.inner6(0));
        assertDropped(a, Verdict.OUTBOUND_SELECTOR_MISMATCH);
        assertEquals(0, a.wire.sent.size());
        assertEquals(1, a.events.acquires);
        assertEquals(IpAddress.parse("2000::"), a.events.acquired.get(0).source());
    }

    @Test
    void withoutAnySaItIsAnotherCounter() {
        a.publishAll(List.of());
        a.sends(HostEnd.inner6(0));
        assertDropped(a, Verdict.OUTBOUND_NO_SA);
        assertEquals(1, a.events.acquires);
    }

    @Test
    void packetThatIsNotTheSasIsDroppedBehindTheCipher() {
        TrafficRange one = TrafficRange.of(IpPrefix.parse("10.1.0.0/16"));
        TrafficRange two = TrafficRange.of(IpPrefix.parse("10.2.0.0/16"));
        between(sa(INET_SPI, List.of(one), List.of(two)));
        SecurityAssociation liar = sa(INET_SPI, List.of(INET), List.of(INET));
        a.publishAll(List.of(liar));
        a.sends(inner4("10.1.0.1", "10.3.0.1"));
        b.receives(a.wire.sent.remove());
        assertDropped(b, Verdict.INBOUND_SELECTOR_MISMATCH);
        assertArrayEquals(inner4("10.1.0.1", "10.3.0.1"), b.events.mismatches.get(0));
        for (int i = 0; i < 100; i++) {
            a.sends(inner4("10.1.0.1", "10.3.0.1"));
            b.receives(a.wire.sent.remove());
        }
        assertTrue(b.events.mismatches.size() < 10, "not for each");
        a.sends(inner4("10.1.0.1", "10.2.0.1"));
        b.receives(a.wire.sent.remove());
        assertEquals(1, b.device.delivered.size());
        assertEquals("inbound_selector_mismatch", Verdict.INBOUND_SELECTOR_MISMATCH.counterName());
        assertEquals("selector mismatch (RFC 4301 5.2)", Verdict.INBOUND_SELECTOR_MISMATCH.auditEvent());
    }

    /** Its later pieces would show no ports, and the peer would have to drop them (RFC 4301 section 7). */
    @Test
    void packetOfAnSaWithPortsIsNotCutBeforeEncapsulation() {
        TrafficRange port = new TrafficRange(17, 0, 0, IpPrefix.ANY_INET.address(), IpPrefix.ANY_INET.last());
        between(sa(INET_SPI, List.of(INET), List.of(port)));
        a.pathMtu.setRoute(600);
        b.receives(sealed(inner4Long()));
        assertEquals(1, b.device.delivered.size());
        between(sa(INET_SPI, List.of(INET), List.of(INET)));
        a.sends(inner4Long());
        assertTrue(a.wire.sent.size() > 1, "without ports it is");
    }

    private static byte[] inner4Long() {
        return HostEnd.inner4(IpAddress.parse("10.0.0.1"), IpAddress.parse("10.0.0.2"), 17, 1_200);
    }

    private byte[] sealed(byte[] inner) {
        a.sends(inner);
        assertEquals(1, a.wire.sent.size());
        return a.wire.sent.remove();
    }
}
