package org.ipsecif.platform.freebsd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

class MachineTest {
    @Test
    void bothArchitecturesWhoseLayoutsAreKnown() {
        Machine.requireKnown("amd64", ByteOrder.LITTLE_ENDIAN, 8);
        Machine.requireKnown("aarch64", ByteOrder.LITTLE_ENDIAN, 8);
    }

    @Test
    void othersAreRefusedWithWords() {
        assertRefused("powerpc64 with 64 bits, big-endian", "powerpc64", ByteOrder.BIG_ENDIAN, 8);
        assertRefused("riscv64 with 64 bits, little-endian", "riscv64", ByteOrder.LITTLE_ENDIAN, 8);
        assertRefused("i386 with 32 bits, little-endian", "i386", ByteOrder.LITTLE_ENDIAN, 4);
        assertRefused("amd64 with 32 bits, little-endian", "amd64", ByteOrder.LITTLE_ENDIAN, 4);
    }

    private static void assertRefused(String end, String architecture, ByteOrder order, int pointer) {
        UnsupportedOperationException e = assertThrows(
                UnsupportedOperationException.class, () -> Machine.requireKnown(architecture, order, pointer));
        assertEquals(
                "ipsecifd runs on FreeBSD/amd64 and FreeBSD/arm64 (64 bits, little-endian), whose kernel's structures it knows, not on "
                        + end,
                e.getMessage());
    }
}
