package org.ipsecif.load;

import java.nio.ByteBuffer;

/** A datagram of a flow: the flow's number (of 256 at most), the datagram's length and its number in the flow, then bytes that follow from these. */
final class NumberedDatagram {
    /** Bytes at least. */
    static final int HEADER = 12;

    private static final int GOLDEN = 0x9e37_79b9;

    private NumberedDatagram() {}

    /** Writes one at the buffer's position, which is behind it then. */
    static void put(ByteBuffer target, int flow, int number, int length) {
        target.putInt(flow).putInt(length).putInt(number);
        int rest = length - HEADER;
        int word = first(flow, number);
        for (; rest >= Integer.BYTES; rest -= Integer.BYTES) {
            target.putInt(word);
            word += GOLDEN;
        }
        for (; rest > 0; rest--) {
            target.put((byte) word);
        }
    }

    private static int first(int flow, int number) {
        return (number ^ flow << 24) * GOLDEN;
    }

    /** Whether the buffer holds one and nothing else, each byte as it was sent. */
    static boolean isWhole(ByteBuffer datagram) {
        int at = datagram.position();
        int end = datagram.limit();
        if (end - at < HEADER || datagram.getInt(at + 4) != end - at || flow(datagram) >>> 8 != 0) {
            return false;
        }
        int word = first(flow(datagram), number(datagram));
        for (at += HEADER; at + Integer.BYTES <= end; at += Integer.BYTES) {
            if (datagram.getInt(at) != word) {
                return false;
            }
            word += GOLDEN;
        }
        for (; at < end; at++) {
            if (datagram.get(at) != (byte) word) {
                return false;
            }
        }
        return true;
    }

    static int flow(ByteBuffer datagram) {
        return datagram.getInt(datagram.position());
    }

    static int number(ByteBuffer datagram) {
        return datagram.getInt(datagram.position() + 8);
    }
}
