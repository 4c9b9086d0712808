package org.ipsecif.platform.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Builds one netlink message: header, family header, attributes. Integers are in native order.
 *
 * <pre>
 * struct nlattr { __u16 nla_len; __u16 nla_type; };    // then the value, padded to 4 (linux/netlink.h)
 * </pre>
 */
final class NetlinkWriter {
    static final int HEADER = 16;

    private static final int ALIGNMENT = 4;
    private static final int CAPACITY = 4096;

    private final ByteBuffer bytes = ByteBuffer.allocate(CAPACITY).order(ByteOrder.nativeOrder());
    private final int flags;

    /**
     * @param type nlmsg_type
     * @param flags those of this request beside REQUEST, ACK and DUMP
     * @param body the family header, in wire form
     */
    NetlinkWriter(int type, int flags, byte[] body) {
        this.flags = flags;
        bytes.putShort(4, (short) type);
        bytes.position(HEADER);
        bytes.put(body);
        pad();
    }

    static int align(int length) {
        return (length + ALIGNMENT - 1) & -ALIGNMENT;
    }

    NetlinkWriter attribute(int type, byte[] value) {
        bytes.putShort((short) (4 + value.length)).putShort((short) type).put(value);
        pad();
        return this;
    }

    NetlinkWriter attribute(int type, int value) {
        bytes.putShort((short) 8).putShort((short) type).putInt(value);
        return this;
    }

    private void pad() {
        bytes.position(align(bytes.position()));
    }

    /** The message with its header filled in. */
    byte[] finish(int moreFlags, int sequence) {
        int length = bytes.position();
        bytes.putInt(0, length);
        bytes.putShort(6, (short) (flags | moreFlags));
        bytes.putInt(8, sequence);
        return Arrays.copyOf(bytes.array(), length);
    }
}
