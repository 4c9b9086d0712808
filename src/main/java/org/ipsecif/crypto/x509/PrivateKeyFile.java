package org.ipsecif.crypto.x509;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.sec.ECPrivateKey;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.util.io.pem.PemObject;

/**
 * Unencrypted private keys: PKCS #8 in PEM or DER (RFC 5958), and in PEM also PKCS #1 (RFC 8017 appendix A.1.2) and SEC1 (RFC
 * 5915). That nobody but its owner may read the file, whoever reads it sees to ({@code PrivateFile} of {@code config}).
 */
public final class PrivateKeyFile {
    private PrivateKeyFile() {}

    /**
     * Reads the first private key; certificates and EC parameters beside it are passed over.
     *
     * @param file for messages
     * @throws CredentialException naming the file, and what is wrong with it
     */
    public static SigningKey read(byte[] content, String file) throws CredentialException {
        List<PemObject> blocks = Pem.blocks(content, file);
        Optional<PemObject> block = blocks.stream()
                .filter(each -> each.getType().endsWith("PRIVATE KEY"))
                .findFirst();
        if (block.isEmpty() && !blocks.isEmpty()) {
            throw new CredentialException(file + ": holds no private key, but "
                    + blocks.get(0).getType().toLowerCase(Locale.ROOT));
        }
        try {
            PrivateKeyInfo info = block.isPresent() ? ofBlock(block.get(), file) : PrivateKeyInfo.getInstance(content);
            return SigningKey.of(KeyFactory.getInstance(algorithm(info))
                    .generatePrivate(new PKCS8EncodedKeySpec(info.getEncoded())));
        } catch (CredentialException e) {
            throw new CredentialException(file + ": " + withoutFile(e, file), e);
        } catch (GeneralSecurityException | IOException | RuntimeException e) { // of Bouncy Castle's parser
            throw new CredentialException(
                    file + ": expected an unencrypted RSA, ECDSA, Ed25519 or Ed448 private key in PEM or DER", e);
        }
    }

    private static String withoutFile(CredentialException e, String file) {
        String message = String.valueOf(e.getMessage());
        return message.startsWith(file + ": ") ? message.substring(file.length() + 2) : message;
    }

    private static PrivateKeyInfo ofBlock(PemObject block, String file) throws CredentialException, IOException {
        if (block.getType().equals("ENCRYPTED PRIVATE KEY")
                || !block.getHeaders().isEmpty()) {
            throw new CredentialException("is encrypted, and there is nobody to ask for the passphrase; decrypt it: "
                    + "openssl pkey -in " + file + " -out NEWFILE, mode 0600");
        }
        return switch (block.getType()) {
            case "RSA PRIVATE KEY" ->
                new PrivateKeyInfo(
                        new AlgorithmIdentifier(PKCSObjectIdentifiers.rsaEncryption, DERNull.INSTANCE),
                        ASN1Sequence.getInstance(block.getContent()));
            case "EC PRIVATE KEY" -> ofSec1(block.getContent());
            default -> PrivateKeyInfo.getInstance(block.getContent());
        };
    }

    /** RFC 5915: the curve is named in the key; where it is not, the key's length tells. */
    private static PrivateKeyInfo ofSec1(byte[] content) throws CredentialException, IOException {
        ECPrivateKey key = ECPrivateKey.getInstance(content);
        ASN1Encodable curve = key.getParametersObject();
        ASN1Sequence fields = ASN1Sequence.getInstance(content);
        int length = ASN1OctetString.getInstance(fields.getObjectAt(1)).getOctets().length;
        return new PrivateKeyInfo(
                new AlgorithmIdentifier(X9ObjectIdentifiers.id_ecPublicKey, curve == null ? curve(length) : curve),
                key);
    }

    private static ASN1ObjectIdentifier curve(int keyLength) throws CredentialException {
        return switch (keyLength) {
            case 32 -> SECObjectIdentifiers.secp256r1;
            case 48 -> SECObjectIdentifiers.secp384r1;
            case 66 -> SECObjectIdentifiers.secp521r1;
            default -> throw new CredentialException("an EC key that is not on P-256, P-384 or P-521");
        };
    }

    private static String algorithm(PrivateKeyInfo info) throws CredentialException {
        String oid = info.getPrivateKeyAlgorithm().getAlgorithm().getId();
        return switch (oid) {
            case "1.2.840.113549.1.1.1" -> "RSA";
            case "1.2.840.113549.1.1.10" -> "RSASSA-PSS";
            case "1.2.840.10045.2.1" -> "EC";
            case "1.3.101.112" -> "Ed25519";
            case "1.3.101.113" -> "Ed448";
            default ->
                throw new CredentialException(
                        "a private key of kind " + oid + "; expected RSA, ECDSA, Ed25519 or Ed448");
        };
    }
}
