package org.ipsecif.control;

import java.util.List;
import java.util.Set;

/** Counters in the manner of netstat -s. */
final class CounterText {
    private static final Set<String> TRAFFIC =
            Set.of("inbound_packets", "inbound_bytes", "outbound_packets", "outbound_bytes");

    private CounterText() {}

    static boolean isTraffic(Counter counter) {
        return TRAFFIC.contains(counter.name());
    }

    /** All, zeros included. */
    static String block(String heading, List<Counter> counters) {
        StringBuilder text = new StringBuilder(heading).append(":\n");
        for (Counter counter : counters) {
            text.append('\t')
                    .append(counter.value())
                    .append(' ')
                    .append(counter.description())
                    .append(counter.audit().isEmpty() ? "" : " [audit: " + counter.audit() + "]")
                    .append('\n');
        }
        return text.toString();
    }
}
