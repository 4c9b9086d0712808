package org.ipsecif.tunnel;

import org.junit.jupiter.api.extension.ExtendWith;

/** The same, where packets are sealed and opened many at a time. */
@ExtendWith(Accelerated.class)
class AcceleratedPacketWalkTest extends PacketWalkTest {}
