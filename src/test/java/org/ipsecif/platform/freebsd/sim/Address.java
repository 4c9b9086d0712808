package org.ipsecif.platform.freebsd.sim;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** An IPv4 or IPv6 address, and the kernel's sockaddrs of it (netinet/in.h, netinet6/in6.h). */
record Address(String hex) implements Comparable<Address> {
    static final int AF_UNSPEC = 0;
    static final int AF_UNIX = 1;
    static final int AF_INET = 2;
    static final int AF_ROUTE = 17;
    static final int AF_LINK = 18;
    static final int AF_INET6 = 28;

    static Address of(byte[] bytes) {
        StringBuilder hex = new StringBuilder();
        for (byte each : bytes) {
            hex.append(String.format("%02x", each));
        }
        return new Address(hex.toString());
    }

    /** @param text no name */
    static Address of(String text) {
        try {
            return of(InetAddress.getByName(text).getAddress());
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(text, e);
        }
    }

    byte[] bytes() {
        byte[] bytes = new byte[hex.length() / 2];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) Integer.parseInt(hex.substring(2 * i, 2 * i + 2), 16);
        }
        return bytes;
    }

    int length() {
        return hex.length() / 2;
    }

    int family() {
        return length() == 4 ? AF_INET : AF_INET6;
    }

    boolean isUnspecified() {
        return hex.matches("0*");
    }

    boolean isLinkLocal() {
        return length() == 16 && hex.startsWith("fe8");
    }

    boolean isMulticast() {
        return length() == 16 ? hex.startsWith("ff") : hex.startsWith("e");
    }

    static Address unspecified(int family) {
        return of(new byte[family == AF_INET ? 4 : 16]);
    }

    /** Whether both have the same first bits. */
    boolean matches(Address prefix, int bits) {
        if (prefix.length() != length()) {
            return false;
        }
        byte[] one = bytes();
        byte[] other = prefix.bytes();
        for (int bit = 0; bit < bits; bit++) {
            if (((one[bit / 8] ^ other[bit / 8]) & 0x80 >> bit % 8) != 0) {
                return false;
            }
        }
        return true;
    }

    Address masked(int bits) {
        byte[] bytes = bytes();
        byte[] mask = mask(family(), bits).bytes();
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] &= mask[i];
        }
        return of(bytes);
    }

    static Address mask(int family, int bits) {
        byte[] mask = new byte[family == AF_INET ? 4 : 16];
        for (int bit = 0; bit < bits; bit++) {
            mask[bit / 8] |= (byte) (0x80 >> bit % 8);
        }
        return of(mask);
    }

    /** Of a mask; -1 if it has gaps. */
    int prefixLength() {
        byte[] bytes = bytes();
        int bits = 0;
        while (bits < 8 * bytes.length && (bytes[bits / 8] & 0x80 >> bits % 8) != 0) {
            bits++;
        }
        return Arrays.equals(bytes, mask(family(), bits).bytes()) ? bits : -1;
    }

    static int sockaddrSize(int family) {
        return family == AF_INET ? 16 : 28;
    }

    /** struct sockaddr_in or sockaddr_in6. A link-local one has its interface's index as scope. */
    byte[] sockaddr(int port, int scope) {
        byte[] sockaddr = new byte[sockaddrSize(family())];
        Words.put8(sockaddr, 0, sockaddr.length);
        Words.put8(sockaddr, 1, family());
        Words.putNet16(sockaddr, 2, port);
        Words.copy(bytes(), sockaddr, family() == AF_INET ? 4 : 8);
        if (isLinkLocal()) {
            Words.put32(sockaddr, 24, scope);
        }
        return sockaddr;
    }

    byte[] sockaddr() {
        return sockaddr(0, 0);
    }

    /** The address in a sockaddr, whatever its sa_len says; null if the family is none of the two or it is cut. */
    static @Nullable Address in(byte[] from, int at) {
        if (from.length < at + 2) {
            return null;
        }
        int family = Words.u8(from, at + 1);
        if (family == AF_INET && from.length >= at + 8) {
            return of(Words.cut(from, at + 4, 4));
        }
        return family == AF_INET6 && from.length >= at + 24 ? of(Words.cut(from, at + 8, 16)) : null;
    }

    @Override
    public int compareTo(Address other) {
        return hex.compareTo(other.hex);
    }

    InetAddress inet() {
        try {
            return InetAddress.getByAddress(bytes());
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public String toString() {
        return inet().getHostAddress();
    }
}
