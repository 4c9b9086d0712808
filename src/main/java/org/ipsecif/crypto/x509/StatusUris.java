package org.ipsecif.crypto.x509;

import java.net.URI;
import java.net.URISyntaxException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.bouncycastle.asn1.ASN1IA5String;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.x509.AccessDescription;
import org.bouncycastle.asn1.x509.AuthorityInformationAccess;
import org.bouncycastle.asn1.x509.CRLDistPoint;
import org.bouncycastle.asn1.x509.DistributionPoint;
import org.bouncycastle.asn1.x509.DistributionPointName;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;

/** Where a certificate says that its status is told (RFC 5280 sections 4.2.1.13, 4.2.2.1): URIs of http alone. */
final class StatusUris {
    private StatusUris() {}

    /** OCSP responders, in the certificate's order. */
    static List<URI> ocsp(X509Certificate certificate) {
        return uris(
                certificate,
                Extension.authorityInfoAccess,
                value -> Arrays.stream(
                                AuthorityInformationAccess.getInstance(value).getAccessDescriptions())
                        .filter(each -> each.getAccessMethod().equals(AccessDescription.id_ad_ocsp))
                        .map(AccessDescription::getAccessLocation));
    }

    /** CRL distribution points, without those whose CRL another than the certificate's issuer makes. */
    static List<URI> crls(X509Certificate certificate) {
        return uris(
                certificate,
                Extension.cRLDistributionPoints,
                value -> Arrays.stream(CRLDistPoint.getInstance(value).getDistributionPoints())
                        .filter(each -> each.getCRLIssuer() == null)
                        .flatMap(StatusUris::fullNames));
    }

    /** None also if the extension is broken. */
    private static List<URI> uris(
            X509Certificate certificate, ASN1ObjectIdentifier oid, Function<byte[], Stream<GeneralName>> names) {
        byte[] extension = certificate.getExtensionValue(oid.getId());
        try {
            return extension == null
                    ? List.of()
                    : names.apply(ASN1OctetString.getInstance(extension).getOctets())
                            .flatMap(StatusUris::http)
                            .toList();
        } catch (RuntimeException e) { // Bouncy Castle's parser throws several
            return List.of();
        }
    }

    private static Stream<GeneralName> fullNames(DistributionPoint point) {
        DistributionPointName name = point.getDistributionPoint();
        return name == null || name.getType() != DistributionPointName.FULL_NAME
                ? Stream.of()
                : Arrays.stream(GeneralNames.getInstance(name.getName()).getNames());
    }

    private static Stream<URI> http(GeneralName name) {
        if (name.getTagNo() != GeneralName.uniformResourceIdentifier) {
            return Stream.of();
        }
        try {
            URI uri = new URI(ASN1IA5String.getInstance(name.getName()).getString());
            return "http".equalsIgnoreCase(uri.getScheme()) ? Stream.of(uri) : Stream.of();
        } catch (URISyntaxException e) {
            return Stream.of();
        }
    }
}
