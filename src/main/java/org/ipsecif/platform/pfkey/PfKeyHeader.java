package org.ipsecif.platform.pfkey;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The base of every message (RFC 2367 section 2.2).
 *
 * <pre>
 * struct sadb_msg { u8 version; u8 type; u8 errno; u8 satype; u16 len; u16 reserved; u32 seq; u32 pid; };      // 16
 * </pre>
 *
 * @param type SADB_*
 * @param errno of the kernel that answers; 0 if it did what it was asked
 * @param satype SADB_SATYPE_*
 * @param length of the message, in units of 8 bytes
 * @param reserved 0 in a request; how often an entry is in use, in what a kernel tells of it
 * @param sequence of the request that is answered; in dumps see {@link Dialect#follows}
 * @param pid of whoever asked, and so of whoever made the change that is told of; 0 for the kernel
 */
record PfKeyHeader(int version, int type, int errno, int satype, int length, int reserved, int sequence, int pid) {
    static final int BYTES = 16;

    /** Of a message of ours, which the writer gives its length. */
    static PfKeyHeader of(int type, int satype, int sequence, int pid) {
        return new PfKeyHeader(Sadb.PF_KEY_V2, type, 0, satype, 0, 0, sequence, pid);
    }

    /** @param bytes a message from index 0, in native order @return null if it is cut off */
    static @Nullable PfKeyHeader read(ByteBuffer bytes) {
        return bytes.limit() < BYTES
                ? null
                : new PfKeyHeader(
                        bytes.get(0) & 0xff,
                        bytes.get(1) & 0xff,
                        bytes.get(2) & 0xff,
                        bytes.get(3) & 0xff,
                        Short.toUnsignedInt(bytes.getShort(4)),
                        Short.toUnsignedInt(bytes.getShort(6)),
                        bytes.getInt(8),
                        bytes.getInt(12));
    }

    void write(ByteBuffer to, int bytes) {
        to.put(0, (byte) version).put(1, (byte) type).put(2, (byte) errno).put(3, (byte) satype);
        to.putShort(4, (short) (bytes / Sadb.UNIT)).putShort(6, (short) reserved);
        to.putInt(8, sequence).putInt(12, pid);
    }
}
