package org.ipsecif.ike.message;

/**
 * AUTH payload (RFC 7296 section 3.8).
 *
 * <pre>
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * | Auth Method   |                RESERVED                       |
 * ~                      Authentication Data                      ~
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * </pre>
 *
 * @param method see {@link AuthenticationMethod}
 */
public record AuthenticationPayload(int method, Octets data) implements Payload {
    private static final int RESERVED = 3;

    public AuthenticationPayload(AuthenticationMethod method, Octets data) {
        this(method.number(), data);
    }

    public boolean is(AuthenticationMethod other) {
        return method == other.number();
    }

    static AuthenticationPayload parse(OctetReader in) throws IkeException {
        int method = in.u8();
        in.skip(RESERVED);
        return new AuthenticationPayload(method, in.rest());
    }

    @Override
    public int payloadType() {
        return PayloadType.AUTH.number();
    }

    @Override
    public void write(OctetWriter out) {
        out.u8(method).zeros(RESERVED).octets(data);
    }

    /** Without the data, against which a weak pre-shared key can be guessed. */
    @Override
    public String toString() {
        return "AuthenticationPayload[" + AuthenticationMethod.text(method) + ", " + data.length() + " bytes]";
    }
}
