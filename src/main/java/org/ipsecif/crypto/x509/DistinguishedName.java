package org.ipsecif.crypto.x509;

import java.io.IOException;
import java.util.Arrays;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.ASN1String;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.style.IETFUtils;
import org.jspecify.annotations.Nullable;

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

    /**
     * Whether it has a part {@code *}, which stands for any value, as {@code CN=*}.
     *
     * @param der of whatever a peer sent
     */
    public static boolean isPattern(byte[] der) {
        RDN[] parts = parts(der);
        return parts != null && Arrays.stream(parts).anyMatch(DistinguishedName::isAny);
    }

    /** Whether the names have the same parts in the same order, but for those that the pattern leaves open. */
    public static boolean matches(byte[] pattern, byte[] der) {
        RDN[] wanted = parts(pattern);
        RDN[] given = parts(der);
        if (wanted == null || given == null || wanted.length != given.length) {
            return false;
        }
        for (int i = 0; i < wanted.length; i++) {
            boolean open = isAny(wanted[i])
                    && !given[i].isMultiValued()
                    && wanted[i].getFirst().getType().equals(given[i].getFirst().getType());
            if (!open && !IETFUtils.rDNAreEqual(wanted[i], given[i])) {
                return false;
            }
        }
        return true;
    }

    private static boolean isAny(RDN part) {
        return !part.isMultiValued()
                && part.getFirst().getValue() instanceof ASN1String value
                && value.getString().equals("*");
    }

    /** Null if it is no name. */
    private static RDN @Nullable [] parts(byte[] der) {
        try {
            RDN[] parts =
                    X500Name.getInstance(new X500Principal(der).getEncoded()).getRDNs();
            return Arrays.stream(parts).allMatch(each -> each.size() > 0) ? parts : null;
        } catch (IllegalArgumentException e) {
            return null;
        }
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
