package org.ipsecif.ike.message;

/**
 * KE payload (RFC 7296 section 3.4).
 *
 * <pre>
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |   Key Exchange Method Num     |           RESERVED            |
 * ~                       Key Exchange Data                       ~
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * </pre>
 *
 * @param method see {@link KeyExchangeMethod}
 * @param data a public value, or the ciphertext of a key encapsulation; its length is the method's business
 */
public record KeyExchangePayload(int method, Octets data) implements Payload {
    private static final int RESERVED = 2;

    static KeyExchangePayload parse(OctetReader in) throws IkeException {
        int method = in.u16();
        in.skip(RESERVED);
        return new KeyExchangePayload(method, in.rest());
    }

    @Override
    public int payloadType() {
        return PayloadType.KE.number();
    }

    @Override
    public void write(OctetWriter out) {
        out.u16(method).zeros(RESERVED).octets(data);
    }
}
