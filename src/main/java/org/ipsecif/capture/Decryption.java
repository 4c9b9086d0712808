package org.ipsecif.capture;

import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.ipsecif.esp.EspDecapsulator;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.sa.IpsecMode;
import org.ipsecif.sa.SaParameters;
import org.ipsecif.sa.SecurityAssociation;
import org.ipsecif.sa.Verdict;
import org.ipsecif.wire.Bytes;
import org.ipsecif.wire.OuterHeader;
import org.jspecify.annotations.Nullable;

/**
 * Decrypts the ESP packets of a capture with given SAs, by the daemon's own {@link EspDecapsulator}, and keeps count of what
 * did not work and why.
 */
final class Decryption implements AutoCloseable {
    private static final int MAX_ESP = 65_535;

    /** Unknown SPIs that are listed; a capture may have any number of them. */
    static final int MAX_UNKNOWN = 1_000;

    /** An SA and what became of its packets. */
    private static final class Entry {
        SecurityAssociation sa;
        final Map<Verdict, Long> verdicts = new EnumMap<>(Verdict.class);

        @Nullable
        Integer initialHigh;

        /** With {@link #initialHigh}, the sequence number of the last packet that might have been the first. */
        long first = Long.MAX_VALUE;

        Entry(SecurityAssociation sa, @Nullable Integer initialHigh) {
            this.sa = sa;
            this.initialHigh = initialHigh;
        }

        /** Until a packet is authentic, each might be the first of the capture. @param low half of its sequence number */
        void startAt(long low) {
            if (initialHigh == null) {
                return;
            }
            if (sa.replayWindow().highest() >= first) {
                initialHigh = null;
                return;
            }
            sa = new SecurityAssociation(sa.parameters(), 0);
            first = Integer.toUnsignedLong(initialHigh) << Integer.SIZE | low;
            if (first > 1) {
                sa.replayWindow().advance(first - 1);
            }
        }
    }

    /**
     * The outcome.
     *
     * @param frames in the capture, by what they hold
     * @param unsupportedLinkTypes frames in which no packet could be looked for, by LINKTYPE_
     * @param incomplete packets whose fragments are not all in the capture
     * @param associations in the order of the SA file
     * @param unknown packets of SPIs that no SA has, {@link #MAX_UNKNOWN} SPIs at most
     * @param unlisted packets of further such SPIs
     */
    record Summary(
            Map<String, Long> frames,
            Map<Integer, Long> unsupportedLinkTypes,
            int incomplete,
            List<AssociationSummary> associations,
            List<UnknownSpi> unknown,
            long unlisted) {
        /** Whether every frame could be read, and every ESP packet was decrypted. */
        boolean isComplete() {
            return incomplete == 0
                    && unknown.isEmpty()
                    && unsupportedLinkTypes.isEmpty()
                    && !frames.containsKey("cut")
                    && associations.stream().allMatch(each -> each.failures().isEmpty());
        }
    }

    /**
     * The packets of an SA.
     *
     * @param decrypted inner packets written
     * @param dummies of RFC 4303 section 2.6, with nothing inside
     * @param failures others by reason, named as the daemon's counters
     */
    record AssociationSummary(String association, long decrypted, long dummies, Map<String, Long> failures) {}

    record UnknownSpi(String source, String destination, String spi, long packets) {}

    private record Stranger(IpAddress source, IpAddress destination, int spi) {}

    private final List<Entry> entries = new ArrayList<>();
    private final Map<Stranger, Long> strangers = new LinkedHashMap<>();
    private long unlisted;
    private final Map<Integer, Long> unsupported = new TreeMap<>();
    private final Map<EspFinder.Found, Long> frames = new EnumMap<>(EspFinder.Found.class);
    private final EspFinder finder;
    private final OuterHeader outer = new OuterHeader();
    private final EspDecapsulator decapsulator = new EspDecapsulator(MAX_ESP);

