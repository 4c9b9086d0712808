package org.ipsecif.crypto.x509;

import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.Signature;
import java.util.Arrays;
import java.util.Set;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;

/** A peer's public key, which verifies its AUTH payload. Any thread. */
public final class VerificationKey {
    private final PublicKey key;
    private final KeyKind kind;

    private VerificationKey(PublicKey key, KeyKind kind) {
        this.key = key;
        this.kind = kind;
    }

    /** @throws CredentialException if the key is of a kind that IKEv2 does not use, or too weak */
    public static VerificationKey of(PublicKey key) throws CredentialException {
        return new VerificationKey(key, KeyKind.of(key));
    }

    /**
     * Verifies a signature.
     *
     * @param received from the peer, not trusted
     * @param accepted hashes that we announced; SHA-1 must be among them for {@link AuthSignature#RSA} too
     * @param octets what RFC 7296 section 2.15 has signed, in parts, one after another
     * @return how it was made, for the log: {@code RSA_PKCS1_SHA2_256}
     * @throws CredentialException if it does not verify, or was made in a way that is not accepted
     */
    public String verify(AuthSignature received, Set<SignatureHash> accepted, byte[]... octets)
            throws CredentialException {
        byte[] data = received.data();
        try {
            return switch (received.method()) {
                case AuthSignature.RSA -> verify(SignatureScheme.RSA_PKCS1_SHA1, data, accepted, octets);
                case AuthSignature.ECDSA_256, AuthSignature.ECDSA_384, AuthSignature.ECDSA_521 ->
                    verifyRaw(RawEcdsa.ofMethod(received.method()).orElseThrow(), data, octets);
                case AuthSignature.DIGITAL_SIGNATURE -> {
                    int end = data.length == 0 ? 0 : 1 + (data[0] & 0xff);
                    if (end == 0 || end > data.length) {
                        throw new CredentialException("the peer's signature is cut off");
                    }
                    SignatureScheme scheme = scheme(Arrays.copyOfRange(data, 1, end));
                    yield verify(scheme, Arrays.copyOfRange(data, end, data.length), accepted, octets);
                }
                default ->
                    throw new CredentialException(
                            "the peer's authentication method " + received.method() + " is no signature that we know");
            };
        } catch (GeneralSecurityException | RuntimeException e) {
            throw new CredentialException("the peer's signature is not one of its " + kind + " key", e);
        }
    }

    private static SignatureScheme scheme(byte[] identifier) throws CredentialException {
        try {
            return SignatureScheme.of(AlgorithmIdentifier.getInstance(identifier))
                    .orElseThrow();
        } catch (RuntimeException e) { // Bouncy Castle's parser throws several, as does an unknown scheme
            throw new CredentialException("the peer's signature algorithm is not one that we know", e);
        }
    }

    private String verify(SignatureScheme scheme, byte[] value, Set<SignatureHash> accepted, byte[]... octets)
            throws GeneralSecurityException, CredentialException {
        if (!accepted.contains(scheme.hash())) {
            throw new CredentialException(
                    "the peer signed with " + scheme.hash() + ", which we do not accept; we do " + accepted);
        }
        requireKind(scheme.kind(), scheme.name());
        if (!scheme.takes(value.length)) {
            throw new CredentialException("the peer's signature (" + scheme + ") has " + value.length + " bytes");
        }
        return verify(scheme.signature(), scheme.name(), value, octets);
    }

    private String verifyRaw(RawEcdsa raw, byte[] value, byte[]... octets)
            throws GeneralSecurityException, CredentialException {
        requireKind(KeyKind.EC, raw.name());
        if (KeyKind.curveBits(key) != raw.curveBits()) {
            throw new CredentialException("the peer signed for " + raw + ", and its key is on another curve");
        }
        return verify(raw.signature(), "ECDSA_" + raw, value, octets);
    }

    private void requireKind(KeyKind needed, String scheme) throws CredentialException {
        if (kind != needed) {
            throw new CredentialException("the peer signed with " + scheme + ", and its key is of kind " + kind);
        }
    }

    private String verify(Signature signature, String name, byte[] value, byte[]... octets)
            throws GeneralSecurityException, CredentialException {
        signature.initVerify(key);
        for (byte[] part : octets) {
            signature.update(part);
        }
        if (!signature.verify(value)) {
            throw new CredentialException("the peer's signature (" + name + ") is wrong");
        }
        return name;
    }
}
