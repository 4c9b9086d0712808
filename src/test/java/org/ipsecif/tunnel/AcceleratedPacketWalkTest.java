package org.ipsecif.tunnel;

import org.ipsecif.crypto.Accelerators;
import org.ipsecif.crypto.JdkAccelerator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** The same, where packets are sealed and opened many at a time. */
class AcceleratedPacketWalkTest extends PacketWalkTest {
    @BeforeAll
    static void accelerate() {
        Accelerators.use(new JdkAccelerator());
    }

    @AfterAll
    static void stop() {
        Accelerators.use(null);
    }
}
