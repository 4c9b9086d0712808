package org.ipsecif.platform.freebsd;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * What a daemon and the holder of its devices say to each other: 32 bytes, in network order.
 *
 * <pre>
 * 0  u32 magic, "tunH"      8  u32 number           16 char[16] name of an interface, then NULs
 * 4  u8  version, 1        12  u32 process id of the holder in an answer, else 0
 * 5  u8  kind
 * 6  u16 0
 * </pre>
 *
 * A holder is older than the daemons that come after it: what it understands is never changed, and what it does not know it refuses.
 *
 * @param number the unit of the device for {@link Kind#KEEP}, and in the answer to {@link Kind#TAKE}; for {@link Kind#LIST} the position
 *     of a device among those held, in the answer how many these are
 * @param pid of the holder
 * @param name empty if the message is about none
 */
record HolderMessage(Kind kind, int number, int pid, String name) {
    static final int SIZE = 32;

    private static final int MAGIC = 0x74756e48;
    private static final byte VERSION = 1;
    private static final int NAME = 16;

    /** Which message, and whether it has a name and a descriptor with it. */
    enum Kind {
        /** Hold this descriptor under this name, instead of what was held under it. */
        KEEP(1, true, true),
        /** Give a descriptor of what is held under this name. */
        TAKE(2, true, false),
        /** Close what is held under this name, if there is anything. */
        DROP(3, true, false),
        /** Which device is at this position. */
        LIST(4, false, false),
        /** It was done. */
        DONE(128, false, false),
        /** Nothing is held there. */
        NOTHING(129, false, false),
        /** It is not understood, or cannot be done. */
        REFUSED(130, false, false),
        /** The device that was asked for, by its name and descriptor. */
        TAKEN(131, true, true),
        /** The device at the position. */
        LISTED(132, true, false);

        private final byte code;
        private final boolean named;
        private final boolean passing;

        Kind(int code, boolean named, boolean passing) {
            this.code = (byte) code;
            this.named = named;
            this.passing = passing;
        }

        boolean isRequest() {
            return code > 0;
        }

        /** Whether one descriptor comes with it; none with all others. */
        boolean passesDescriptor() {
            return passing;
        }

        private static @Nullable Kind of(byte code) {
            for (Kind each : values()) {
                if (each.code == code) {
                    return each;
                }
            }
            return null;
        }
    }

    static HolderMessage request(Kind kind, String name) {
        return new HolderMessage(kind, 0, 0, name);
    }

    /** To {@link #SIZE} bytes from the buffer's beginning. */
    void put(ByteBuffer into) {
        byte[] text = name.getBytes(StandardCharsets.US_ASCII);
        ByteBuffer bytes = ByteBuffer.allocate(SIZE);
        bytes.putInt(MAGIC).put(VERSION).put(kind.code).putShort((short) 0);
        bytes.putInt(number).putInt(pid).put(text, 0, Math.min(text.length, NAME - 1));
        into.put(0, bytes.array());
    }

    /** The message in the first {@code length} bytes; null if it is none. */
    static @Nullable HolderMessage parse(ByteBuffer from, int length) {
        if (length != SIZE) {
            return null;
        }
        byte[] all = new byte[SIZE];
        from.get(0, all);
        ByteBuffer bytes = ByteBuffer.wrap(all);
        Kind kind = Kind.of(bytes.get(5));
        if (bytes.getInt(0) != MAGIC || bytes.get(4) != VERSION || kind == null || bytes.getShort(6) != 0) {
            return null;
        }
        String name = name(all);
        return name == null || kind.named == name.isEmpty()
                ? null
                : new HolderMessage(kind, bytes.getInt(8), bytes.getInt(12), name);
    }

    /** Null if what stands there is no name. */
    private static @Nullable String name(byte[] all) {
        int end = SIZE - NAME;
        while (end < SIZE && all[end] > ' ' && all[end] < 0x7f && all[end] != '/') {
            end++;
        }
        for (int at = end; at < SIZE; at++) {
            if (all[at] != 0) {
                return null;
            }
        }
        return end == SIZE ? null : new String(all, SIZE - NAME, end - (SIZE - NAME), StandardCharsets.US_ASCII);
    }
}
