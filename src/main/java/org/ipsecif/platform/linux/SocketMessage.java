package org.ipsecif.platform.linux;

import java.nio.ByteBuffer;
import jnr.ffi.Pointer;
import org.ipsecif.platform.posix.DirectBuffer;

/**
 * What sendmsg(2) and recvmsg(2) take, for one datagram. One thread.
 *
 * <pre>
 * struct msghdr  { void *name; socklen_t namelen; struct iovec *iov; size_t iovlen;
 *                  void *control; size_t controllen; int flags; };            // 56, 64-bit systems
 * struct iovec   { void *base; size_t len; };                                 // 16
 * struct cmsghdr { size_t len; int level; int type; };                        // 16, then data, padded to 8
 * </pre>
 */
final class SocketMessage {
    private static final int MSGHDR = 56;
    private static final int CMSGHDR = 16;
    private static final int INTEGER_MESSAGE = 24;
    private static final int NAME_LENGTH = 8;
    private static final int CONTROL_LENGTH = 40;

    private final DirectBuffer header = new DirectBuffer(MSGHDR);
    private final DirectBuffer vector = new DirectBuffer(16);
    private final DirectBuffer payload;
    private final DirectBuffer name;
    private final DirectBuffer control;

    /**
     * @param payloadSize bytes
     * @param nameSize bytes of a socket address, 0 for none
     * @param integers control messages of one integer that there is room for
     */
    SocketMessage(int payloadSize, int nameSize, int integers) {
        payload = new DirectBuffer(payloadSize);
        name = new DirectBuffer(Math.max(1, nameSize));
        control = new DirectBuffer(Math.max(1, integers * INTEGER_MESSAGE));
        vector.bytes().putLong(0, payload.pointer().address()).putLong(8, payloadSize);
        header.bytes()
                .putLong(0, nameSize == 0 ? 0 : name.pointer().address())
                .putInt(NAME_LENGTH, nameSize)
                .putLong(16, vector.pointer().address())
                .putLong(24, 1)
                .putLong(32, integers == 0 ? 0 : control.pointer().address())
                .putLong(CONTROL_LENGTH, (long) integers * INTEGER_MESSAGE);
    }

    Pointer pointer() {
        return header.pointer();
    }

    ByteBuffer payload() {
        return payload.bytes();
    }

    void setLength(int length) {
        vector.bytes().putLong(8, length);
    }

    void setName(byte[] address) {
        name.bytes().put(0, address);
    }

    /** Makes room for the sender's address; recvmsg(2) overwrites the length with that of what it stored. */
    void offerName() {
        header.bytes().putInt(NAME_LENGTH, name.size());
    }

    /** The sender's address. */
    ByteBuffer name() {
        return name.bytes();
    }

    /** Describes the {@code index}th control message. */
    void setControl(int index, int level, int type) {
        control.bytes()
                .putLong(index * INTEGER_MESSAGE, CMSGHDR + 4)
                .putInt(index * INTEGER_MESSAGE + 8, level)
                .putInt(index * INTEGER_MESSAGE + 12, type);
    }

    /** Its value, in native order. */
    void setValue(int index, int value) {
        control.bytes().putInt(index * INTEGER_MESSAGE + CMSGHDR, value);
    }

    /** Makes room for what comes with the next datagram; recvmsg(2) overwrites the length with what it stored. */
    void offerControl() {
        header.bytes().putLong(CONTROL_LENGTH, control.size());
        control.bytes().putLong(0, 0);
    }

    /** The number in the control message of this type that came, 0 if none did. Messages are of one integer or one byte. */
    int receivedByte(int level, int type) {
        ByteBuffer bytes = control.bytes();
        long end = header.bytes().getLong(CONTROL_LENGTH);
        for (int at = 0; at + CMSGHDR < end; at += INTEGER_MESSAGE) {
            if (bytes.getLong(at) > CMSGHDR && bytes.getInt(at + 8) == level && bytes.getInt(at + 12) == type) {
                return bytes.get(at + CMSGHDR) & 0xff; // of a little-endian integer its lowest byte, or a byte itself
            }
        }
        return 0;
    }
}
