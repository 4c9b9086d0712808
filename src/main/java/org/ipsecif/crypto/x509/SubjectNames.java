package org.ipsecif.crypto.x509;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.ASN1IA5String;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;

/**
 * Whom a certificate speaks for: its subject and its subjectAltName (RFC 5280 section 4.2.1.6). An IKE identity must be one of
 * these, whole (RFC 4945 section 3.1): no wildcards in certificates, no look at the subject's CN.
 */
public final class SubjectNames {
    private final X500Principal subject;
    private final List<GeneralName> alternatives;

    private SubjectNames(X500Principal subject, List<GeneralName> alternatives) {
        this.subject = subject;
        this.alternatives = alternatives;
    }

    public static SubjectNames of(X509Certificate certificate) {
        byte[] extension = certificate.getExtensionValue(Extension.subjectAlternativeName.getId());
        return new SubjectNames(
                certificate.getSubjectX500Principal(), extension == null ? List.of() : alternatives(extension));
    }

    private static List<GeneralName> alternatives(byte[] extension) {
        try {
            byte[] value = ASN1OctetString.getInstance(extension).getOctets();
            return List.of(GeneralNames.getInstance(value).getNames());
        } catch (RuntimeException e) { // Bouncy Castle's parser throws several
            return List.of(); // a broken extension speaks for nobody
        }
    }

    /** ID_IPV4_ADDR, ID_IPV6_ADDR. @param address 4 or 16 bytes */
    public boolean hasAddress(byte[] address) {
        return alternatives(GeneralName.iPAddress)
                .anyMatch(each -> Arrays.equals(
                        ASN1OctetString.getInstance(each.getName()).getOctets(), address));
    }

    /** ID_FQDN: whatever the case of its letters. */
    public boolean hasDnsName(String name) {
        return texts(GeneralName.dNSName).anyMatch(name::equalsIgnoreCase);
    }

    /** ID_RFC822_ADDR: the host in any case of its letters. */
    public boolean hasEmail(String address) {
        return texts(GeneralName.rfc822Name).anyMatch(each -> sameMailbox(each, address));
    }

    private static boolean sameMailbox(String one, String other) {
        int at = one.lastIndexOf('@');
        return at >= 0
                && at == other.lastIndexOf('@')
                && one.substring(0, at).equals(other.substring(0, at))
                && one.substring(at).equalsIgnoreCase(other.substring(at));
    }

    /** ID_DER_ASN1_DN: compared by RFC 5280 section 7.1. @param name DER, not trusted */
    public boolean hasSubject(byte[] name) {
        try {
            return subject.equals(new X500Principal(name));
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** The subject in DER, as an ID payload of type ID_DER_ASN1_DN has it. */
    public byte[] encodedSubject() {
        return subject.getEncoded();
    }

    /** subjectAltName. */
    List<GeneralName> alternatives() {
        return alternatives;
    }

    private Stream<GeneralName> alternatives(int tag) {
        return alternatives.stream().filter(each -> each.getTagNo() == tag);
    }

    private Stream<String> texts(int tag) {
        return alternatives(tag)
                .map(each -> ASN1IA5String.getInstance(each.getName()).getString());
    }

    /** All of them, for a message: {@code CN=moon, DNS moon.example.org}. */
    @Override
    public String toString() {
        return alternatives.stream().map(SubjectNames::text).collect(Collectors.joining("", Names.shown(subject), ""));
    }

    private static String text(GeneralName name) {
        String kind = switch (name.getTagNo()) {
            case GeneralName.dNSName -> "DNS ";
            case GeneralName.rfc822Name -> "email ";
            case GeneralName.iPAddress -> "IP ";
            default -> "";
        };
        String value = name.getTagNo() == GeneralName.iPAddress
                ? address(ASN1OctetString.getInstance(name.getName()).getOctets())
                : name.getName().toString();
        return ", " + kind + Names.shown(value);
    }

    private static String address(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes).getHostAddress();
        } catch (UnknownHostException e) {
            return "of " + bytes.length + " bytes";
        }
    }
}
