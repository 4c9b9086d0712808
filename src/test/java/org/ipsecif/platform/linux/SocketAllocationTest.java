package org.ipsecif.platform.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.ipsecif.bare.Allocation;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.EspTransport;
import org.ipsecif.platform.EspTransport.Encapsulation;
import org.ipsecif.platform.OffloadSettings;
import org.ipsecif.platform.PacketChannel;
import org.ipsecif.platform.UdpEndpoint;
import org.ipsecif.sa.Family;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.wire.OuterHeader;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Sending, waiting and receiving allocate nothing, in jnr-ffi neither. Over the loopback interface; needs CAP_NET_RAW. */
class SocketAllocationTest {
    private static final int DATAGRAMS = 64;
    private static final IpAddress LOOPBACK = IpAddress.parse("::1");

    /** Of 127.0.0.0/8, and not that of a test that runs beside this one. */
    private static final IpAddress OWN =
            new IpAddress(Family.INET, 0, 0x7f00_0000 | ProcessHandle.current().pid() & 0xff_ffff);

    private final byte[] packet = new byte[1448];
    private final byte[] received = new byte[65_535];
    private final OuterHeader outer = new OuterHeader();

    private static EspTransport open(IpAddress address, Encapsulation encapsulation) throws ErrnoException {
        try {
            return new SocketEspTransport(address, encapsulation, OffloadSettings.ALL);
        } catch (ErrnoException e) {
            assumeTrue(e.errno() != ErrnoException.EPERM, "needs CAP_NET_RAW");
            throw e;
        }
    }

    private void exchange(EspTransport transport, UdpEndpoint self, boolean dontFragment) {
        for (int i = 0; i < DATAGRAMS; i++) {
            outer.set(0, 64, 0, dontFragment);
            assertEquals(0, transport.send(packet, 0, packet.length, self, outer));
            assertTrue(transport.awaitReadable());
            assertTrue(transport.receive(received, 0, received.length, outer) > 0);
        }
        while (transport.receive(received, 0, received.length, outer) != PacketChannel.NOTHING) {
            // what somebody else sends here is of no interest
        }
    }

    @ParameterizedTest
    @CsvSource({"INET, UDP", "INET, NO", "INET6, NO"})
    void datagrams(Family family, Encapsulation encapsulation) throws Exception {
        packet[3] = 1;
        try (EspTransport transport = open(family == Family.INET ? OWN : LOOPBACK, encapsulation)) {
            UdpEndpoint self = new UdpEndpoint(transport.local(), EspTransport.UDP_PORT);
            assertEquals(0, Allocation.least(0, () -> exchange(transport, self, false)));
            assertEquals(0, Allocation.least(0, () -> exchange(transport, self, true)));
        }
    }
}
