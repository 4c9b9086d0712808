package org.ipsecif.platform.linux;

import java.nio.ByteBuffer;
import jnr.ffi.Pointer;
import org.ipsecif.platform.posix.DirectBuffer;

/**
 * What sendmmsg(2) and recvmmsg(2) take: several messages of one piece each. One thread.
 *
 * <pre>
 * struct mmsghdr { struct msghdr msg_hdr; unsigned int msg_len; };            // 64, 64-bit systems
 * struct msghdr  { void *name; socklen_t namelen; struct iovec *iov; size_t iovlen;
 *                  void *control; size_t controllen; int flags; };            // 56
 * struct iovec   { void *base; size_t len; };                                 // 16
 * struct cmsghdr { size_t len; int level; int type; };                        // 16, then data, padded to 8
 * </pre>
 */
final class MessageVector {
    private static final int MMSGHDR = 64;
    private static final int IOVEC = 16;
    private static final int CMSGHDR = 16;
    private static final int NAME_LENGTH = 8;
    private static final int VECTOR = 16;
    private static final int VECTOR_LENGTH = 24;
    private static final int CONTROL = 32;
    private static final int CONTROL_LENGTH = 40;
    private static final int MESSAGE_LENGTH = 56;

    /** A control message of one integer, or of less. */
    private static final int INTEGER_MESSAGE = 24;

    private final DirectBuffer headers;
    private final DirectBuffer vectors;
    private final DirectBuffer names;
    private final DirectBuffer controls;
    private final int nameSize;
    private final int controlSize;
    private final int nameStride;
    private final int controlStride;

    /**
     * @param messages how many
     * @param nameSize bytes of a socket address
     * @param integers control messages of one integer that each has room for
     * @param shared whether all have the first one's name and control messages, as messages to one peer
     */
    MessageVector(int messages, int nameSize, int integers, boolean shared) {
        this.nameSize = nameSize;
        controlSize = integers * INTEGER_MESSAGE;
        nameStride = shared ? 0 : (nameSize + 7) & ~7;
        controlStride = shared ? 0 : controlSize;
        headers = new DirectBuffer(messages * MMSGHDR);
        vectors = new DirectBuffer(messages * IOVEC);
        names = new DirectBuffer(Math.max(nameSize, messages * nameStride));
        controls = new DirectBuffer(Math.max(controlSize, messages * controlStride));
        for (int i = 0; i < messages; i++) {
            int at = i * MMSGHDR;
            headers.bytes()
                    .putLong(at, names.pointer().address() + (long) i * nameStride)
                    .putInt(at + NAME_LENGTH, nameSize)
                    .putLong(at + VECTOR, vectors.pointer().address() + (long) i * IOVEC)
                    .putLong(at + VECTOR_LENGTH, 1)
                    .putLong(at + CONTROL, controls.pointer().address() + (long) i * controlStride)
                    .putLong(at + CONTROL_LENGTH, controlSize);
        }
    }

    /** The first, which is a struct msghdr too. */
    Pointer pointer() {
        return headers.pointer();
    }

    void setPayload(int message, long address, int length) {
        vectors.bytes().putLong(message * IOVEC, address).putLong(message * IOVEC + 8, length);
    }

    /** Of all, where they share it. */
    void setName(byte[] address) {
        names.bytes().put(0, address);
    }

    /** Describes the {@code index}th control message of all. @param size bytes of its number */
    void setControl(int index, int level, int type, int size) {
        controls.bytes()
                .putLong(index * INTEGER_MESSAGE, CMSGHDR + size)
                .putInt(index * INTEGER_MESSAGE + 8, level)
                .putInt(index * INTEGER_MESSAGE + 12, type);
    }

    /** Its number, in native order. */
    void setValue(int index, int value) {
        controls.bytes().putInt(index * INTEGER_MESSAGE + CMSGHDR, value);
    }

    /** Its number of two bytes. */
    void setShort(int index, int value) {
        controls.bytes().putShort(index * INTEGER_MESSAGE + CMSGHDR, (short) value);
    }

    /** A message has so many control messages. */
    void useControls(int message, int count) {
        headers.bytes().putLong(message * MMSGHDR + CONTROL_LENGTH, (long) count * INTEGER_MESSAGE);
    }

    /** Makes room for names and control messages; recvmmsg(2) overwrites the lengths with those of what it stored. */
    void offer(int messages) {
        for (int i = 0; i < messages; i++) {
            int at = i * MMSGHDR;
            headers.bytes().putInt(at + NAME_LENGTH, nameSize).putLong(at + CONTROL_LENGTH, controlSize);
            controls.bytes().putLong(i * controlStride, 0);
        }
    }

    /** Bytes that came. */
    int length(int message) {
        return headers.bytes().getInt(message * MMSGHDR + MESSAGE_LENGTH);
    }

    /** Senders' addresses: of each message at {@link #nameAt}. */
    ByteBuffer names() {
        return names.bytes();
    }

    int nameAt(int message) {
        return message * nameStride;
    }

    /** The number in the control message of this type that came with a message, 0 if none did: an integer, or a byte. */
    int received(int message, int level, int type) {
        ByteBuffer bytes = controls.bytes();
        int from = message * controlStride;
        long end = from + headers.bytes().getLong(message * MMSGHDR + CONTROL_LENGTH);
        for (int at = from; at + CMSGHDR < end; at += INTEGER_MESSAGE) {
            long size = bytes.getLong(at) - CMSGHDR;
            if (size > 0 && bytes.getInt(at + 8) == level && bytes.getInt(at + 12) == type) {
                return size >= Integer.BYTES ? bytes.getInt(at + CMSGHDR) : bytes.get(at + CMSGHDR) & 0xff;
            }
        }
        return 0;
    }
}
