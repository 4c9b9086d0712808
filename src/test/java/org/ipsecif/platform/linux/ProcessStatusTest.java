package org.ipsecif.platform.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class ProcessStatusTest {
    @Test
    void residentMemoryIsTheKernelsInBytes() {
        assertEquals(89_128_960L, ProcessStatus.residentBytes(List.of("VmHWM:\t   90000 kB", "VmRSS:\t   87040 kB")));
        assertTrue(ProcessStatus.residentBytes() > 1 << 20);
    }

    @Test
    void whatIsNotUnderstoodIsNotKnown() {
        assertNull(ProcessStatus.residentBytes(List.of()));
        assertNull(ProcessStatus.residentBytes(List.of("VmRSS:\tmany kB", "VmRSS:\t99999999999999999999 kB")));
    }
}
