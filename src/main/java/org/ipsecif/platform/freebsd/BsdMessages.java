package org.ipsecif.platform.freebsd;

import java.nio.ByteBuffer;
import jnr.ffi.Pointer;
import org.ipsecif.platform.posix.DirectBuffer;

/**
 * What sendmmsg(2) and recvmmsg(2) take: several messages, which FreeBSD's library sends and receives one by one. One thread.
 *
 * <pre>
 * struct mmsghdr { struct msghdr msg_hdr; ssize_t msg_len; };                          // 56
 * struct msghdr  { void *name; socklen_t namelen; struct iovec *iov; int iovlen;
 *                  void *control; socklen_t controllen; int flags; };                   // 48
 * struct iovec   { void *base; size_t len; };                                           // 16
 * struct cmsghdr { socklen_t len; int level; int type; };                               // 12, data from 16, padded to 8
 * </pre>
 */
final class BsdMessages {
    /** CMSG_DATA: bytes before the data of a control message. */
    private static final int CONTROL_HEADER = Abi.align(Abi.SIZEOF_CMSGHDR);

    private final DirectBuffer headers;
    private final DirectBuffer vectors;
    private final DirectBuffer names;
    private final DirectBuffer controls;
    private final int parts;
    private final int nameSize;
    private final int nameStride;
    private final int controlSize;
    private final int controlStride;

    /**
     * @param messages how many
     * @param parts pieces of memory that each consists of
     * @param nameSize bytes of a socket address
     * @param controlSize bytes of control messages, of {@link #space} each
     * @param shared whether all have the first one's name and control messages, as messages to one peer
     */
    BsdMessages(int messages, int parts, int nameSize, int controlSize, boolean shared) {
        this.parts = parts;
        this.nameSize = nameSize;
        this.controlSize = controlSize;
        nameStride = shared ? 0 : Abi.align(nameSize);
        controlStride = shared ? 0 : controlSize;
        headers = new DirectBuffer(messages * Abi.SIZEOF_MMSGHDR);
        vectors = new DirectBuffer(messages * parts * Abi.SIZEOF_IOVEC);
        names = new DirectBuffer(Math.max(nameSize, messages * nameStride));
        controls = new DirectBuffer(Math.max(controlSize, messages * controlStride));
        for (int i = 0; i < messages; i++) {
            int at = i * Abi.SIZEOF_MMSGHDR;
            headers.bytes()
                    .putLong(at + Abi.MSGHDR_MSG_NAME, names.pointer().address() + (long) i * nameStride)
                    .putInt(at + Abi.MSGHDR_MSG_NAMELEN, nameSize)
                    .putLong(at + Abi.MSGHDR_MSG_IOV, vectors.pointer().address() + (long) i * parts * Abi.SIZEOF_IOVEC)
                    .putInt(at + Abi.MSGHDR_MSG_IOVLEN, parts)
                    .putLong(at + Abi.MSGHDR_MSG_CONTROL, controlSize == 0 ? 0 : controlAddress(i))
                    .putInt(at + Abi.MSGHDR_MSG_CONTROLLEN, controlSize);
        }
    }

    private long controlAddress(int message) {
        return controls.pointer().address() + (long) message * controlStride;
    }

    /** CMSG_SPACE: bytes of a control message. @param data bytes of it */
    static int space(int data) {
        return CONTROL_HEADER + Abi.align(data);
    }

    /** The first, which is a struct msghdr too. */
    Pointer pointer() {
        return headers.pointer();
    }

    /** Says where a piece of a message is. @param part which, from 0 */
    void setPart(int message, int part, long address, int length) {
        int at = (message * parts + part) * Abi.SIZEOF_IOVEC;
        vectors.bytes().putLong(at + Abi.IOVEC_IOV_BASE, address).putLong(at + Abi.IOVEC_IOV_LEN, length);
    }

    /** Of all, where they share it. */
    void setName(byte[] address) {
        names.bytes().put(0, address);
    }

    /**
     * Describes a control message of those that all share.
     *
     * @param at where it begins
     * @param data bytes of it
     * @return where its data are
     */
    int describe(int at, int level, int type, int data) {
        controls.bytes()
                .putInt(at + Abi.CMSGHDR_CMSG_LEN, CONTROL_HEADER + data)
                .putInt(at + Abi.CMSGHDR_CMSG_LEVEL, level)
                .putInt(at + Abi.CMSGHDR_CMSG_TYPE, type);
        return at + CONTROL_HEADER;
    }

    /** Control messages: of each message, or those that all share. */
    ByteBuffer controls() {
        return controls.bytes();
    }

    /** A message has so many bytes of control messages. */
    void useControls(int message, int bytes) {
        headers.bytes().putInt(message * Abi.SIZEOF_MMSGHDR + Abi.MSGHDR_MSG_CONTROLLEN, bytes);
    }

    /** Makes room for names and control messages; recvmsg(2) overwrites the lengths with those of what it stored. */
    void offer(int messages) {
        for (int i = 0; i < messages; i++) {
            int at = i * Abi.SIZEOF_MMSGHDR;
            headers.bytes()
                    .putInt(at + Abi.MSGHDR_MSG_NAMELEN, nameSize)
                    .putInt(at + Abi.MSGHDR_MSG_CONTROLLEN, controlSize);
        }
    }

    /** Bytes that came. */
    int length(int message) {
        return (int) headers.bytes().getLong(message * Abi.SIZEOF_MMSGHDR + Abi.MMSGHDR_MSG_LEN);
    }

    /** Senders' addresses: of each message at {@link #nameAt}. */
    ByteBuffer names() {
        return names.bytes();
    }

    int nameAt(int message) {
        return message * nameStride;
    }

    /**
     * Where the data of a control message are that came with a message.
     *
     * @param least bytes that they must have
     * @return negative if there are none such
     */
    int find(int message, int level, int type, int least) {
        ByteBuffer bytes = controls.bytes();
        int from = message * controlStride;
        int room = headers.bytes().getInt(message * Abi.SIZEOF_MMSGHDR + Abi.MSGHDR_MSG_CONTROLLEN);
        int end = from + Math.min(controlSize, Math.max(0, room));
        int at = from;
        while (at + CONTROL_HEADER <= end) {
            int length = bytes.getInt(at + Abi.CMSGHDR_CMSG_LEN);
            if (length < CONTROL_HEADER || length > end - at) {
                return -1;
            }
            if (bytes.getInt(at + Abi.CMSGHDR_CMSG_LEVEL) == level
                    && bytes.getInt(at + Abi.CMSGHDR_CMSG_TYPE) == type
                    && length >= CONTROL_HEADER + least) {
                return at + CONTROL_HEADER;
            }
            at += Abi.align(length);
        }
        return -1;
    }
}
