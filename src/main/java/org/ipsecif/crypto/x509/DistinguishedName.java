package org.ipsecif.crypto.x509;

import java.io.IOException;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.DERSequence;

/** Distinguished names as strongSwan and openssl write them, in the order of their encoding: {@code C=DE, O=Example, CN=moon}. */
public final class DistinguishedName {
    private DistinguishedName() {}

    /**
     * In DER. The keywords are those of {@link X500Principal}, which has names the other way round, as RFC 2253.
     *
     * @throws IllegalArgumentException if it is no name
     */
    public static byte[] encode(String text) {
        return reversed(new X500Principal(text).getEncoded());
    }

    /**
     * As {@link #encode} reads it back.
     *
     * @throws IllegalArgumentException if it is no name
     */
    public static String text(byte[] der) {
        return new X500Principal(reversed(der)).getName();
    }

    private static byte[] reversed(byte[] der) {
        ASN1Sequence parts = ASN1Sequence.getInstance(der);
        ASN1EncodableVector reversed = new ASN1EncodableVector(parts.size());
        for (int i = parts.size() - 1; i >= 0; i--) {
            reversed.add(parts.getObjectAt(i));
        }
        try {
            return new DERSequence(reversed).getEncoded(ASN1Encoding.DER);
        } catch (IOException e) {
            throw new IllegalStateException(e); // in memory
        }
    }
}
