package org.ipsecif.tunnel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.ipsecif.platform.EspTransport.Encapsulation;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.sa.Lifetimes;
import org.ipsecif.sa.OuterHeaderSettings;
import org.ipsecif.sa.PacketSettings;
import org.ipsecif.sa.SecurityAssociation;
import org.ipsecif.sa.Verdict;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Outer headers, traffic flow confidentiality and lifetimes, on both walks. */
class PacketSettingsTest {
    private static final IpAddress LEFT = IpAddress.parse("10.0.0.1");
    private static final IpAddress RIGHT = IpAddress.parse("10.0.0.2");
    private static final byte[] INNER = HostEnd.inner4(LEFT, RIGHT, 17, 100);

    /** 15 of 16 parts of the sequence numbers. */
    private static final long SOFT_SEQUENCE = 0xffff_ffffL / 16 * 15;

    private HostEnd a = new HostEnd(HostEnd.A, HostEnd.B, Encapsulation.NO);
    private HostEnd b = new HostEnd(HostEnd.B, HostEnd.A, Encapsulation.NO);

    @AfterEach
    void close() {
        a.close();
        b.close();
    }

    private void replaceEnds(Lifetimes ofA, Lifetimes ofB) {
        close();
        a = new HostEnd(HostEnd.A, HostEnd.B, Encapsulation.NO, ofA);
        b = new HostEnd(HostEnd.B, HostEnd.A, Encapsulation.NO, ofB);
    }

    private void passes(byte[] inner) {
        a.sends(inner);
        b.receives(a.wire.sent.remove());
    }

    @Test
    void outerHeaderIsWhatTheSettingsSay() {
        OuterHeaderSettings header = OuterHeaderSettings.DEFAULT
                .withDscp(46)
                .withHopLimit(99)
                .withFlowLabel(5)
                .withDf(OuterHeaderSettings.Df.SET);
        a.settings(PacketSettings.DEFAULT.withHeader(header));
        a.sends(INNER);
        assertEquals(new HostEnd.Sent(46 << 2, 99, 5, true, false), a.wire.headers.remove());
    }

    @Test
    void congestionOutsideIsToldInsideOrDropped() {
        b.wire.trafficClass = 3;
        passes(INNER);
        assertEquals(1, b.tunnel.verdicts().get(Verdict.INBOUND_CONGESTION));
        assertEquals(0, b.device.delivered.size());
        byte[] capable = HostEnd.inner6(8);
        capable[1] = 0x20; // ECT(0)
        passes(capable);
        assertEquals(0x30, b.device.delivered.remove()[1]);
    }

    @Test
    void paddedToMtuAllPacketsHaveOneLength() {
        a.settings(PacketSettings.DEFAULT.withTfc(true, 0));
        for (int length : new int[] {28, 100, 700, 1_399, 1_400}) {
            byte[] inner = HostEnd.inner4(LEFT, RIGHT, 17, length);
            a.sends(inner);
            byte[] esp = a.wire.sent.remove();
            assertEquals(8 + 16 + 1_408 + 12, esp.length);
            b.receives(esp);
            assertArrayEquals(inner, b.device.delivered.remove());
        }
        assertEquals(28 + 100 + 700 + 1_399 + 1_400, a.tunnel.outbound().bytes());
    }

    @Test
    void paddingNeverMakesAPacketTooLongForThePath() {
        a.settings(PacketSettings.DEFAULT.withTfc(true, 0));
        a.mtu(9_000);
        a.sends(INNER);
        assertEquals(8 + 16 + 1_440 + 12, a.wire.sent.remove().length);
    }

