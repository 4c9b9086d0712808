package org.ipsecif.ike.message;

import java.util.ArrayList;
import java.util.List;

/**
 * Configuration payload, CP (RFC 7296 section 3.15).
 *
 * <pre>
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |   CFG Type    |                    RESERVED                   |
 * ~                   Configuration Attributes                    ~
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |R|         Attribute Type      |            Length             |
 * ~                             Value                             ~
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * </pre>
 *
 * @param configurationType see {@link ConfigurationType}
 */
public record ConfigurationPayload(int configurationType, List<Attribute> attributes) implements Payload {
    private static final int RESERVED = 3;
    private static final int RESERVED_BIT = 0x8000;
    private static final int MAX_ATTRIBUTES = 1_000;

    /**
     * One attribute.
     *
     * @param type 15 bits, see {@link ConfigurationAttributeType}
     * @param value may be empty, which in a request asks for any
     */
    public record Attribute(int type, Octets value) {
        public Attribute {
            if (type < 0 || type >= RESERVED_BIT) {
                throw new IllegalArgumentException("configuration attribute type " + type);
            }
        }

        public Attribute(ConfigurationAttributeType type, Octets value) {
            this(type.number(), value);
        }

        public boolean is(ConfigurationAttributeType other) {
            return type == other.number();
        }
    }

    public ConfigurationPayload {
        attributes = List.copyOf(attributes);
    }

    public ConfigurationPayload(ConfigurationType configurationType, List<Attribute> attributes) {
        this(configurationType.number(), attributes);
    }

    public boolean is(ConfigurationType other) {
        return configurationType == other.number();
    }

    /** The values of one attribute, in order. */
    public List<Octets> values(ConfigurationAttributeType type) {
        return attributes.stream()
                .filter(each -> each.is(type))
                .map(Attribute::value)
                .toList();
    }

    static ConfigurationPayload parse(OctetReader in) throws IkeException {
        int type = in.u8();
        in.skip(RESERVED);
        List<Attribute> attributes = new ArrayList<>();
        while (in.remaining() > 0) {
            if (attributes.size() == MAX_ATTRIBUTES) {
                throw in.malformed("has more than " + MAX_ATTRIBUTES + " attributes");
            }
            int attribute = in.u16() & ~RESERVED_BIT;
            attributes.add(new Attribute(attribute, in.take(in.u16())));
        }
        return new ConfigurationPayload(type, attributes);
    }

    @Override
    public int payloadType() {
        return PayloadType.CP.number();
    }

    @Override
    public void write(OctetWriter out) {
        out.u8(configurationType).zeros(RESERVED);
        for (Attribute each : attributes) {
            out.u16(each.type()).u16(each.value().length()).octets(each.value());
        }
    }
}
