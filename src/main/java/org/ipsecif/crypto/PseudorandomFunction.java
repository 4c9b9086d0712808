package org.ipsecif.crypto;

import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Optional;

/** IKEv2 Transform Type 2, "Pseudorandom Function Transform IDs" (IANA). */
public enum PseudorandomFunction {
    /** RFC 2104. Only for a peer that has nothing better (RFC 8247). */
    PRF_HMAC_SHA1(2, "prfsha1", "HmacSHA1", 20),
    /** RFC 4434. */
    PRF_AES128_XCBC(4, "prfaesxcbc", IntegrityAlgorithm.AUTH_AES_XCBC_96),
    /** RFC 4868, and the next two. */
    PRF_HMAC_SHA2_256(5, "prfsha256", "HmacSHA256", 32),
    PRF_HMAC_SHA2_384(6, "prfsha384", "HmacSHA384", 48),
    PRF_HMAC_SHA2_512(7, "prfsha512", "HmacSHA512", 64),
    /** RFC 4615. */
    PRF_AES128_CMAC(8, "prfaescmac", IntegrityAlgorithm.AUTH_AES_CMAC_96);

    private static final int MAX_BLOCKS = 255;
    private static final int AES_KEY = 16;

    private final int transformId;
    private final String keyword;
    private final String macName;
    private final int length;
    private final IntegrityAlgorithm aes;

    PseudorandomFunction(int transformId, String keyword, String macName, int length) {
        this(transformId, keyword, macName, length, IntegrityAlgorithm.NONE);
    }

    PseudorandomFunction(int transformId, String keyword, IntegrityAlgorithm aes) {
        this(transformId, keyword, "", AES_KEY, aes);
    }

    PseudorandomFunction(int transformId, String keyword, String macName, int length, IntegrityAlgorithm aes) {
        this.transformId = transformId;
        this.keyword = keyword;
        this.macName = macName;
        this.length = length;
        this.aes = aes;
    }

    public int transformId() {
        return transformId;
    }

    /** The word of strongSwan's proposals: {@code prfsha256}. */
    public String keyword() {
        return keyword;
    }

    /** Bytes that it returns, and the preferred length of its keys (RFC 7296 section 2.13). */
    public int length() {
        return length;
    }

    /** RFC 8247 says SHOULD NOT or MAY at best: only for a peer that has nothing better. */
    public boolean isLegacy() {
        return this == PRF_HMAC_SHA1;
    }

    /** {@code prf(key, data | ...)}, where the result is a secret. */
    KeyMaterial derive(KeyMaterial key, byte[]... data) {
        return KeyMaterial.owning(compute(key, data));
    }

    /** {@code prf(key, data | ...)}, where the result goes onto the wire or into a payload's computation. */
    public byte[] compute(KeyMaterial key, byte[]... data) {
        PacketMac mac = keyed(key);
        byte[] result = new byte[length];
        update(mac, data);
        mac.finish(result);
        return result;
    }

    /**
     * {@code prf+(key, seed | ...)}, RFC 7296 section 2.13.
     *
     * @param wanted bytes, at most 255 times {@link #length}
     */
    KeyMaterial expand(KeyMaterial key, int wanted, byte[]... seed) {
        if (wanted > MAX_BLOCKS * length) {
            throw new IllegalArgumentException(this + " does not expand to " + wanted + " bytes");
        }
        PacketMac mac = keyed(key);
        byte[] block = new byte[length];
        byte[] result = new byte[wanted];
        for (int done = 0, counter = 1; done < wanted; done += length, counter++) {
            mac.update(block, 0, counter == 1 ? 0 : length);
            update(mac, seed);
            mac.update(new byte[] {(byte) counter}, 0, 1);
            mac.finish(block);
            System.arraycopy(block, 0, result, done, Math.min(length, wanted - done));
        }
        Arrays.fill(block, (byte) 0);
        return KeyMaterial.owning(result);
    }

    /** The key of SKEYSEED: AES takes the first half of its key from each nonce (RFC 7296 section 2.14). */
    KeyMaterial nonceKey(byte[] initiatorNonce, byte[] responderNonce) {
        return aes == IntegrityAlgorithm.NONE
                ? KeyMaterial.join(initiatorNonce, responderNonce)
                : KeyMaterial.join(
                        Arrays.copyOf(initiatorNonce, AES_KEY / 2), Arrays.copyOf(responderNonce, AES_KEY / 2));
    }

    private static void update(PacketMac mac, byte[]... data) {
        for (byte[] part : data) {
            mac.update(part, 0, part.length);
        }
    }

    private PacketMac keyed(KeyMaterial key) {
        try {
            return aes == IntegrityAlgorithm.NONE ? new PacketMac.Hmac(macName, key) : PacketMac.of(aes, aesKey(key));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(this + " is not in this JDK", e);
        }
    }

    /** RFC 4434 section 2, RFC 4615 section 3: keys of other lengths than AES has. */
    private KeyMaterial aesKey(KeyMaterial key) throws GeneralSecurityException {
        byte[] bytes = key.bytes();
        boolean padded = this == PRF_AES128_XCBC && bytes.length < AES_KEY;
        if (bytes.length == AES_KEY || padded) {
            return KeyMaterial.owning(Arrays.copyOf(bytes, AES_KEY));
        }
        PacketMac mac = PacketMac.of(aes, KeyMaterial.owning(new byte[AES_KEY]));
        mac.update(bytes, 0, bytes.length);
        byte[] hashed = new byte[AES_KEY];
        mac.finish(hashed);
        return KeyMaterial.owning(hashed);
    }

    public static Optional<PseudorandomFunction> byTransformId(int id) {
        return Arrays.stream(values()).filter(p -> p.transformId == id).findFirst();
    }

    public static Optional<PseudorandomFunction> byKeyword(String word) {
        return Arrays.stream(values()).filter(p -> p.keyword.equals(word)).findFirst();
    }
}
