package org.ipsecif.crypto.x509;

import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** A private key that makes AUTH payloads. Any thread. Has no {@code toString} that shows it. */
public final class SigningKey {
    private static final byte[] PROBE = {'p', 'a', 'i', 'r'};

    private final PrivateKey key;
    private final KeyKind kind;

    private SigningKey(PrivateKey key, KeyKind kind) {
        this.key = key;
        this.kind = kind;
    }

    /** @throws CredentialException if the key is of a kind that IKEv2 does not use, or too weak */
    public static SigningKey of(PrivateKey key) throws CredentialException {
        return new SigningKey(key, KeyKind.of(key));
    }

    /**
     * Signs for a peer.
     *
     * @param peerHashes of the peer's SIGNATURE_HASH_ALGORITHMS; empty if it sent none and knows only the older methods
     * @param pss whether an RSA key makes RSASSA-PSS signatures where it may; peers cannot say what they take
     * @param octets what RFC 7296 section 2.15 has signed, in parts, one after another
     * @throws CredentialException if the peer takes nothing that this key can make
     */
    public AuthSignature sign(Set<SignatureHash> peerHashes, boolean pss, byte[]... octets) throws CredentialException {
        try {
            return peerHashes.isEmpty() ? signOldWay(octets) : signByIdentifier(peerHashes, pss, octets);
        } catch (GeneralSecurityException e) {
            throw new CredentialException("cannot sign with this " + kind + " key: " + e.getMessage(), e);
        }
    }

    private AuthSignature signOldWay(byte[]... octets) throws GeneralSecurityException, CredentialException {
        return switch (kind) {
            case RSA -> new AuthSignature(AuthSignature.RSA, sign(SignatureScheme.RSA_PKCS1_SHA1.signature(), octets));
            case EC -> {
                RawEcdsa raw = RawEcdsa.ofCurve(KeyKind.curveBits(key));
                yield new AuthSignature(raw.method(), sign(raw.signature(), octets));
            }
            default ->
                throw new CredentialException(
                        "the peer does not announce RFC 7427 signatures, which an " + kind + " key needs (RFC 8420)");
        };
    }

    private AuthSignature signByIdentifier(Set<SignatureHash> peerHashes, boolean pss, byte[]... octets)
            throws GeneralSecurityException, CredentialException {
        SignatureScheme scheme = schemes(pss)
                .filter(each -> peerHashes.contains(each.hash()))
                .findFirst()
                .orElseThrow(() -> new CredentialException("the peer accepts signatures with " + peerHashes
                        + " only, which is nothing for our " + kind + " key"));
        byte[] identifier = scheme.algorithmIdentifier();
        byte[] signature = sign(scheme.signature(), octets);
        byte[] data = new byte[1 + identifier.length + signature.length];
        data[0] = (byte) identifier.length;
        System.arraycopy(identifier, 0, data, 1, identifier.length);
        System.arraycopy(signature, 0, data, 1 + identifier.length, signature.length);
        return new AuthSignature(AuthSignature.DIGITAL_SIGNATURE, data);
    }

    /** What this key can make, the best first: of ECDSA the hash as long as the curve. */
    private Stream<SignatureScheme> schemes(boolean pss) {
        boolean onlyPss = key.getAlgorithm().equals("RSASSA-PSS");
        List<SignatureScheme> usable = Arrays.stream(SignatureScheme.values())
                .filter(each -> each.kind() == kind && each.hash() != SignatureHash.SHA1)
                .filter(each -> kind != KeyKind.RSA || each.isPss() == (pss || onlyPss))
                .toList();
        SignatureHash preferred =
                kind == KeyKind.EC ? RawEcdsa.ofCurve(KeyKind.curveBits(key)).hash() : SignatureHash.SHA2_256;
        return usable.stream().sorted(Comparator.comparing(each -> each.hash() != preferred));
    }

    private byte[] sign(Signature signature, byte[]... octets) throws GeneralSecurityException {
        signature.initSign(key);
        for (byte[] part : octets) {
            signature.update(part);
        }
        return signature.sign();
    }

    /** Whether a certificate's key is this one's. */
    boolean pairsWith(PublicKey publicKey) {
        try {
            VerificationKey other = VerificationKey.of(publicKey);
            AuthSignature probe = sign(Set.of(SignatureHash.values()), false, PROBE);
            other.verify(probe, Set.of(SignatureHash.values()), PROBE);
            return true;
        } catch (CredentialException e) {
            return false;
        }
    }
}
