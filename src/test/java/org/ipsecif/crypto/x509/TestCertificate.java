package org.ipsecif.crypto.x509;

import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.security.interfaces.EdECKey;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.x509.AccessDescription;
import org.bouncycastle.asn1.x509.AuthorityInformationAccess;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.CRLDistPoint;
import org.bouncycastle.asn1.x509.DistributionPoint;
import org.bouncycastle.asn1.x509.DistributionPointName;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.jcajce.JcaX509CRLConverter;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v2CRLBuilder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** A certificate with its key, made for a test: {@code TestCertificate.root("CN=root").issue("CN=moon").dns("...").make()}. */
record TestCertificate(KeyPair keys, X509Certificate certificate) {
    static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");

    static KeyPair ec(String curve) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec(curve));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    static KeyPair keys(String algorithm, int bits) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
            if (bits > 0) {
                generator.initialize(bits);
            }
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    /** What signs with a key of the kind. */
    static String signature(KeyPair keys) {
        return switch (keys.getPrivate().getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            default -> ((EdECKey) keys.getPrivate()).getParams().getName();
        };
    }

    static Draft root(String name) {
        return new Draft(name, null).authority();
    }

    Draft issue(String name) {
        return new Draft(name, this);
    }

    byte[] encoded() {
        return LocalCertificate.encoded(certificate);
    }

    /** @param revoked serial numbers of certificates of this issuer */
    X509CRL crl(Instant thisUpdate, Instant nextUpdate, X509Certificate... revoked) {
        try {
            var builder = new JcaX509v2CRLBuilder(certificate, Date.from(thisUpdate));
            builder.setNextUpdate(Date.from(nextUpdate));
            for (X509Certificate each : revoked) {
                builder.addCRLEntry(each.getSerialNumber(), Date.from(thisUpdate), 1); // keyCompromise
            }
            return new JcaX509CRLConverter()
                    .getCRL(builder.build(new JcaContentSignerBuilder(signature(keys)).build(keys.getPrivate())));
        } catch (OperatorCreationException | GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    /** A certificate to be: an end entity's, valid for a year around {@link #NOW}, until told otherwise. */
    static final class Draft {
        private static BigInteger lastSerial = BigInteger.valueOf(1000);

        private final String name;
        private final TestCertificate issuer;
        private final List<GeneralName> alternatives = new ArrayList<>();
        private final List<Extension> extensions = new ArrayList<>();
        private KeyPair keys = ec("secp256r1");
        private Instant notBefore = NOW.minus(Duration.ofDays(180));
        private Instant notAfter = NOW.plus(Duration.ofDays(180));
        private String signature;

        private Draft(String name, TestCertificate issuer) {
            this.name = name;
            this.issuer = issuer;
        }

        Draft keys(KeyPair given) {
            keys = given;
            return this;
        }

        Draft valid(Instant from, Instant to) {
            notBefore = from;
            notAfter = to;
            return this;
        }

        Draft signedWith(String algorithm) {
            signature = algorithm;
            return this;
        }

        Draft authority() {
            return with(Extension.basicConstraints, true, new BasicConstraints(true));
        }

        Draft authority(int pathLength) {
            return with(Extension.basicConstraints, true, new BasicConstraints(pathLength));
        }

        Draft keyUsage(int usage) {
            return with(Extension.keyUsage, true, new KeyUsage(usage));
        }

        Draft extendedKeyUsage(String oid) {
            return with(
                    Extension.extendedKeyUsage,
                    false,
                    new ExtendedKeyUsage(KeyPurposeId.getInstance(new ASN1ObjectIdentifier(oid))));
        }

        Draft permittedDns(String domain) {
            var permitted = new GeneralSubtree(new GeneralName(GeneralName.dNSName, domain));
            return with(Extension.nameConstraints, true, new NameConstraints(new GeneralSubtree[] {permitted}, null));
        }

        Draft crlAt(String uri) {
            var names = new GeneralNames(new GeneralName(GeneralName.uniformResourceIdentifier, uri));
            return with(Extension.cRLDistributionPoints, false, new CRLDistPoint(new DistributionPoint[] {
                new DistributionPoint(new DistributionPointName(names), null, null)
            }));
        }

        Draft ocspAt(String uri) {
            return with(
                    Extension.authorityInfoAccess,
                    false,
                    new AuthorityInformationAccess(
                            AccessDescription.id_ad_ocsp, new GeneralName(GeneralName.uniformResourceIdentifier, uri)));
        }

        /** An extension that is no extension of its kind. */
        Draft broken(ASN1ObjectIdentifier oid) {
            return with(oid, false, new org.bouncycastle.asn1.DERSequence(DERNull.INSTANCE));
        }

        Draft unknownCritical() {
            return with(new ASN1ObjectIdentifier("1.3.6.1.4.1.32473.1"), true, DERNull.INSTANCE); // RFC 5612
        }

        Draft dns(String dnsName) {
            return alternative(new GeneralName(GeneralName.dNSName, dnsName));
        }

        Draft alternative(GeneralName alternative) {
            alternatives.add(alternative);
            return this;
        }

        private Draft with(ASN1ObjectIdentifier oid, boolean critical, ASN1Encodable value) {
            try {
                extensions.add(
                        new Extension(oid, critical, value.toASN1Primitive().getEncoded()));
                return this;
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }

        private static synchronized BigInteger nextSerial() {
            lastSerial = lastSerial.add(BigInteger.ONE);
            return lastSerial;
        }

        TestCertificate make() {
            KeyPair signer = issuer == null ? keys : issuer.keys();
            X500Principal by = issuer == null
                    ? new X500Principal(name)
                    : issuer.certificate().getSubjectX500Principal();
            var builder = new JcaX509v3CertificateBuilder(
                    by,
                    nextSerial(),
                    Date.from(notBefore),
                    Date.from(notAfter),
                    new X500Principal(name),
                    keys.getPublic());
            try {
                addExtensions(builder);
                String algorithm = signature == null ? TestCertificate.signature(signer) : signature;
                var made = builder.build(new JcaContentSignerBuilder(algorithm).build(signer.getPrivate()));
                return new TestCertificate(keys, new JcaX509CertificateConverter().getCertificate(made));
            } catch (OperatorCreationException | GeneralSecurityException | CertIOException e) {
                throw new AssertionError(e);
            }
        }

        private void addExtensions(JcaX509v3CertificateBuilder builder) throws CertIOException {
            if (!alternatives.isEmpty()) {
                builder.addExtension(
                        Extension.subjectAlternativeName,
                        false,
                        new GeneralNames(alternatives.toArray(GeneralName[]::new)));
            }
            for (Extension each : extensions) {
                builder.addExtension(each);
            }
        }
    }

    static List<byte[]> chain(TestCertificate... chain) {
        return Arrays.stream(chain).map(TestCertificate::encoded).toList();
    }
}
