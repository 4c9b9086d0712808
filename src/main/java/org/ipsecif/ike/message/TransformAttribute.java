package org.ipsecif.ike.message;

/**
 * An attribute of a transform (RFC 7296 section 3.3.5).
 *
 * <pre>
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |A|       Attribute Type        |    AF=0  Attribute Length     |
 * |F|                             |    AF=1  Attribute Value      |
 * ~                   AF=0  Attribute Value                       ~
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * </pre>
 *
 * @param fixed AF: the value is two bytes in place of a length
 */
public record TransformAttribute(int type, boolean fixed, Octets value) {
    /** IANA "Transform Attribute Types"; the only one there is. */
    public static final int KEY_LENGTH = 14;

    private static final int FIXED_LENGTH = 2;
    private static final int AF = 0x8000;

    public TransformAttribute {
        if (type < 0 || type >= AF || (fixed && value.length() != FIXED_LENGTH)) {
            throw new IllegalArgumentException("no transform attribute: type " + type + ", value " + value);
        }
    }

    /** @param bits of the key */
    public static TransformAttribute keyLength(int bits) {
        return new TransformAttribute(
                KEY_LENGTH, true, new OctetWriter().u16(bits).toOctets());
    }

    /** Whether it says the key's length, in the one form that is allowed. */
    boolean isKeyLength() {
        return type == KEY_LENGTH && fixed;
    }

    /** The value of a {@link #fixed} one. */
    int number() {
        return value.at(0) << 8 | value.at(1);
    }

    static TransformAttribute parse(OctetReader in) throws IkeException {
        int type = in.u16();
        boolean fixed = (type & AF) != 0;
        return new TransformAttribute(type & ~AF, fixed, in.take(fixed ? FIXED_LENGTH : in.u16()));
    }

    void write(OctetWriter out) {
        out.u16(fixed ? type | AF : type);
        if (!fixed) {
            out.u16(value.length());
        }
        out.octets(value);
    }
}
