package org.ipsecif.ike.message;

/**
 * IDi or IDr payload (RFC 7296 section 3.5). AUTH covers its body, reserved bytes included (RFC 7296 section 2.15), which are
 * kept for that.
 *
 * <pre>
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |   ID Type     |                 RESERVED                      |
 * ~                   Identification Data                         ~
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * </pre>
 *
 * @param initiator IDi rather than IDr
 * @param idType see {@link IdentificationType}
 * @param reserved 24 bits, to be ignored
 */
public record IdentificationPayload(boolean initiator, int idType, int reserved, Octets data) implements Payload {
    private static final int INET_LENGTH = 4;
    private static final int INET6_LENGTH = 16;

    public IdentificationPayload(boolean initiator, IdentificationType idType, Octets data) {
        this(initiator, idType.number(), 0, data);
    }

    public boolean is(IdentificationType type) {
        return idType == type.number();
    }

    static IdentificationPayload parse(boolean initiator, OctetReader in) throws IkeException {
        IdentificationPayload id = new IdentificationPayload(initiator, in.u8(), in.u24(), in.rest());
        int length = id.addressLength();
        if (length != 0 && id.data.length() != length) {
            throw in.malformed("has an address of " + id.data.length() + " bytes, not " + length);
        }
        return id;
    }

    /** Bytes of the address that this is, or 0 if it is none. */
    private int addressLength() {
        return is(IdentificationType.ID_IPV4_ADDR)
                ? INET_LENGTH
                : is(IdentificationType.ID_IPV6_ADDR) ? INET6_LENGTH : 0;
    }

    @Override
    public int payloadType() {
        return initiator ? PayloadType.IDI.number() : PayloadType.IDR.number();
    }

    @Override
    public void write(OctetWriter out) {
        out.u8(idType).u24(reserved).octets(data);
    }

    /** The identity as people write it, without what could confuse a terminal. */
    public String text() {
        return IdentityText.of(this);
    }
}
