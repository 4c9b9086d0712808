package org.ipsecif.wire;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whoever is inside may stay, nobody else comes in, and one is told that nobody is left. */
@Timeout(10)
class GateTest {
    private final Gate gate = new Gate();

    @Test
    void letsInUntilItIsShut() {
        assertTrue(gate.enter());
        assertTrue(gate.enter());
        assertFalse(gate.leave());
        assertFalse(gate.leave());
        assertTrue(gate.shut());
        assertFalse(gate.shut());
        gate.awaitEmpty();
        assertFalse(gate.enter());
        assertFalse(gate.enter());
    }

    @Test
    void theLastToLeaveIsToldSo() {
        assertTrue(gate.enter());
        assertTrue(gate.enter());
        assertFalse(gate.shut());
        assertFalse(gate.leave());
        assertTrue(gate.leave());
    }

    @Test
    void whoShutsItWaitsForWhoIsInside() throws InterruptedException {
        assertTrue(gate.enter());
        CountDownLatch done = new CountDownLatch(1);
        Thread shutter = new Thread(() -> {
            gate.shut();
            gate.awaitEmpty();
            done.countDown();
        });
        shutter.start();
        while (gate.enter()) {
            gate.leave();
        }
        assertFalse(done.await(50, TimeUnit.MILLISECONDS));
        gate.leave();
        assertTrue(done.await(5, TimeUnit.SECONDS));
        shutter.join();
    }
}
