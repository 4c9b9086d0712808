package org.ipsecif.crypto;

import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Supplier;
import org.bouncycastle.crypto.agreement.DHStandardGroups;
import org.bouncycastle.pqc.crypto.mlkem.MLKEMParameters;

/**
 * IKEv2 Transform Type 4, "Key Exchange Method Transform IDs" (IANA). The constants have IANA's names, where Java allows. What
 * RFC 8247 says MUST NOT or SHOULD NOT is absent: MODP below 2048 bits, and groups 22 to 24, which have small subgroups.
 */
public enum KeyExchangeMethod {
    /** RFC 3526; exponents as long as its section 8 estimates at most. */
    MODP_2048(14, "2048-bit MODP Group", "modp2048", () -> new ModpGroup(DHStandardGroups.rfc3526_2048, 320)),
    MODP_3072(15, "3072-bit MODP Group", "modp3072", () -> new ModpGroup(DHStandardGroups.rfc3526_3072, 420)),
    MODP_4096(16, "4096-bit MODP Group", "modp4096", () -> new ModpGroup(DHStandardGroups.rfc3526_4096, 480)),
    /** RFC 5903. */
    ECP_256(19, "256-bit random ECP group", "ecp256", () -> new EcGroup("secp256r1")),
    ECP_384(20, "384-bit random ECP group", "ecp384", () -> new EcGroup("secp384r1")),
    ECP_521(21, "521-bit random ECP group", "ecp521", () -> new EcGroup("secp521r1")),
    /** RFC 6954. */
    BRAINPOOL_P224R1(27, "brainpoolP224r1", "ecp224bp", () -> new EcGroup("brainpoolP224r1")),
    BRAINPOOL_P256R1(28, "brainpoolP256r1", "ecp256bp", () -> new EcGroup("brainpoolP256r1")),
    BRAINPOOL_P384R1(29, "brainpoolP384r1", "ecp384bp", () -> new EcGroup("brainpoolP384r1")),
    BRAINPOOL_P512R1(30, "brainpoolP512r1", "ecp512bp", () -> new EcGroup("brainpoolP512r1")),
    /** RFC 8031. */
    CURVE25519(31, "Curve25519", "x25519", () -> MontgomeryExchange.CURVE25519),
    CURVE448(32, "Curve448", "x448", () -> MontgomeryExchange.CURVE448),
    /** FIPS 203, draft-ietf-ipsecme-ikev2-mlkem: the public value is an encapsulation key, the answer a ciphertext. */
    ML_KEM_512(35, "ml-kem-512", "mlkem512", () -> new MlKemGroup(MLKEMParameters.ml_kem_512)),
    ML_KEM_768(36, "ml-kem-768", "mlkem768", () -> new MlKemGroup(MLKEMParameters.ml_kem_768)),
    ML_KEM_1024(37, "ml-kem-1024", "mlkem1024", () -> new MlKemGroup(MLKEMParameters.ml_kem_1024));

    private final int transformId;
    private final String ianaName;
    private final String keyword;
    private final Supplier<KeyExchangeGroup> group;

    KeyExchangeMethod(int transformId, String ianaName, String keyword, Supplier<KeyExchangeGroup> group) {
        this.transformId = transformId;
        this.ianaName = ianaName;
        this.keyword = keyword;
        this.group = group;
    }

    public int transformId() {
        return transformId;
    }

    public String ianaName() {
        return ianaName;
    }

    /** The word of strongSwan's proposals: {@code x25519}. */
    public String keyword() {
        return keyword;
    }

    /** A key encapsulation mechanism: too long for an IKE_SA_INIT message, made for IKE_INTERMEDIATE (RFC 9370). */
    public boolean isKem() {
        return this == ML_KEM_512 || this == ML_KEM_768 || this == ML_KEM_1024;
    }

    KeyExchangeGroup group() {
        return group.get();
    }

    /** Begins an exchange as its initiator. */
    public KeyExchange start(SecureRandom random) {
        return group().start(random);
    }

    /**
     * Does the responder's part.
     *
     * @param peerValue Key Exchange Data of the initiator's KE payload, not trusted
     * @throws InvalidKeyExchangeException if it is not one that the method allows
     */
    public KeyExchangeAnswer respond(byte[] peerValue, SecureRandom random) throws InvalidKeyExchangeException {
        return group().respond(peerValue, random);
    }

    public static Optional<KeyExchangeMethod> byTransformId(int id) {
        return Arrays.stream(values()).filter(m -> m.transformId == id).findFirst();
    }

    /** Takes {@code curve25519} and {@code curve448} too, as strongSwan does. */
    public static Optional<KeyExchangeMethod> byKeyword(String given) {
        String word = given.startsWith("curve") ? "x" + given.substring("curve".length()) : given;
        return Arrays.stream(values()).filter(m -> m.keyword.equals(word)).findFirst();
    }
}