    /**
     * @param highHalves the high half of the sequence number of an SPI's first packet in the capture
     * @param udpPorts either port of a UDP packet that may hold ESP
     */
    Decryption(List<SaParameters> associations, Map<Integer, Integer> highHalves, Set<Integer> udpPorts) {
        for (SaParameters parameters : associations) {
            Integer high = parameters.esn() ? highHalves.get(parameters.spi()) : null;
            entries.add(new Entry(new SecurityAssociation(parameters, 0), high));
        }
        finder = new EspFinder(udpPorts);
    }

    /** Goes through a capture. @throws IOException if it is damaged; what came before is written and in {@link #summary} */
    Summary run(PcapReader in, PcapWriter out) throws IOException {
        while (in.next()) {
            EspFinder.Found found = finder.find(in);
            frames.merge(found, 1L, Long::sum);
            if (found == EspFinder.Found.ESP) {
                decrypt(in.timestampNanos(), out);
            } else if (found == EspFinder.Found.LINK_TYPE_UNSUPPORTED) {
                unsupported.merge(in.linkType(), 1L, Long::sum);
            }
        }
        return summary();
    }

    private void decrypt(long timestampNanos, PcapWriter out) throws IOException {
        if (!EspDecapsulator.hasHeader(finder.length())) {
            countStranger(0);
            return;
        }
        int spi = EspDecapsulator.spi(finder.bytes(), finder.offset());
        Entry entry = find(spi);
        if (entry == null) {
            countStranger(spi);
            return;
        }
        entry.startAt(Bytes.u32(finder.bytes(), finder.offset() + 4));
        Verdict verdict = decapsulate(entry.sa);
        entry.verdicts.merge(verdict, 1L, Long::sum);
        if (verdict == Verdict.DELIVERED) {
            int length = decapsulator.inner().totalLength();
            out.write(timestampNanos, decapsulator.innerBuffer(), decapsulator.innerOffset(), length);
        }
    }

    private Verdict decapsulate(SecurityAssociation sa) {
        if (sa.parameters().mode() != IpsecMode.TRANSPORT) {
            return decapsulator.decapsulate(sa, finder.bytes(), finder.offset(), finder.length());
        }
        finder.readHeader(outer);
        return decapsulator.decapsulateTransport(sa, outer, finder.bytes(), finder.offset(), finder.length());
    }

    private void countStranger(int spi) {
        Stranger stranger = new Stranger(finder.source(), finder.destination(), spi);
        if (strangers.size() < MAX_UNKNOWN || strangers.containsKey(stranger)) {
            strangers.merge(stranger, 1L, Long::sum);
        } else {
            unlisted++;
        }
    }

    /** By destination and SPI; where a NAT changed the address, by the SPI if only one SA has it. */
    private @Nullable Entry find(int spi) {
        Entry only = null;
        int found = 0;
        for (Entry entry : entries) {
            if (entry.sa.parameters().spi() == spi) {
                if (entry.sa.parameters().destination().equals(finder.destination())) {
                    return entry;
                }
                only = entry;
                found++;
            }
        }
        return found == 1 ? only : null;
    }

    /** What became of all packets so far. */
    Summary summary() {
        Map<String, Long> byName = new LinkedHashMap<>();
        frames.forEach((found, count) -> byName.put(found.name().toLowerCase(Locale.ROOT), count));
        List<AssociationSummary> associations = new ArrayList<>();
        for (Entry entry : entries) {
            Map<String, Long> failures = new TreeMap<>();
            entry.verdicts.forEach((verdict, count) -> {
                if (verdict.isDrop()) {
                    failures.put(verdict.counterName(), count);
                }
            });
            associations.add(new AssociationSummary(
                    entry.sa.parameters().toString(),
                    entry.verdicts.getOrDefault(Verdict.DELIVERED, 0L),
                    entry.verdicts.getOrDefault(Verdict.INBOUND_DUMMY, 0L),
                    failures));
        }
        List<UnknownSpi> unknown = new ArrayList<>();
        strangers.forEach((stranger, count) -> unknown.add(new UnknownSpi(
                stranger.source().toString(),
                stranger.destination().toString(),
                SaParameters.formatSpi(stranger.spi()),
                count)));
        return new Summary(byName, new TreeMap<>(unsupported), finder.incomplete(), associations, unknown, unlisted);
    }

    @Override
    public void close() {
        entries.forEach(entry -> entry.sa.close());
    }
}
