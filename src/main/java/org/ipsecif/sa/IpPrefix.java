package org.ipsecif.sa;

/**
 * An address prefix; host bits are zero.
 *
 * @param address the network's first address
 * @param length leading bits that count, 0 to 32 or 128
 */
public record IpPrefix(IpAddress address, int length) {
    public static final IpPrefix ANY_INET = new IpPrefix(IpAddress.ANY_INET, 0);
    public static final IpPrefix ANY_INET6 = new IpPrefix(IpAddress.ANY_INET6, 0);

    /** Clears the host bits. @throws IllegalArgumentException if {@code length} is out of range for the family */
    public IpPrefix {
        if (length < 0 || length > address.family().addressBits()) {
            throw new IllegalArgumentException("prefix length " + length + " is not 0 to "
                    + address.family().addressBits());
        }
        address = new IpAddress(
                address.family(),
                address.high() & highMask(address.family(), length),
                address.low() & lowMask(address.family(), length));
    }

    /** {@code ADDRESS/LENGTH}, or an address alone for its host prefix. */
    public static IpPrefix parse(String text) {
        int slash = text.indexOf('/');
        IpAddress address = IpAddress.parse(slash < 0 ? text : text.substring(0, slash));
        if (slash < 0) {
            return host(address);
        }
        try {
            return new IpPrefix(address, Integer.parseInt(text.substring(slash + 1)));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("\"" + text + "\" has no number after the slash", e);
        }
    }

    /** The prefix of one address. */
    public static IpPrefix host(IpAddress address) {
        return new IpPrefix(address, address.family().addressBits());
    }

    /** 0.0.0.0/0 or ::/0. */
    public static IpPrefix any(Family family) {
        return family == Family.INET ? ANY_INET : ANY_INET6;
    }

    /** Its highest address. */
    public IpAddress last() {
        int host = address.family().addressBits() - length;
        long low = host >= Long.SIZE ? -1 : (1L << host) - 1;
        long high = host <= Long.SIZE ? 0 : host == 2 * Long.SIZE ? -1 : (1L << (host - Long.SIZE)) - 1;
        return new IpAddress(address.family(), address.high() | high, address.low() | low);
    }

    public Family family() {
        return address.family();
    }

    /** Whether the address of {@code family} with these words (see {@link IpAddress}) lies in this prefix. */
    public boolean contains(Family family, long high, long low) {
        return family == address.family()
                && ((high ^ address.high()) & highMask(family, length)) == 0
                && ((low ^ address.low()) & lowMask(family, length)) == 0;
    }

    public boolean contains(IpAddress other) {
        return contains(other.family(), other.high(), other.low());
    }

    private static long highMask(Family family, int length) {
        if (family == Family.INET || length == 0) {
            return 0;
        }
        return length >= 64 ? -1L : -1L << (64 - length);
    }

    private static long lowMask(Family family, int length) {
        if (family == Family.INET) {
            return length == 0 ? 0 : 0xffff_ffffL & (0xffff_ffffL << (32 - length));
        }
        return length <= 64 ? 0 : -1L << (128 - length);
    }

    @Override
    public String toString() {
        return address + "/" + length;
    }
}
