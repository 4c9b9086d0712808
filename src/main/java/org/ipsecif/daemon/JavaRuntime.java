package org.ipsecif.daemon;

import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.stream.Collectors;

/** The Java that the launcher chose. */
final class JavaRuntime {
    private static final long MIB = 1 << 20;

    private JavaRuntime() {}

    /** Version, vendor, home, collector and the heap's limit, in one line. */
    static String line() {
        return "Java " + property("java.version") + " (" + property("java.vendor") + ") in " + property("java.home")
                + ", " + collector() + " collector, at most " + heapLimit() / MIB + " MiB of heap";
    }

    private static String property(String name) {
        return System.getProperty(name, "unknown");
    }

    /** Bytes: what {@code -Xmx} says, of which the collector may keep some to itself. */
    static long heapLimit() {
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getMax();
    }

    static String collector() {
        return collector(ManagementFactory.getGarbageCollectorMXBeans().stream()
                .map(GarbageCollectorMXBean::getName)
                .toList());
    }

    /** As people call it. @param beans the names of its parts */
    static String collector(List<String> beans) {
        String first = beans.isEmpty() ? "unknown" : beans.get(0);
        return switch (first.split(" ", 2)[0]) {
            case "Copy" -> "serial";
            case "PS" -> "parallel";
            default ->
                beans.isEmpty()
                        ? first
                        : beans.stream()
                                .map(name -> name.split(" ", 2)[0])
                                .distinct()
                                .collect(Collectors.joining(" and "));
        };
    }
}
