package org.ipsecif.crypto.x509;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.Signature;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.Arrays;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.RSASSAPSSparams;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.jspecify.annotations.Nullable;

/**
 * Signature algorithms of AUTH payloads, by the AlgorithmIdentifiers of RFC 7427 appendix A and RFC 8420. Those of RSASSA-PSS have
 * a salt as long as the hash, and MGF1 with the same hash.
 */
public enum SignatureScheme {
    RSA_PKCS1_SHA1(KeyKind.RSA, SignatureHash.SHA1, "SHA1withRSA", PKCSObjectIdentifiers.sha1WithRSAEncryption),
    RSA_PKCS1_SHA2_256(
            KeyKind.RSA, SignatureHash.SHA2_256, "SHA256withRSA", PKCSObjectIdentifiers.sha256WithRSAEncryption),
    RSA_PKCS1_SHA2_384(
            KeyKind.RSA, SignatureHash.SHA2_384, "SHA384withRSA", PKCSObjectIdentifiers.sha384WithRSAEncryption),
    RSA_PKCS1_SHA2_512(
            KeyKind.RSA, SignatureHash.SHA2_512, "SHA512withRSA", PKCSObjectIdentifiers.sha512WithRSAEncryption),
    RSASSA_PSS_SHA2_256(KeyKind.RSA, SignatureHash.SHA2_256, NISTObjectIdentifiers.id_sha256, 32),
    RSASSA_PSS_SHA2_384(KeyKind.RSA, SignatureHash.SHA2_384, NISTObjectIdentifiers.id_sha384, 48),
    RSASSA_PSS_SHA2_512(KeyKind.RSA, SignatureHash.SHA2_512, NISTObjectIdentifiers.id_sha512, 64),
    ECDSA_SHA2_256(KeyKind.EC, SignatureHash.SHA2_256, "SHA256withECDSA", X9ObjectIdentifiers.ecdsa_with_SHA256),
    ECDSA_SHA2_384(KeyKind.EC, SignatureHash.SHA2_384, "SHA384withECDSA", X9ObjectIdentifiers.ecdsa_with_SHA384),
    ECDSA_SHA2_512(KeyKind.EC, SignatureHash.SHA2_512, "SHA512withECDSA", X9ObjectIdentifiers.ecdsa_with_SHA512),
    ED25519(KeyKind.ED25519, SignatureHash.IDENTITY, "Ed25519", new ASN1ObjectIdentifier("1.3.101.112")),
    ED448(KeyKind.ED448, SignatureHash.IDENTITY, "Ed448", new ASN1ObjectIdentifier("1.3.101.113"));

    private static final int TRAILER = 1;
    private static final int ED25519_LENGTH = 64;
    private static final int ED448_LENGTH = 114;

    private final KeyKind kind;
    private final SignatureHash hash;
    private final String jdkName;
    private final AlgorithmIdentifier identifier;
    private final int saltLength;

    SignatureScheme(KeyKind kind, SignatureHash hash, String jdkName, ASN1ObjectIdentifier oid) {
        this.kind = kind;
        this.hash = hash;
        this.jdkName = jdkName;
        this.identifier =
                kind == KeyKind.RSA ? new AlgorithmIdentifier(oid, DERNull.INSTANCE) : new AlgorithmIdentifier(oid);
        this.saltLength = 0;
    }

    SignatureScheme(KeyKind kind, SignatureHash hash, ASN1ObjectIdentifier digest, int saltLength) {
        this.kind = kind;
        this.hash = hash;
        this.jdkName = "RSASSA-PSS";
        this.saltLength = saltLength;
        var digestIdentifier = new AlgorithmIdentifier(digest, DERNull.INSTANCE);
        this.identifier = new AlgorithmIdentifier(
                PKCSObjectIdentifiers.id_RSASSA_PSS,
                new RSASSAPSSparams(
                        digestIdentifier,
                        new AlgorithmIdentifier(PKCSObjectIdentifiers.id_mgf1, digestIdentifier),
                        new ASN1Integer(saltLength),
                        RSASSAPSSparams.DEFAULT_TRAILER_FIELD));
    }

    /** DER, as it stands in Authentication Data of method 14. */
    public byte[] algorithmIdentifier() {
        try {
            return identifier.getEncoded(ASN1Encoding.DER);
        } catch (IOException e) {
            throw new IllegalStateException(e); // in memory
        }
    }

    public SignatureHash hash() {
        return hash;
    }

    KeyKind kind() {
        return kind;
    }

    boolean isPss() {
        return saltLength > 0;
    }

    /** RFC 8032: 64 or 114 bytes. JDK 17 takes more, and ignores them. */
    boolean takes(int bytes) {
        return switch (this) {
            case ED25519 -> bytes == ED25519_LENGTH;
            case ED448 -> bytes == ED448_LENGTH;
            default -> true;
        };
    }

    /** DER signatures in the case of ECDSA. */
    Signature signature() throws GeneralSecurityException {
        Signature signature = Signature.getInstance(jdkName);
        if (isPss()) {
            signature.setParameter(new PSSParameterSpec(
                    hash.digest(), "MGF1", new MGF1ParameterSpec(hash.digest()), saltLength, TRAILER));
        }
        return signature;
    }

    /** The scheme of an AlgorithmIdentifier, whether its parameters that say nothing are left out, are NULL or are defaults. */
    static Optional<SignatureScheme> of(AlgorithmIdentifier given) {
        return Arrays.stream(values()).filter(s -> s.matches(given)).findFirst();
    }

    private boolean matches(AlgorithmIdentifier given) {
        if (!given.getAlgorithm().equals(identifier.getAlgorithm())) {
            return false;
        }
        return isPss() ? matchesPss(given.getParameters()) : saysNothing(given.getParameters());
    }

    private boolean matchesPss(@Nullable ASN1Encodable parameters) {
        RSASSAPSSparams own = RSASSAPSSparams.getInstance(identifier.getParameters());
        RSASSAPSSparams given = RSASSAPSSparams.getInstance(parameters);
        if (given == null) {
            return false;
        }
        var digest = own.getHashAlgorithm().getAlgorithm();
        var mask = given.getMaskGenAlgorithm();
        return given.getHashAlgorithm().getAlgorithm().equals(digest)
                && mask.getAlgorithm().equals(PKCSObjectIdentifiers.id_mgf1)
                && AlgorithmIdentifier.getInstance(mask.getParameters())
                        .getAlgorithm()
                        .equals(digest)
                && given.getSaltLength().equals(own.getSaltLength())
                && given.getTrailerField().equals(own.getTrailerField());
    }

    private static boolean saysNothing(@Nullable ASN1Encodable parameters) {
        return parameters == null || parameters.toASN1Primitive().equals(DERNull.INSTANCE);
    }
}
