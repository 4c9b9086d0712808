package org.ipsecif.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReqidAllocatorTest {
    @ParameterizedTest
    @CsvSource({"ipsec0, 0x8000", "ipsec7, 0x8007", "sti15, 0x800f", "tunnel, 0x8000", "ipsec40000, 0x8000"})
    void unitNumberDecides(String name, String reqid) {
        assertEquals(Integer.decode(reqid), ReqidAllocator.allocate(name, Set.of()));
    }

    @Test
    void takenOneIsNeverShared() {
        assertEquals(0x8001, ReqidAllocator.allocate("ipsec7", Set.of(0x8000, 0x8007)));
    }

    @Test
    void rangeCanBeUsedUp() {
        Set<Integer> all = IntStream.rangeClosed(ReqidAllocator.FIRST, ReqidAllocator.LAST)
                .boxed()
                .collect(Collectors.toSet());
        assertEquals(0, ReqidAllocator.allocate("ipsec7", all));
    }
}
