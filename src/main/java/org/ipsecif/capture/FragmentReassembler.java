package org.ipsecif.capture;

import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.Map;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.wire.PacketView;
import org.jspecify.annotations.Nullable;

/** Puts IP fragments together (RFC 791 section 3.2, RFC 8200 section 4.5), a bounded number of packets at a time. */
final class FragmentReassembler {
    private static final int MAX_PACKETS = 256;
    private static final int MAX_PAYLOAD = 65_535;
    private static final int UNIT = 8;

    private record Key(IpAddress source, IpAddress destination, long id, int protocol) {}

    private static final class Partial {
        byte[] payload = new byte[0];
        final BitSet have = new BitSet();
        int end = -1;
    }

    private final Map<Key, Partial> partials = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Partial> eldest) {
            boolean remove = size() > MAX_PACKETS;
            if (remove) {
                given++;
            }
            return remove;
        }
    };

    private int given;

    /**
     * Takes one fragment.
     *
     * @param at where its data begins
     * @param length bytes of it
     * @return the whole payload once all of it has come, else null
     */
    byte @Nullable [] add(
            IpAddress source, IpAddress destination, PacketView fragment, byte[] bytes, int at, int length) {
        Key key = new Key(source, destination, fragment.fragmentId(), fragment.protocol());
        int offset = fragment.fragmentOffset();
        if (length <= 0 || offset + length > MAX_PAYLOAD || (fragment.hasMoreFragments() && length % UNIT != 0)) {
            return null;
        }
        Partial partial = partials.computeIfAbsent(key, each -> new Partial());
        if (partial.payload.length < offset + length) {
            partial.payload = Arrays.copyOf(partial.payload, offset + length);
        }
        System.arraycopy(bytes, at, partial.payload, offset, length);
        partial.have.set(offset / UNIT, (offset + length + UNIT - 1) / UNIT);
        if (!fragment.hasMoreFragments()) {
            partial.end = offset + length;
        }
        if (partial.end < 0 || partial.have.nextClearBit(0) * UNIT < partial.end) {
            return null;
        }
        partials.remove(key);
        return Arrays.copyOf(partial.payload, partial.end);
    }

    /** Packets of which some fragments never came. */
    int incomplete() {
        return given + partials.size();
    }
}
