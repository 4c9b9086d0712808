package org.ipsecif.ike.message;

/**
 * A selector of another type, which is kept and selects nothing.
 *
 * @param second the byte that is the protocol in those that are known
 * @param value what follows the length
 */
public record UnknownTrafficSelector(int type, int second, Octets value) implements TrafficSelector {
    public UnknownTrafficSelector {
        if (type == TrafficSelectorType.TS_IPV4_ADDR_RANGE.number()
                || type == TrafficSelectorType.TS_IPV6_ADDR_RANGE.number()) {
            throw new IllegalArgumentException("traffic selector type " + type + " is known");
        }
    }

    @Override
    public void write(OctetWriter out) {
        out.u8(type).u8(second).u16(HEADER + value.length()).octets(value);
    }
}
