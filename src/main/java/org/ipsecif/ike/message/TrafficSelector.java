package org.ipsecif.ike.message;

import org.ipsecif.sa.Family;

/**
 * One selector of a TS payload (RFC 7296 section 3.13.1).
 *
 * <pre>
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |   TS Type     |IP Protocol ID |       Selector Length         |
 * |           Start Port          |           End Port            |
 * ~                         Starting Address                      ~
 * ~                         Ending Address                        ~
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * </pre>
 */
public sealed interface TrafficSelector permits AddressRange, UnknownTrafficSelector {
    /** Type, protocol and length. */
    int HEADER = 4;

    /** See {@link TrafficSelectorType}. */
    int type();

    /** Appends all of it. */
    void write(OctetWriter out);

    static TrafficSelector parse(OctetReader in) throws IkeException {
        int type = in.u8();
        int protocol = in.u8();
        int length = in.u16();
        if (length < HEADER) {
            throw in.malformed("has a selector of " + length + " bytes");
        }
        OctetReader part = in.part(length - HEADER, "traffic selector");
        if (type == TrafficSelectorType.TS_IPV4_ADDR_RANGE.number()) {
            return AddressRange.parse(Family.INET, protocol, part);
        }
        if (type == TrafficSelectorType.TS_IPV6_ADDR_RANGE.number()) {
            return AddressRange.parse(Family.INET6, protocol, part);
        }
        return new UnknownTrafficSelector(type, protocol, part.rest());
    }
}
