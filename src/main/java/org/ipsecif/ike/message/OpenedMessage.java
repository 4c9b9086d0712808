package org.ipsecif.ike.message;

import java.util.Arrays;
import org.ipsecif.wire.Bytes;
import org.jspecify.annotations.Nullable;

/**
 * A protected message that is authentic: what SK held, or all SKFs together. Unprotected payloads before SK, which no exchange
 * has today (RFC 7383 section 2.5.3), are left out.
 */
public final class OpenedMessage {
    private final IkeMessage message;
    private final byte[] associated;
    private final byte[] inner;

    private OpenedMessage(IkeMessage message, byte[] associated, byte[] inner) {
        this.message = message;
        this.associated = associated;
        this.inner = inner;
    }

    /**
     * Verifies, decrypts and parses.
     *
     * @param outer what {@link IkeMessage#parse} made of the same bytes; its last payload is SK
     * @return null if the message is not authentic: drop it, whatever it says
     * @throws IkeException if it is authentic and malformed: the peer itself sent it, and may be told
     */
    public static @Nullable OpenedMessage open(
            IkeMessage outer, byte[] bytes, int offset, int length, MessageProtection protection) throws IkeException {
        EncryptedPayload sk = outer.first(EncryptedPayload.class)
                .orElseThrow(() -> new IllegalArgumentException("a message without SK"));
        byte[] associated = associated(bytes, offset, length, sk.data());
        byte[] inner = protection.open(associated, sk.data().toBytes());
        return inner == null ? null : of(outer.header(), associated, sk.nextPayload(), inner);
    }

    /** What stands before the IV of a message that ends with {@code sealed}. */
    static byte[] associated(byte[] bytes, int offset, int length, Octets sealed) {
        return Arrays.copyOfRange(bytes, offset, offset + length - sealed.length());
    }

    /** @param associated from the IKE header to the generic header of SK; its lengths need not be right */
    static OpenedMessage of(IkeHeader header, byte[] associated, int firstType, byte[] inner) throws IkeException {
        OctetReader in = new OctetReader(inner, 0, inner.length, "decrypted message");
        IkeMessage message = new IkeMessage(header, PayloadChain.parseInner(firstType, in));
        return new OpenedMessage(message, associated, inner);
    }

    public IkeMessage message() {
        return message;
    }

    /**
     * What authenticates this message in an IKE_INTERMEDIATE exchange: {@code IntAuth_A | IntAuth_P} of RFC 9242 section 3.3.2, of
     * the bytes that came, with lengths that count neither IV, padding nor ICV, and as if never fragmented.
     */
    public byte[] intermediateOctets() {
        byte[] octets = new OctetWriter().octets(associated).octets(inner).toBytes();
        Bytes.put32(octets, IkeHeader.LENGTH_AT, octets.length);
        Bytes.put16(octets, associated.length - 2, PayloadChain.GENERIC_HEADER + inner.length);
        return octets;
    }
}
