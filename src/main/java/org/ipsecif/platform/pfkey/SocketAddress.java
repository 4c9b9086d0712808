package org.ipsecif.platform.pfkey;

import java.nio.ByteBuffer;
import org.ipsecif.sa.Family;
import org.ipsecif.sa.IpAddress;
import org.jspecify.annotations.Nullable;

/**
 * An address as a socket has it. Port and address are in network order.
 *
 * <pre>
 * struct sockaddr_in  { family 0 or 1; u16 sin_port 2; sin_addr 4; zero 8 };                                       // 16
 * struct sockaddr_in6 { family 0 or 1; u16 sin6_port 2; u32 flowinfo 4; sin6_addr 8; u32 scope_id 24 };            // 28
 * </pre>
 *
 * @param port 0 for any
 * @param scopeId of a link-local address; else 0
 */
record SocketAddress(IpAddress address, int port, int flowInfo, int scopeId) {
    private static final int INET = 16;
    private static final int INET6 = 28;

    static SocketAddress of(IpAddress address, int port) {
        return new SocketAddress(address, port, 0, 0);
    }

    /** Bytes. */
    int length() {
        return address.family() == Family.INET ? INET : INET6;
    }

    /** @return null if there is none that is whole, of a family of ours */
    static @Nullable SocketAddress read(Dialect dialect, ByteBuffer bytes, int at) {
        if (at + INET > bytes.limit()) {
            return null;
        }
        int family = dialect == Dialect.FREEBSD ? bytes.get(at + 1) & 0xff : bytes.getShort(at);
        boolean inet = family == Dialect.AF_INET;
        int length = inet ? INET : INET6;
        if ((!inet && family != dialect.inet6()) || at + length > bytes.limit()) {
            return null;
        }
        if (dialect == Dialect.FREEBSD && bytes.get(at) != length) {
            return null;
        }
        byte[] address = new byte[inet ? 4 : 16];
        bytes.get(at + (inet ? 4 : 8), address);
        int port = (bytes.get(at + 2) & 0xff) << 8 | (bytes.get(at + 3) & 0xff);
        return new SocketAddress(
                IpAddress.ofBytes(address), port, inet ? 0 : bytes.getInt(at + 4), inet ? 0 : bytes.getInt(at + 24));
    }

    void write(Dialect dialect, ByteBuffer to, int at) {
        boolean inet = address.family() == Family.INET;
        int family = inet ? Dialect.AF_INET : dialect.inet6();
        if (dialect == Dialect.FREEBSD) {
            to.put(at, (byte) length()).put(at + 1, (byte) family);
        } else {
            to.putShort(at, (short) family);
        }
        to.put(at + 2, (byte) (port >>> 8)).put(at + 3, (byte) port);
        to.put(at + (inet ? 4 : 8), address.toBytes());
        if (!inet) {
            to.putInt(at + 4, flowInfo).putInt(at + 24, scopeId);
        }
    }
}
