package org.ipsecif.ike.message;

/**
 * EAP payload (RFC 7296 section 3.16): one EAP packet (RFC 3748 section 4).
 *
 * <pre>
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |     Code      | Identifier    |           Length              |
 * |     Type      | Type_Data...
 * +-+-+-+-+-+-+-+-+-+-
 * </pre>
 *
 * @param code see {@link EapCode}
 * @param data type and its data; empty in a success or failure
 */
public record EapPayload(int code, int identifier, Octets data) implements Payload {
    private static final int HEADER = 4;

    public boolean is(EapCode other) {
        return code == other.number();
    }

    static EapPayload parse(OctetReader in) throws IkeException {
        int length = in.remaining();
        int code = in.u8();
        int identifier = in.u8();
        if (in.u16() != length) {
            throw in.malformed("holds an EAP packet of another length than its " + length + " bytes");
        }
        return new EapPayload(code, identifier, in.rest());
    }

    @Override
    public int payloadType() {
        return PayloadType.EAP.number();
    }

    @Override
    public void write(OctetWriter out) {
        out.u8(code).u8(identifier).u16(HEADER + data.length()).octets(data);
    }

    /** Without the data, which may be a password. */
    @Override
    public String toString() {
        return "EapPayload[" + EapCode.text(code) + ", " + data.length() + " bytes]";
    }
}
