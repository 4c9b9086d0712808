package org.ipsecif.control;

/** The daemon's memory in the manner of {@link CounterText}. */
final class MemoryText {
    private static final int KIB = 1024;

    private MemoryText() {}

    static String block(MemoryStatus memory) {
        Long resident = memory.residentBytes();
        return "memory:\n"
                + (resident == null ? "" : "\t" + resident / KIB + " KiB resident\n")
                + "\t" + memory.heapUsedBytes() / KIB + " KiB of heap used\n"
                + "\t" + memory.heapMaxBytes() / KIB + " KiB of heap at most\n"
                + "\t" + memory.pauses() + " pauses of the " + memory.collector() + " collector\n"
                + "\t" + memory.pauseMillis() + " ms of pauses\n"
                + "\t" + memory.longestPauseMillis() + " ms the longest pause\n";
    }
}
