package org.ipsecif.platform.freebsd.sim.key;

import static org.ipsecif.platform.freebsd.sim.key.KeyNumbers.*;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.stream.IntStream;

/** A message that was written to the kernel, cut into its extensions as key_align and key_validate_ext do. The kernel writes into it. */
final class KeyMessage {
    static final int HEADER = 16;
    private static final int LIFETIME = 32;
    private static final int ADDRESS = 8;
    private static final int X_IDENTTYPE_ADDR = 4;

    /** By type of extension: the fewest and the most bytes (0: no limit). No fewest: not an extension. */
    private static final int[] FEWEST = {
        16, 16, LIFETIME, LIFETIME, LIFETIME, 8, 8, 8, 8, 8, 16, 16, 16, 8, 8, 8, 16, 0, 16, 16, 8, 8, 8, 8, 8, 8, 8, 8,
        8
    };

    private static final int[] MOST = {
        16, 16, LIFETIME, LIFETIME, LIFETIME, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 16, 0, 0, 16, 8, 8, 8, 0, 0, 8, 8, 0, 0
    };

    private final ByteBuffer bytes;
    private final int[] offsets = new int[EXT_MAX + 1];
    private final int[] lengths = new int[EXT_MAX + 1];

    /** @throws Refused as the error of the write itself */
    KeyMessage(byte[] written) throws Refused {
        bytes = ByteBuffer.wrap(written.clone()).order(ByteOrder.LITTLE_ENDIAN);
        int at = HEADER;
        while (at < bytes.capacity()) {
            at += extension(at);
        }
    }

    private int extension(int at) throws Refused {
        int length = (bytes.getShort(at) & 0xffff) * 8;
        int type = bytes.getShort(at + 2) & 0xffff;
        boolean known = type > 0 && type <= EXT_MAX && FEWEST[type] > 0;
        if (!known || offsets[type] != 0 || length < FEWEST[type] || (MOST[type] != 0 && length > MOST[type])) {
            throw new Refused(EINVAL);
        }
        int before = sockaddrOffset(type, at);
        if (before > 0
                && (length < before + 1 || at + before >= bytes.capacity() || length != before + padded(at + before))) {
            throw new Refused(EINVAL);
        }
        if (at + length > bytes.capacity()) {
            throw new Refused(ENOBUFS); // m_pulldown finds too little
        }
        offsets[type] = at;
        lengths[type] = length;
        return length;
    }

    private int padded(int sockaddr) {
        return align8(bytes.get(sockaddr) & 0xff);
    }

    /** Where in the extension its sockaddr begins; 0: it has none. */
    private int sockaddrOffset(int type, int at) {
        return switch (type) {
            case EXT_ADDRESS_SRC,
                    EXT_ADDRESS_DST,
                    EXT_ADDRESS_PROXY,
                    EXT_NAT_T_OAI,
                    EXT_NAT_T_OAR,
                    EXT_NEW_ADDRESS_SRC,
                    EXT_NEW_ADDRESS_DST -> ADDRESS;
            case EXT_IDENTITY_SRC, EXT_IDENTITY_DST -> bytes.getShort(at + 4) == X_IDENTTYPE_ADDR ? 16 : 0;
            default -> 0;
        };
    }

    int version() {
        return bytes.get(0) & 0xff;
    }

    int type() {
        return bytes.get(1) & 0xff;
    }

    int errno() {
        return bytes.get(2) & 0xff;
    }

    int satype() {
        return bytes.get(3) & 0xff;
    }

    int seq() {
        return bytes.getInt(8);
    }

    int pid() {
        return bytes.getInt(12);
    }

    int length() {
        return bytes.capacity();
    }

    boolean has(int type) {
        return offsets[type] != 0;
    }

    boolean has(int... types) {
        return IntStream.of(types).allMatch(this::has);
    }

    /** The extension, header and all; what is written to it is written to the message. */
    ByteBuffer ext(int type) {
        return bytes.slice(offsets[type], lengths[type]).order(ByteOrder.LITTLE_ENDIAN);
    }

    byte[] copy(int type) {
        return Arrays.copyOfRange(bytes.array(), offsets[type], offsets[type] + lengths[type]);
    }

    /** Of an address extension. */
    KeyAddress address(int type) {
        return KeyAddress.at(ext(type), ADDRESS);
    }

    int addressProtocol(int type) {
        return ext(type).get(4) & 0xff;
    }

    int prefix(int type) {
        return ext(type).get(5) & 0xff;
    }

    byte[] header() {
        return Arrays.copyOf(bytes.array(), HEADER);
    }

    /** key_senderror: the message as it is now, with a number. */
    byte[] withErrno(int errno) {
        byte[] reply = bytes.array().clone();
        reply[2] = (byte) errno;
        return reply;
    }

    /** key_gather_mbuf: the header and those of the extensions that there are, in that order, errno 0. */
    byte[] gather(int... types) {
        Reply reply = new Reply(header());
        for (int type : types) {
            if (has(type)) {
                reply.put(copy(type));
            }
        }
        return reply.bytes();
    }
}
