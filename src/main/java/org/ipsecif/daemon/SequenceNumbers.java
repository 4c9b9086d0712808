package org.ipsecif.daemon;

import java.io.IOException;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import org.ipsecif.sa.SaParameters;
import org.ipsecif.sa.SecurityAssociation;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has an SA with manual keys go on after the numbers that an earlier daemon sent, which its peer would take for replays (RFC 4303
 * section 3.4.3). What is recorded lies ahead of what is sent, so that a crash may come at any time; it costs some numbers. Control
 * thread only.
 */
final class SequenceNumbers {
    private static final Logger LOG = LoggerFactory.getLogger(SequenceNumbers.class);

    /** Of what a second may need, four times as many: {@link #keep} is called each second. */
    static final long AHEAD = 1 << 22;

    private static final long UNDER_WAY = 16;
    private static final int MOST_REMEMBERED = 10_000;

    private final StateDirectory state;
    private final Map<String, Long> earlier;
    private Map<String, Long> recorded = Map.of();
    private final Map<SecurityAssociation, String> keys = new WeakHashMap<>();
    private Set<SecurityAssociation> live = Set.of();
    private boolean failing;

    SequenceNumbers(StateDirectory state) throws IOException {
        this.state = state;
        this.earlier = new HashMap<>(state.readSequences());
    }

    /** Before an SA sends: continues it where it was left. */
    void resume(Collection<SecurityAssociation> senders) {
        remember(senders);
        for (SecurityAssociation sa : senders) {
            Long last = earlier.remove(key(sa));
            if (last != null && last > sa.sequence()) {
                sa.skipTo(last);
            }
        }
        keep();
    }

    /** An SA that is no more may come back, with its interface. */
    private void remember(Collection<SecurityAssociation> senders) {
        Set<SecurityAssociation> now = new HashSet<>(senders);
        for (SecurityAssociation each : live) {
            if (!now.contains(each) && earlier.size() < MOST_REMEMBERED) {
                earlier.put(key(each), each.sequence() + UNDER_WAY);
            }
        }
        live = now;
    }

    /** Records numbers ahead of those sent, where the record is about to be reached: of the SAs that {@link #resume} was told of last. */
    void keep() {
        for (SecurityAssociation sa : live) {
            if (sa.sequence() + AHEAD / 2 > recorded.getOrDefault(key(sa), 0L)) {
                record(live, AHEAD);
                return;
            }
        }
    }

    /** At an orderly end, when the SAs send no more but for a packet that is under way. */
    void close(Collection<SecurityAssociation> senders) {
        record(senders, UNDER_WAY);
    }

    private void record(Collection<SecurityAssociation> senders, long ahead) {
        Map<String, Long> next = new HashMap<>(earlier);
        senders.forEach(sa -> next.put(key(sa), sa.sequence() + ahead));
        try {
            state.writeSequences(next);
            recorded = next;
            failing = false;
        } catch (IOException e) {
            if (!failing) {
                LOG.error("cannot record sequence numbers: {}", e.getMessage());
            }
            failing = true;
        }
    }

    /** Other keys make another SA, which begins at 1. */
    private String key(SecurityAssociation sa) {
        return keys.computeIfAbsent(sa, SequenceNumbers::makeKey);
    }

    private static String makeKey(SecurityAssociation association) {
        SaParameters sa = association.parameters();
        return sa.source() + " " + sa.destination() + " " + SaParameters.formatSpi(sa.spi()) + " "
                + Integer.toHexString(SaRegistry.keyCheck(sa));
    }
}
