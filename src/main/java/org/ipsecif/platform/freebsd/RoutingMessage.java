package org.ipsecif.platform.freebsd;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.ipsecif.sa.Family;
import org.ipsecif.sa.IpAddress;
import org.jspecify.annotations.Nullable;

/**
 * One message of those that lie one behind the other in a buffer, as route(4) and sysctl(3) give them: length, version and type, a
 * header of the type, and the addresses that it has a bit for. A flyweight. What its lengths say is held to what is there.
 */
final class RoutingMessage {
    /** Of every header: length (2), version, type. */
    private static final int SMALLEST = 4;

    private static final int NONE = -1;

    private final ByteBuffer buffer;
    private final int limit;
    private int at;
    private int end;
    private final int[] addresses = new int[RouteAbi.RTAX_MAX];

    /** @param limit bytes that there are */
    RoutingMessage(ByteBuffer buffer, int limit) {
        this.buffer = buffer;
        this.limit = limit;
    }

    /** Goes on to the next. @return false if there is none, or what is left is no message */
    boolean next() {
        at = end;
        if (limit - at < SMALLEST) {
            return false;
        }
        int length = Short.toUnsignedInt(buffer.getShort(at + RouteAbi.RT_MSGHDR_RTM_MSGLEN));
        if (length < SMALLEST || length > limit - at) {
            end = limit;
            return false;
        }
        end = at + length;
        return true;
    }

    /** Whether it has this kernel's version, this type, and at least this header. */
    boolean is(int type, int header) {
        return type() == type && end - at >= header;
    }

    /** RTM_*, or 0 if it is of a version that we do not know. */
    int type() {
        boolean known = buffer.get(at + RouteAbi.RT_MSGHDR_RTM_VERSION) == RouteAbi.RTM_VERSION;
        return known ? Byte.toUnsignedInt(buffer.get(at + RouteAbi.RT_MSGHDR_RTM_TYPE)) : 0;
    }

    int getInt(int offset) {
        return buffer.getInt(at + offset);
    }

    long getLong(int offset) {
        return buffer.getLong(at + offset);
    }

    int getUnsignedShort(int offset) {
        return Short.toUnsignedInt(buffer.getShort(at + offset));
    }

    int getUnsignedByte(int offset) {
        return Byte.toUnsignedInt(buffer.get(at + offset));
    }

    /**
     * Finds the addresses.
     *
     * @param mask RTA_*, a bit for each
     * @param header bytes before the first
     */
    void findAddresses(int mask, int header) {
        Arrays.fill(addresses, NONE);
        int from = at + header;
        for (int i = 0; i < RouteAbi.RTAX_MAX && from < end; i++) {
            if ((mask & 1 << i) == 0) {
                continue;
            }
            addresses[i] = from;
            int length = Byte.toUnsignedInt(buffer.get(from));
            from += length == 0 ? Abi.SIZEOF_LONG : Abi.align(length);
        }
    }

    /** One of those found, or null if it is not there, or of neither family. @param bit RTA_* */
    @Nullable
    IpAddress address(int bit) {
        int from = addresses[Integer.numberOfTrailingZeros(bit)];
        return from == NONE ? null : Sockaddr.get(buffer, from, end);
    }

    /**
     * The prefix length that RTA_NETMASK says; the length of an address if it is not there. A mask's family means nothing, and zeros at its
     * end may be left out of its length.
     */
    int prefixLength(Family family) {
        int from = addresses[Integer.numberOfTrailingZeros(RouteAbi.RTA_NETMASK)];
        if (from == NONE) {
            return family.addressBits();
        }
        int first = from + Sockaddr.addressOffset(family);
        int last = Math.min(Math.min(from + Byte.toUnsignedInt(buffer.get(from)), end), first + family.addressLength());
        int bits = 0;
        for (int i = first; i < last; i++) {
            int ones = Integer.numberOfLeadingZeros(~(buffer.get(i) << 24));
            bits += Math.min(ones, 8);
            if (ones < 8) {
                break;
            }
        }
        return bits;
    }

    /** The name in RTA_IFP's struct sockaddr_dl; empty if there is none. */
    String linkName() {
        int from = addresses[Integer.numberOfTrailingZeros(RouteAbi.RTA_IFP)];
        if (from == NONE || end - from < Abi.SOCKADDR_DL_SDL_DATA) {
            return "";
        }
        int length = Byte.toUnsignedInt(buffer.get(from + Abi.SOCKADDR_DL_SDL_NLEN));
        boolean link = buffer.get(from + Abi.SOCKADDR_DL_SDL_FAMILY) == Abi.AF_LINK;
        if (!link || length > end - from - Abi.SOCKADDR_DL_SDL_DATA) {
            return "";
        }
        byte[] name = new byte[length];
        buffer.get(from + Abi.SOCKADDR_DL_SDL_DATA, name);
        return new String(name, StandardCharsets.US_ASCII);
    }
}
