package org.ipsecif.tunnel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.ipsecif.platform.EspTransport.Encapsulation;
import org.ipsecif.sa.Verdict;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Nobody writes to a device that has been closed. */
@Timeout(10)
class GateTest {
    private final Gate gate = new Gate();

    @Test
    void letsInUntilItIsShut() {
        assertTrue(gate.enter());
        assertTrue(gate.enter());
        gate.leave();
        gate.leave();
        gate.shut();
        gate.shut();
        assertFalse(gate.enter());
        assertFalse(gate.enter());
    }

    @Test
    void whoShutsItWaitsForWhoIsInside() throws InterruptedException {
        assertTrue(gate.enter());
        CountDownLatch done = new CountDownLatch(1);
        Thread shutter = new Thread(() -> {
            gate.shut();
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

    @Test
    void packetForAnInterfaceThatIsGoneIsCounted() {
        HostEnd a = new HostEnd(HostEnd.A, HostEnd.B, Encapsulation.NO);
        HostEnd b = new HostEnd(HostEnd.B, HostEnd.A, Encapsulation.NO);
        a.sends(HostEnd.inner6(64));
        b.tunnel.close();
        b.receives(a.wire.sent.remove());
        assertEquals(0, b.device.delivered.size());
        assertEquals(1, b.tunnel.verdicts().get(Verdict.INBOUND_REFUSED));
        a.close();
    }
}
