package org.ipsecif.tunnel;

import java.util.List;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.sa.SecurityAssociation;
import org.jspecify.annotations.Nullable;

/**
 * SPI and destination to SA and interface (RFC 4301 section 4.1), read by every inbound worker without a lock. Immutable:
 * the control thread publishes a new one for each change.
 */
public final class InboundTable {
    public static final InboundTable EMPTY = new InboundTable(List.of());

    private static final int SPI_MIX = 0x9e3779b9;

    /**
     * An SA and who receives with it.
     *
     * @param tunnel null while no interface has the SA's reqid and addresses
     */
    public record Entry(SecurityAssociation sa, @Nullable TunnelInterface tunnel) {}

    private final @Nullable Entry[] slots;
    private final int mask;

    /** @param entries with no destination and SPI twice */
    public InboundTable(List<Entry> entries) {
        slots = new Entry[Math.max(2, Integer.highestOneBit(Math.max(1, entries.size())) * 4)];
        mask = slots.length - 1;
        for (Entry entry : entries) {
            int slot = slotOf(entry.sa().parameters().spi());
            while (slots[slot] != null) {
                slot = (slot + 1) & mask;
            }
            slots[slot] = entry;
        }
    }

    private int slotOf(int spi) {
        return ((spi * SPI_MIX) >>> 7) & mask;
    }

    /** The SA that {@code destination} receives with under this SPI, or null. */
    public @Nullable Entry find(int spi, IpAddress destination) {
        for (int slot = slotOf(spi); ; slot = (slot + 1) & mask) {
            Entry entry = slots[slot];
            if (entry == null) {
                return null;
            }
            if (entry.sa().parameters().spi() == spi
                    && entry.sa().parameters().destination().equals(destination)) {
                return entry;
            }
        }
    }
}
