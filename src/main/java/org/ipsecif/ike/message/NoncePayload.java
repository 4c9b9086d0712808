package org.ipsecif.ike.message;

/**
 * Nonce payload (RFC 7296 section 3.9).
 *
 * @param nonce 16 to 256 bytes
 */
public record NoncePayload(Octets nonce) implements Payload {
    public static final int MIN_LENGTH = 16;
    public static final int MAX_LENGTH = 256;

    public NoncePayload {
        if (!isLength(nonce.length())) {
            throw new IllegalArgumentException("a nonce of " + nonce.length() + " bytes");
        }
    }

    private static boolean isLength(int length) {
        return length >= MIN_LENGTH && length <= MAX_LENGTH;
    }

    static NoncePayload parse(OctetReader in) throws IkeException {
        if (!isLength(in.remaining())) {
            throw in.malformed("is " + in.remaining() + " bytes long, not " + MIN_LENGTH + " to " + MAX_LENGTH);
        }
        return new NoncePayload(in.rest());
    }

    @Override
    public int payloadType() {
        return PayloadType.NONCE.number();
    }

    @Override
    public void write(OctetWriter out) {
        out.octets(nonce);
    }
}
