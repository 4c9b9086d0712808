package org.ipsecif.sa;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.regex.Pattern;

/**
 * A literal IPv4 or IPv6 address; never a host name, never resolved.
 *
 * @param family which of the two
 * @param high the first eight bytes of an IPv6 address, 0 for IPv4
 * @param low the last eight bytes of an IPv6 address, or the IPv4 address in the lower 32 bits
 */
public record IpAddress(Family family, long high, long low) implements Comparable<IpAddress> {
    private static final Pattern IPV4 = Pattern.compile("(?:(?:0|[1-9]\\d{0,2})\\.){3}(?:0|[1-9]\\d{0,2})");
    private static final Pattern IPV6 = Pattern.compile("[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*");

    public static final IpAddress ANY_INET = new IpAddress(Family.INET, 0, 0);
    public static final IpAddress ANY_INET6 = new IpAddress(Family.INET6, 0, 0);

    /**
     * Parses dotted-quad IPv4 (no leading zeros, which some read as octal) or RFC 4291 IPv6 text without a zone.
     *
     * @throws IllegalArgumentException naming the text, if it is neither
     */
    public static IpAddress parse(String text) {
        if (IPV4.matcher(text).matches()) {
            return ofBytes(parseInet(text));
        }
        if (IPV6.matcher(text).matches()) {
            try {
                byte[] bytes = InetAddress.getByName(text).getAddress();
                return ofBytes(bytes.length == 16 ? bytes : mapped(bytes));
            } catch (UnknownHostException e) {
                throw new IllegalArgumentException("\"" + text + "\" is not an IPv6 address", e);
            }
        }
        throw new IllegalArgumentException("\"" + text + "\" is not an IPv4 or IPv6 address");
    }

    private static byte[] parseInet(String text) {
        byte[] bytes = new byte[4];
        int index = 0;
        for (String part : text.split("\\.", -1)) {
            int value = Integer.parseInt(part);
            if (value > 255) {
                throw new IllegalArgumentException(
                        "\"" + text + "\" is not an IPv4 address: " + value + " exceeds 255");
            }
            bytes[index++] = (byte) value;
        }
        return bytes;
    }

    /** {@code ::ffff:a.b.c.d} as the JDK gives it back: four bytes. */
    private static byte[] mapped(byte[] inet) {
        byte[] bytes = new byte[16];
        bytes[10] = (byte) 0xff;
        bytes[11] = (byte) 0xff;
        System.arraycopy(inet, 0, bytes, 12, 4);
        return bytes;
    }

    /** From 4 or 16 bytes in network order. */
    public static IpAddress ofBytes(byte[] bytes) {
        return ofBytes(bytes.length == 4 ? Family.INET : Family.INET6, bytes, 0);
    }

    /** From {@code family.addressLength()} bytes in network order at {@code offset}. */
    public static IpAddress ofBytes(Family family, byte[] bytes, int offset) {
        if (family == Family.INET) {
            return new IpAddress(family, 0, bigEndian(bytes, offset, 4));
        }
        return new IpAddress(family, bigEndian(bytes, offset, 8), bigEndian(bytes, offset + 8, 8));
    }

    private static long bigEndian(byte[] bytes, int offset, int length) {
        long value = 0;
        for (int i = 0; i < length; i++) {
            value = (value << 8) | (bytes[offset + i] & 0xff);
        }
        return value;
    }

    /** A new array of 4 or 16 bytes in network order. */
    public byte[] toBytes() {
        byte[] bytes = new byte[family.addressLength()];
        for (int i = bytes.length - 1, shift = 0; i >= 0; i--, shift += 8) {
            bytes[i] = (byte) ((shift < 64 ? low : high) >>> (shift & 63));
        }
        return bytes;
    }

    /** 0.0.0.0 or :: . */
    /** {@code 0.0.0.0} or {@code ::}. */
    public static IpAddress unspecified(Family family) {
        return new IpAddress(family, 0, 0);
    }

    public boolean isUnspecified() {
        return high == 0 && low == 0;
    }

    /** 224.0.0.0/4 or ff00::/8. */
    public boolean isMulticast() {
        return family == Family.INET ? (low >>> 28) == 0xe : (high >>> 56) == 0xff;
    }

    /** fe80::/10, which means nothing without a zone; never true for IPv4. */
    public boolean isLinkLocal() {
        return family == Family.INET6 && (high >>> 54) == 0x3fa;
    }

    @Override
    public int compareTo(IpAddress other) {
        int byFamily = family.compareTo(other.family);
        int byHigh = Long.compareUnsigned(high, other.high);
        return byFamily != 0 ? byFamily : byHigh != 0 ? byHigh : Long.compareUnsigned(low, other.low);
    }

    /** Dotted quad, or IPv6 text as RFC 5952 section 4 recommends. */
    @Override
    public String toString() {
        if (family == Family.INET) {
            return (low >>> 24) + "." + (low >>> 16 & 0xff) + "." + (low >>> 8 & 0xff) + "." + (low & 0xff);
        }
        int[] groups = new int[8];
        Arrays.setAll(groups, i -> (int) ((i < 4 ? high : low) >>> (48 - 16 * (i & 3)) & 0xffff));
        return compressed(groups);
    }

    private static String compressed(int[] groups) {
        int bestStart = -1;
        int bestLength = 1;
        for (int start = 0; start < 8; start++) {
            int end = start;
            while (end < 8 && groups[end] == 0) {
                end++;
            }
            if (end - start > bestLength) {
                bestStart = start;
                bestLength = end - start;
            }
        }
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 8; i++) {
            if (i == bestStart) {
                text.append("::");
                i += bestLength - 1;
            } else {
                boolean first = text.length() == 0 || text.charAt(text.length() - 1) == ':';
                text.append(first ? "" : ":").append(Integer.toHexString(groups[i]));
            }
        }
        return text.toString();
    }
}
