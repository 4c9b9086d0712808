package org.ipsecif.platform.freebsd;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.ipsecif.platform.UdpEndpoint;
import org.ipsecif.sa.Family;
import org.ipsecif.sa.IpAddress;

/** struct sockaddr_in and sockaddr_in6 where packets are, beside {@link Sockaddr}: without a new object where none is asked for. */
final class SocketAddresses {
    private SocketAddresses() {}

    /** In wire form. */
    static byte[] encode(IpAddress address, int port) {
        byte[] bytes = new byte[Sockaddr.size(address.family())];
        Sockaddr.put(ByteBuffer.wrap(bytes), 0, address, port);
        return bytes;
    }

    /** What stands at {@code at}. */
    static UdpEndpoint decode(ByteBuffer from, int at) {
        boolean inet = isInet(from, at);
        IpAddress address = inet
                ? new IpAddress(Family.INET, 0, inet(from, at))
                : new IpAddress(Family.INET6, big(from, inet6At(at)), big(from, inet6At(at) + 8));
        return new UdpEndpoint(address, Sockaddr.port(from, at));
    }

    /** Whether {@link #decode} would give this one. Allocates nothing. */
    static boolean is(ByteBuffer from, int at, UdpEndpoint endpoint) {
        IpAddress address = endpoint.address();
        boolean inet = isInet(from, at);
        return inet == (address.family() == Family.INET)
                && Sockaddr.port(from, at) == endpoint.port()
                && (inet ? inet(from, at) == address.low() : isAddress(from, inet6At(at), address));
    }

    /** Whether the 16 bytes at {@code at} are this IPv6 address. */
    static boolean isAddress(ByteBuffer from, int at, IpAddress address) {
        return big(from, at) == address.high() && big(from, at + 8) == address.low();
    }

    private static boolean isInet(ByteBuffer from, int at) {
        return from.get(at + Abi.SOCKADDR_IN_SIN_FAMILY) == Abi.AF_INET;
    }

    private static long inet(ByteBuffer from, int at) {
        return bigInt(from, at + Abi.SOCKADDR_IN_SIN_ADDR) & 0xffff_ffffL;
    }

    private static int inet6At(int at) {
        return at + Abi.SOCKADDR_IN6_SIN6_ADDR;
    }

    /** Eight bytes in network order, of a buffer in any. */
    static long big(ByteBuffer from, int at) {
        long value = from.getLong(at);
        return from.order() == ByteOrder.BIG_ENDIAN ? value : Long.reverseBytes(value);
    }

    /** Four bytes likewise. */
    static int bigInt(ByteBuffer from, int at) {
        int value = from.getInt(at);
        return from.order() == ByteOrder.BIG_ENDIAN ? value : Integer.reverseBytes(value);
    }
}
