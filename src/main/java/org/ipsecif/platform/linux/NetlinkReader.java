package org.ipsecif.platform.linux;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;

/** Takes netlink attributes apart, distrusting every length. */
final class NetlinkReader {
    private static final int NLA_HEADER = 4;
    private static final int NLA_TYPE_MASK = 0x3fff;

    private NetlinkReader() {}

    /**
     * Attributes by type, the last of each, from {@code offset} to the end. A malformed rest is left out.
     *
     * @return values in native order
     */
    static Map<Integer, ByteBuffer> attributes(ByteBuffer message, int offset) {
        Map<Integer, ByteBuffer> found = new HashMap<>();
        int at = offset;
        while (at + NLA_HEADER <= message.limit()) {
            int length = Short.toUnsignedInt(message.getShort(at));
            if (length < NLA_HEADER || at + length > message.limit()) {
                break;
            }
            int type = Short.toUnsignedInt(message.getShort(at + 2)) & NLA_TYPE_MASK;
            found.put(type, message.slice(at + NLA_HEADER, length - NLA_HEADER).order(message.order()));
            at += NetlinkWriter.align(length);
        }
        return found;
    }
}
