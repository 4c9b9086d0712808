package org.ipsecif.esp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.ipsecif.bare.Allocation;
import org.ipsecif.bare.Bare;
import org.ipsecif.bare.Ring;
import org.ipsecif.bare.Suite;
import org.ipsecif.crypto.Aead;
import org.ipsecif.sa.SecurityAssociation;
import org.ipsecif.sa.Verdict;
import org.ipsecif.wire.IpProtocol;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** ESP allocates for a packet no more than the fewest JCE calls that do the same. */
class EspAllocationTest {
    private static final int INNER = 1400;

    /**
     * Bytes a packet: the parameter objects of JCE and copies of nonces in them, which the compiler may leave out of the one code
     * and not of the other. A copy of a packet is more.
     */
    private static final int OF_THE_COMPILER = 256;

    private static void assertNoMore(long bare, long ours) {
        long limit = bare + Ring.SIZE * OF_THE_COMPILER;
        assertTrue(ours <= limit, () -> Ring.SIZE + " packets: " + ours + " bytes, the bare cipher " + bare);
    }

    @ParameterizedTest
    @EnumSource
    void encapsulation(Suite suite) throws Exception {
        SecurityAssociation sa = suite.association();
        byte[] buffer = new byte[EspEncapsulator.HEADROOM + INNER + EspEncapsulator.TAILROOM];
        int offset = EspEncapsulator.espOffset(sa, EspEncapsulator.HEADROOM);
        int textLength = textLength(sa);
        Bare cipher = suite.bare();
        long[] sequence = {0};
        long bare = Allocation.least(0, () -> {
            for (int i = 0; i < Ring.SIZE; i++) {
                cipher.seal(buffer, offset, textLength, ++sequence[0]);
            }
        });
        long ours = Allocation.least(bare, () -> {
            for (int i = 0; i < Ring.SIZE; i++) {
                EspEncapsulator.encapsulate(
                        sa, sa.nextSequence(), buffer, EspEncapsulator.HEADROOM, INNER, IpProtocol.IPV4);
            }
        });
        assertNoMore(bare, ours);
    }

    @ParameterizedTest
    @EnumSource
    void decapsulation(Suite suite) throws Exception {
        SecurityAssociation receiver = suite.association();
        Ring ring = new Ring(suite.association(), INNER);
        int textLength = textLength(receiver);
        byte[] plain = new byte[Aead.MAX_IV + ring.espLength()];
        Bare cipher = suite.bare();
        long bare = Allocation.least(0, () -> {
            for (byte[] packet : ring.packets()) {
                cipher.open(packet, ring.offset(), textLength, plain, Aead.MAX_IV);
            }
        });
        EspDecapsulator decapsulator = new EspDecapsulator(ring.espLength());
        long ours = Allocation.least(bare, ring::seal, () -> {
            for (byte[] packet : ring.packets()) {
                assertEquals(
                        Verdict.DELIVERED, decapsulator.decapsulate(receiver, packet, ring.offset(), ring.espLength()));
            }
        });
        assertNoMore(bare, ours);
    }

    private static int textLength(SecurityAssociation sa) {
        Aead aead = sa.aead();
        return EspEncapsulator.espLength(sa, INNER) - Aead.ESP_HEADER - aead.ivLength() - aead.icvLength();
    }
}
