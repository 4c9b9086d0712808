package org.ipsecif.tunnel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.atomic.AtomicInteger;
import org.ipsecif.platform.EspTransport.Encapsulation;
import org.ipsecif.sa.Verdict;
import org.ipsecif.sa.VerdictCounters;
import org.ipsecif.wire.InnerPacket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who is awake walks what answers: nobody need be woken for it, and nobody walks beside another. */
class AnswerTest {
    /** {@link Habit} tries so often what has not paid yet. */
    private static final int NOW_AND_THEN = 32;

    private final HostEnd a = new HostEnd(HostEnd.A, HostEnd.B, Encapsulation.NO);
    private final HostEnd b = new HostEnd(HostEnd.B, HostEnd.A, Encapsulation.NO);
    private final Worker receiver = new Worker("receiver", a.wire, a.inbound, new VerdictCounters(), () -> {});

    @AfterEach
    void close() {
        a.close();
        b.close();
    }

    private static byte[] packet(int payload) {
        return InnerPacket.udp(false).payload(payload).whole();
    }

    /** A packet reaches b, whose host has an answer ready. */
    private void exchange() {
        a.device.arriving.add(packet(64));
        a.sendAll();
        b.wire.arriving.add(a.wire.sent.remove());
        b.device.arriving.clear(); // its outbound worker has taken the last
        b.device.arriving.add(packet(65));
        b.inbound.step();
    }

    @Test
    void inboundWorkerSendsTheAnswer() {
        int exchanges = 0;
        while (b.wire.sent.isEmpty() && exchanges < NOW_AND_THEN) {
            exchange();
            exchanges++;
        }
        assertEquals(1, b.wire.sent.size());
        exchange();
        assertEquals(2, b.wire.sent.size());
        assertEquals(exchanges + 1, b.device.delivered.size());
    }

    @Test
    void outboundWorkerReceivesTheAnswer() {
        a.tunnel.setReceiver(receiver);
        int exchanges = 0;
        while (a.device.delivered.isEmpty() && exchanges < NOW_AND_THEN) {
            b.device.arriving.add(packet(65));
            b.sendAll();
            a.device.arriving.add(packet(64));
            a.sendAll();
            a.wire.arriving.add(b.wire.sent.remove());
            a.outbound.rest();
            exchanges++;
        }
        assertEquals(exchanges, a.device.delivered.size());
        assertArrayEquals(packet(65), a.device.delivered.remove());
    }

    /** Of many sent at once the answers come as they like. */
    @Test
    void nobodyWaitsForTheAnswerToMany() {
        a.tunnel.setReceiver(receiver);
        for (int i = 0; i < 2 * NOW_AND_THEN; i++) {
            for (int j = 0; j <= InboundPath.FEW; j++) {
                a.device.arriving.add(packet(64));
            }
            a.sendAll();
            a.wire.arriving.add(new byte[40]);
            a.outbound.rest();
        }
        assertEquals(2 * NOW_AND_THEN, a.wire.arriving.size());
    }

    @Test
    void waitingForAnAnswerThatDoesNotComeEnds() {
        a.tunnel.setReceiver(receiver);
        AtomicInteger asked = new AtomicInteger();
        OutboundPath path = new OutboundPath(a.tunnel, a.replies, () -> 40_000L * asked.getAndIncrement());
        for (int i = 0; i < NOW_AND_THEN; i++) {
            a.device.arriving.add(packet(64));
            path.step();
            path.step();
            path.rest();
        }
        assertTrue(asked.get() > 2, "never tried");
        assertTrue(asked.get() < 2 * NOW_AND_THEN, "asked the clock " + asked + " times");
    }

    @Test
    void aTurnIsOneWorkersOnly() {
        AtomicInteger inner = new AtomicInteger();
        Worker[] own = new Worker[1];
        Worker worker = new Worker(
                "worker",
                a.wire,
                () -> {
                    inner.set(own[0].assist());
                    return 0;
                },
                new VerdictCounters(),
                () -> {});
        own[0] = worker;
        assertEquals(0, worker.assist());
        assertEquals(Worker.BUSY, inner.get());
        worker.close();
        assertEquals(Worker.BUSY, worker.assist());
        worker.close();
    }

    /** And the faults of a walk are its own worker's. */
    @Test
    void faultUnderAnothersTurnIsCounted() {
        VerdictCounters verdicts = new VerdictCounters();
        AtomicInteger left = new AtomicInteger(3);
        verdicts.count(Verdict.INTERNAL_ERROR);
        Worker worker = new Worker(
                "worker",
                a.wire,
                () -> {
                    if (left.getAndDecrement() > 0) {
                        throw new IllegalStateException("of this test");
                    }
                    return 0;
                },
                verdicts,
                () -> {});
        assertEquals(3, worker.assist());
        assertEquals(4, verdicts.get(Verdict.INTERNAL_ERROR));
    }

    @Test
    void habitFollowsWhatPays() {
        Habit habit = new Habit();
        int tries = 0;
        for (int i = 0; i < 10 * NOW_AND_THEN; i++) {
            if (habit.isWorthATry()) {
                tries++;
                habit.tried(false);
            }
        }
        assertEquals(10, tries);
        habit.tried(true);
        assertTrue(habit.isWorthATry());
        habit.tried(false);
        assertTrue(habit.isWorthATry());
        habit.tried(false);
        assertFalse(habit.isWorthATry());
    }
}