    @Test
    void dummiesAreSentAndDroppedInSilence() {
        a.settings(PacketSettings.DEFAULT.withTfc(true, 10));
        a.tunnel.sendDummy();
        a.tunnel.sendDummy();
        a.sendAll();
        assertEquals(2, a.wire.sent.size());
        a.sends(INNER);
        List<byte[]> all = List.copyOf(a.wire.sent);
        assertEquals(
                1, all.stream().mapToInt(packet -> packet.length).distinct().count());
        all.forEach(b::receives);
        assertEquals(2, b.tunnel.verdicts().get(Verdict.INBOUND_DUMMY));
        assertEquals(1, b.device.delivered.size());
        assertEquals(1, a.tunnel.outbound().packets());
        assertEquals(3, a.send.sequence());
    }

    @Test
    void withoutAnSaThereIsNoDummy() {
        a.publish(null);
        a.tunnel.sendDummy();
        a.sendAll();
        assertEquals(0, a.wire.sent.size());
        assertEquals(0, a.tunnel.verdicts().get(Verdict.OUTBOUND_NO_SA));
    }

    @Test
    void softLifetimeIsToldOnceAndCostsNothing() {
        replaceEnds(new Lifetimes(0, 0, 250, 0, 0, 0), new Lifetimes(0, 0, 0, 0, 2, 0));
        passes(INNER);
        assertEquals(List.of(), a.events.expiring);
        assertEquals(List.of(), b.events.expiring);
        passes(INNER);
        assertEquals(List.of(), a.events.expiring);
        assertEquals(1, b.events.expiring.size());
        passes(INNER);
        passes(INNER);
        assertEquals(List.of(a.send), a.events.expiring);
        assertEquals(1, b.events.expiring.size());
        assertEquals(4, b.device.delivered.size());
    }

    @Test
    void hardLifetimeEndsTheSaOutbound() {
        replaceEnds(new Lifetimes(0, 0, 0, 0, 1, 2), Lifetimes.NONE);
        passes(INNER);
        passes(INNER);
        assertEquals(List.of(), a.events.expired);
        a.sends(INNER);
        a.sends(INNER);
        assertEquals(0, a.wire.sent.size());
        assertEquals(List.of(a.send), a.events.expired);
        assertEquals(2, a.tunnel.verdicts().get(Verdict.OUTBOUND_SA_EXPIRED));
        assertEquals(2, a.send.sequence());
    }

    @Test
    void hardLifetimeEndsTheSaInbound() {
        replaceEnds(Lifetimes.NONE, new Lifetimes(0, 0, 0, 200, 0, 0));
        passes(INNER);
        passes(INNER);
        passes(INNER);
        assertEquals(2, b.device.delivered.size());
        assertEquals(1, b.events.expired.size());
        assertEquals(1, b.tunnel.verdicts().get(Verdict.INBOUND_SA_EXPIRED));
    }

    @Test
    void aNewSaIsAskedForBeforeTheSequenceNumbersEnd() {
        a.send.skipTo(SOFT_SEQUENCE - 2);
        a.sends(INNER);
        assertEquals(List.of(), a.events.expiring);
        a.sends(INNER);
        assertEquals(List.of(a.send), a.events.expiring);
        a.send.skipTo(0xffff_fffeL);
        a.sends(INNER);
        a.sends(INNER);
        assertEquals(1, a.tunnel.verdicts().get(Verdict.OUTBOUND_SEQUENCE_EXHAUSTED));
        assertEquals(List.of(a.send), a.events.expiring);
    }

    /** Make before break: the peer may use either SA while both are there. */
    @Test
    void duringARekeyBothInboundSasReceive() {
        SecurityAssociation next = HostEnd.sa(HostEnd.A, HostEnd.B, 0x1111);
        SecurityAssociation nextInbound = HostEnd.sa(HostEnd.A, HostEnd.B, 0x1111);
        a.sends(INNER);
        byte[] late = a.wire.sent.remove();
        InboundTable.Entry old = b.table.find(0x1001, HostEnd.B);
        b.table = new InboundTable(List.of(old, new InboundTable.Entry(nextInbound, b.tunnel)));
        a.publish(next);
        passes(INNER);
        b.receives(late);
        assertEquals(2, b.device.delivered.size());
    }
}
