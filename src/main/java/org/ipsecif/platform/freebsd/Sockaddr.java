package org.ipsecif.platform.freebsd;

import java.nio.ByteBuffer;
import org.ipsecif.platform.posix.DirectBuffer;
import org.ipsecif.sa.Family;
import org.ipsecif.sa.IpAddress;
import org.jspecify.annotations.Nullable;

/** struct sockaddr_in (netinet/in.h), sockaddr_in6 (netinet6/in6.h) and sockaddr_un, whose first byte is their length. */
final class Sockaddr {
    /** Bytes of the longer of the first two. */
    static final int MOST = Abi.SIZEOF_SOCKADDR_IN6;

    private static final int FAMILY = 1;

    private Sockaddr() {}

    /** AF_INET or AF_INET6. */
    static int number(Family family) {
        return family == Family.INET ? Abi.AF_INET : Abi.AF_INET6;
    }

    /** Bytes. */
    static int size(Family family) {
        return family == Family.INET ? Abi.SIZEOF_SOCKADDR_IN : Abi.SIZEOF_SOCKADDR_IN6;
    }

    /** Where the address is in it. */
    static int addressOffset(Family family) {
        return family == Family.INET ? Abi.SOCKADDR_IN_SIN_ADDR : Abi.SOCKADDR_IN6_SIN6_ADDR;
    }

    /** A struct sockaddr_un (sys/un.h). @param path of at most {@link HolderAbi#SUN_PATH_SIZE} bytes with its NUL, which is not in it */
    static DirectBuffer unix(byte[] path) {
        DirectBuffer address = new DirectBuffer(Abi.SIZEOF_SOCKADDR_UN);
        address.bytes()
                .put(Abi.SOCKADDR_UN_SUN_LEN, (byte) Abi.SIZEOF_SOCKADDR_UN)
                .put(Abi.SOCKADDR_UN_SUN_FAMILY, (byte) Abi.AF_UNIX)
                .put(Abi.SOCKADDR_UN_SUN_PATH, path);
        return address;
    }

    /** One of {@link #size} bytes, for bind, connect and sendto. */
    static DirectBuffer of(IpAddress address, int port) {
        DirectBuffer buffer = new DirectBuffer(size(address.family()));
        put(buffer.bytes(), 0, address, port);
        return buffer;
    }

    /** Writes {@link #size} bytes to {@code at}; flow and scope are 0. */
    static void put(ByteBuffer into, int at, IpAddress address, int port) {
        Family family = address.family();
        int size = size(family);
        for (int i = 0; i < size; i++) {
            into.put(at + i, (byte) 0);
        }
        into.put(at, (byte) size);
        into.put(at + FAMILY, (byte) number(family));
        into.put(at + Abi.SOCKADDR_IN_SIN_PORT, (byte) (port >> 8));
        into.put(at + Abi.SOCKADDR_IN_SIN_PORT + 1, (byte) port);
        into.put(at + addressOffset(family), address.toBytes());
    }

    /**
     * Reads one that begins at {@code at} and may not go beyond {@code end}.
     *
     * @return null if it is of another family, or too short
     */
    static @Nullable IpAddress get(ByteBuffer from, int at, int end) {
        if (end - at <= FAMILY) {
            return null;
        }
        int number = from.get(at + FAMILY);
        Family family = number == Abi.AF_INET ? Family.INET : number == Abi.AF_INET6 ? Family.INET6 : null;
        if (family == null) {
            return null;
        }
        int needed = addressOffset(family) + family.addressLength();
        if (Byte.toUnsignedInt(from.get(at)) < needed || end - at < needed) {
            return null;
        }
        byte[] bytes = new byte[family.addressLength()];
        from.get(at + addressOffset(family), bytes);
        return IpAddress.ofBytes(family, bytes, 0);
    }

    /** The port in host order, of one that {@link #get} has read. */
    static int port(ByteBuffer from, int at) {
        return Byte.toUnsignedInt(from.get(at + Abi.SOCKADDR_IN_SIN_PORT)) << 8
                | Byte.toUnsignedInt(from.get(at + Abi.SOCKADDR_IN_SIN_PORT + 1));
    }
}
