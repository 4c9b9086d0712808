package org.ipsecif.platform.freebsd;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Puts fragments of ESP packets together (RFC 791 section 3.2, RFC 8200 section 4.5), as the host does where it hands over packets and not
 * what bpf(4) saw of them. There is room for a few packets; the oldest gives way, and so does one whose fragments overlap (RFC 5722). All
 * are to one local address. One thread.
 */
final class EspFragments {
    /** Packets under way. */
    static final int SLOTS = 16;

    /** RFC 8200 section 4.5: 60 seconds at most; FreeBSD waits half of it. */
    static final long PATIENCE_NANOS = 30_000_000_000L;

    private static final int MAX_PAYLOAD = 65_535;
    private static final int UNIT = 8;
    private static final int UNITS = (MAX_PAYLOAD + UNIT) / UNIT;
    private static final int ECN = 3;

    /** A packet under way. */
    private static final class Slot {
        final byte[] payload = new byte[MAX_PAYLOAD];
        private final long[] have = new long[(UNITS + Long.SIZE - 1) / Long.SIZE];
        boolean used;
        long began;
        long sourceHigh;
        long sourceLow;
        long id;
        int length;
        int units;
        int trafficClass;
        int hopLimit;
        boolean congestion;

        void begin(OuterPacket packet, long now) {
            Arrays.fill(have, 0);
            used = true;
            began = now;
            sourceHigh = packet.sourceHigh();
            sourceLow = packet.sourceLow();
            id = packet.fragmentId();
            length = -1;
            units = 0;
            trafficClass = packet.trafficClass();
            hopLimit = packet.hopLimit();
            congestion = false;
        }

        boolean is(OuterPacket packet) {
            return used
                    && id == packet.fragmentId()
                    && sourceLow == packet.sourceLow()
                    && sourceHigh == packet.sourceHigh();
        }

        /** @return false if one of these was there already */
        boolean mark(int from, int to) {
            for (int unit = from; unit < to; unit++) {
                long bit = 1L << unit % Long.SIZE;
                if ((have[unit / Long.SIZE] & bit) != 0) {
                    return false;
                }
                have[unit / Long.SIZE] |= bit;
            }
            units += to - from;
            return true;
        }

        /** Whether any from this one on is there. */
        boolean hasFrom(int unit) {
            for (int i = unit; i < UNITS; i++) {
                if ((have[i / Long.SIZE] >>> i % Long.SIZE & 1) != 0) {
                    return true;
                }
            }
            return false;
        }
    }

    private final @Nullable Slot[] slots = new Slot[SLOTS];
    private @Nullable Slot whole;
    private volatile long lost;

    /** Packets of which nothing will come any more, since fragments overlapped, did not come in time, or were too many. */
    long lost() {
        return lost;
    }

    /**
     * Takes a fragment.
     *
     * @param now nanoseconds of any clock that does not go back
     * @return whether its packet is whole now: then {@link #length} and the like are about it until the next
     */
    boolean add(OuterPacket packet, ByteBuffer bytes, long now) {
        int offset = packet.fragmentOffset();
        int length = packet.payloadLength();
        boolean more = packet.hasMoreFragments();
        if (length == 0 || offset + length > MAX_PAYLOAD || (more && length % UNIT != 0)) {
            lose();
            return false;
        }
        Slot slot = find(packet, now);
        int from = offset / UNIT;
        int to = from + (length + UNIT - 1) / UNIT;
        boolean contradicts =
                more ? slot.length >= 0 && offset + length > slot.length : slot.length >= 0 || slot.hasFrom(to);
        if (contradicts || !slot.mark(from, to)) {
            slot.used = false;
            lose();
            return false;
        }
        bytes.get(packet.payloadAt(), slot.payload, offset, length);
        if (!more) {
            slot.length = offset + length;
        }
        if (offset == 0) { // the packet's header is that of its first fragment
            slot.trafficClass = packet.trafficClass();
            slot.hopLimit = packet.hopLimit();
        }
        slot.congestion |= (packet.trafficClass() & ECN) == ECN;
        if (slot.length < 0 || slot.units < (slot.length + UNIT - 1) / UNIT) {
            return false;
        }
        slot.used = false;
        whole = slot;
        return true;
    }

    private Slot find(OuterPacket packet, long now) {
        int best = 0;
        long bestAge = Long.MIN_VALUE;
        for (int i = 0; i < SLOTS; i++) {
            Slot each = slots[i];
            if (each != null && each.used && now - each.began > PATIENCE_NANOS) {
                each.used = false;
                lose();
            }
            if (each != null && each.is(packet)) {
                return each;
            }
            long age = each == null || !each.used ? Long.MAX_VALUE : now - each.began;
            if (age > bestAge) {
                bestAge = age;
                best = i;
            }
        }
        return take(best, packet, now);
    }

    private Slot take(int which, OuterPacket packet, long now) {
        Slot slot = slots[which];
        if (slot == null) {
            slot = new Slot();
            slots[which] = slot;
        } else if (slot.used) {
            lose();
        }
        slot.begin(packet, now);
        return slot;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes
    private void lose() {
        lost++;
    }

    /** Bytes of the packet that has become whole. */
    int length() {
        Slot slot = whole;
        return slot == null ? 0 : slot.length;
    }

    /** RFC 3168 section 5.3: congestion that a fragment met is the packet's. */
    int trafficClass() {
        Slot slot = whole;
        return slot == null ? 0 : slot.congestion ? slot.trafficClass | ECN : slot.trafficClass;
    }

    int hopLimit() {
        Slot slot = whole;
        return slot == null ? 0 : slot.hopLimit;
    }

    /** Puts it there. */
    void copy(ByteBuffer into, int at) {
        Slot slot = whole;
        if (slot != null) {
            into.put(at, slot.payload, 0, slot.length);
        }
    }
}
