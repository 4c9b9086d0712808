package org.ipsecif.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.ipsecif.control.MemoryStatus;
import org.ipsecif.platform.OffloadSettings;
import org.ipsecif.platform.linux.LinuxPlatform;
import org.junit.jupiter.api.Test;

class MemoryReportTest {
    @Test
    void collectionIsAPauseMore() throws Exception {
        try (MemoryReport report = new MemoryReport(new LinuxPlatform(OffloadSettings.NONE))) {
            MemoryStatus before = report.status();
            System.gc();
            MemoryStatus after = report.status();
            assertTrue(after.pauses() > before.pauses(), after::toString);
            assertTrue(after.pauseMillis() >= before.pauseMillis(), after::toString);
            assertTrue(after.heapUsedBytes() > 0 && after.heapUsedBytes() <= after.heapMaxBytes(), after::toString);
            assertNotNull(after.residentBytes());
        }
    }

    /** Java tells of a pause from a thread of its own. */
    @Test
    void longestPauseIsOneOfThem() throws Exception {
        byte[][] kept = new byte[50_000][];
        try (MemoryReport report = new MemoryReport(new LinuxPlatform(OffloadSettings.NONE))) {
            long deadline = System.nanoTime() + 20_000_000_000L;
            while (report.status().longestPauseMillis() == 0 && System.nanoTime() < deadline) {
                for (int i = 0; i < kept.length; i++) {
                    kept[i] = new byte[100 + i % 100];
                }
                System.gc();
            }
            MemoryStatus status = report.status();
            assertTrue(status.longestPauseMillis() > 0, status::toString);
        }
    }

    @Test
    void whatGoesOnBesideTheThreadsIsNoPause() {
        assertTrue(MemoryReport.pauses("MarkSweepCompact"));
        assertTrue(MemoryReport.pauses("G1 Young Generation"));
        assertTrue(MemoryReport.pauses("ZGC Pauses"));
        assertFalse(MemoryReport.pauses("G1 Concurrent GC"));
        assertFalse(MemoryReport.pauses("ZGC Cycles"));
    }

    @Test
    void collectorHasTheNameThatPeopleKnow() {
        assertEquals("serial", JavaRuntime.collector(List.of("Copy", "MarkSweepCompact")));
        assertEquals("parallel", JavaRuntime.collector(List.of("PS MarkSweep", "PS Scavenge")));
        assertEquals("G1", JavaRuntime.collector(List.of("G1 Young Generation", "G1 Old Generation")));
        assertEquals("unknown", JavaRuntime.collector(List.of()));
    }

    @Test
    void javaTellsWhatItIs() {
        String line = JavaRuntime.line();
        assertTrue(line.contains(System.getProperty("java.version")), line);
        assertTrue(line.contains(System.getProperty("java.home")), line);
        assertTrue(line.matches("Java .* \\(.*\\) in /.*, .* collector, at most [1-9][0-9]* MiB of heap"), line);
    }
}
