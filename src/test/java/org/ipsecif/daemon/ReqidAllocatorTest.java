package org.ipsecif.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.ipsecif.platform.ReqidRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReqidAllocatorTest {
    private static final ReqidRange RANGE = new ReqidRange(0x8000, 0xffff, -1);
    private static final ReqidAllocator ALLOCATOR = new ReqidAllocator(RANGE);

    @ParameterizedTest
    @CsvSource({"ipsec0, 0x8000", "ipsec7, 0x8007", "sti15, 0x800f", "tunnel, 0x8000", "ipsec40000, 0x8000"})
    void unitNumberDecides(String name, String reqid) {
        assertEquals(Integer.decode(reqid), ALLOCATOR.allocate(name, Set.of()));
    }

    @Test
    void rangeIsTheSystems() {
        ReqidAllocator other = new ReqidAllocator(new ReqidRange(0x2000, 0x3fff, 0x3fff));
        assertEquals(0x2007, other.allocate("ipsec7", Set.of()));
        assertEquals(0x2000, other.allocate("ipsec8192", Set.of()));
    }

    @Test
    void fixedOnesHaveALimit() {
        ReqidRange range = new ReqidRange(0x2000, 0x3fff, 0x3fff);
        assertTrue(range.allows(0) && range.allows(1) && range.allows(0x3fff));
        assertFalse(range.allows(0x4000) || range.allows(-1));
        assertTrue(RANGE.allows(-1));
    }

    @Test
    void takenOneIsNeverShared() {
        assertEquals(0x8001, ALLOCATOR.allocate("ipsec7", Set.of(0x8000, 0x8007)));
    }

    @Test
    void rangeCanBeUsedUp() {
        Set<Integer> all = IntStream.rangeClosed(RANGE.firstAutomatic(), RANGE.lastAutomatic())
                .boxed()
                .collect(Collectors.toSet());
        assertEquals(0, ALLOCATOR.allocate("ipsec7", all));
    }
}
