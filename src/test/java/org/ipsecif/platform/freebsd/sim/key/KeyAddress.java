package org.ipsecif.platform.freebsd.sim.key;

import static org.ipsecif.platform.freebsd.sim.key.KeyNumbers.*;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** A {@code union sockaddr_union} as the kernel keeps it: sa_len bytes of it, none for one that was never filled in. */
final class KeyAddress {
    static final KeyAddress UNSET = new KeyAddress(new byte[0]);
    private static final int SIZEOF_INET = 16;
    private static final int SIZEOF_INET6 = 28;
    static final KeyAddress ANY_INET = any(SIZEOF_INET, AF_INET);
    static final KeyAddress ANY_INET6 = any(SIZEOF_INET6, AF_INET6);

    final byte[] bytes;

    private KeyAddress(byte[] bytes) {
        this.bytes = bytes;
    }

    private static KeyAddress any(int length, int family) {
        byte[] bytes = new byte[length];
        bytes[0] = (byte) length;
        bytes[1] = (byte) family;
        return new KeyAddress(bytes);
    }

    /** The one that begins at {@code offset}; its first byte is its length. */
    static KeyAddress at(ByteBuffer from, int offset) {
        byte[] bytes = new byte[from.get(offset) & 0xff];
        from.get(offset, bytes);
        return new KeyAddress(bytes);
    }

    static KeyAddress of(InetAddress address, int port) {
        byte[] raw = address.getAddress();
        boolean inet = raw.length == 4;
        ByteBuffer to = ByteBuffer.allocate(inet ? SIZEOF_INET : SIZEOF_INET6);
        to.put((byte) to.capacity()).put((byte) (inet ? AF_INET : AF_INET6)).putShort((short) port);
        to.put(inet ? 4 : 8, raw);
        return new KeyAddress(to.array());
    }

    int length() {
        return bytes.length;
    }

    int family() {
        return bytes.length < 2 ? 0 : bytes[1];
    }

    boolean known() {
        return (family() == AF_INET && length() == SIZEOF_INET) || (family() == AF_INET6 && length() == SIZEOF_INET6);
    }

    int bits() {
        return family() == AF_INET ? 32 : 128;
    }

    /** sin_port or sin6_port. */
    int port() {
        return (bytes[2] & 0xff) << 8 | (bytes[3] & 0xff);
    }

    private int scope() {
        return family() == AF_INET6 ? ByteBuffer.wrap(bytes).getInt(24) : 0;
    }

    byte[] raw() {
        int from = family() == AF_INET ? 4 : 8;
        return Arrays.copyOfRange(bytes, from, from + bits() / 8);
    }

    InetAddress address() {
        try {
            return InetAddress.getByAddress(raw());
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }

    /** key_porttosaddr. */
    KeyAddress withPort(int port) {
        if ((family() != AF_INET && family() != AF_INET6) || length() < 4) {
            return this;
        }
        byte[] changed = bytes.clone();
        changed[2] = (byte) (port >> 8);
        changed[3] = (byte) port;
        return new KeyAddress(changed);
    }

    /** key_sockaddrcmp: address, scope and, if asked, port; nothing is masked. */
    boolean same(KeyAddress other, boolean port) {
        if (family() != other.family() || length() != other.length()) {
            return false;
        }
        if (family() != AF_INET && family() != AF_INET6) {
            return Arrays.equals(bytes, other.bytes);
        }
        return known()
                && Arrays.equals(raw(), other.raw())
                && scope() == other.scope()
                && (!port || port() == other.port());
    }

    /** One half of key_cmpspidx_withmask, this being the policy's. */
    boolean covers(KeyAddress packet, int prefix) {
        return family() == packet.family()
                && length() == packet.length()
                && (port() == 0 || port() == packet.port())
                && (scope() == 0 || packet.scope() == 0 || scope() == packet.scope())
                && sameBits(raw(), packet.raw(), prefix);
    }

    private static boolean sameBits(byte[] a, byte[] b, int bits) {
        for (int bit = 0; bit < bits; bit++) {
            int mask = 0x80 >> (bit & 7);
            if (((a[bit >> 3] ^ b[bit >> 3]) & mask) != 0) {
                return false;
            }
        }
        return true;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof KeyAddress address && Arrays.equals(bytes, address.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return known() ? address().getHostAddress() + "[" + port() + "]" : Arrays.toString(bytes);
    }
}
