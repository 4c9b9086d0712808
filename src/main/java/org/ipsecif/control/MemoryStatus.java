package org.ipsecif.control;

import org.jspecify.annotations.Nullable;

/**
 * The daemon's memory, and what its collector costs.
 *
 * @param residentBytes of the process, or null where the operating system does not say
 * @param heapUsedBytes what is not collected yet among it
 * @param heapMaxBytes the heap's limit
 * @param collector such as {@code serial}
 * @param pauses how often all threads stood still for the collector
 * @param pauseMillis in all
 * @param longestPauseMillis the longest of them
 */
public record MemoryStatus(
        @Nullable Long residentBytes,
        long heapUsedBytes,
        long heapMaxBytes,
        String collector,
        long pauses,
        long pauseMillis,
        long longestPauseMillis) {}
