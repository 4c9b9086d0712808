package org.ipsecif.crypto.x509;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import java.util.function.UnaryOperator;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateHolder;
import org.bouncycastle.cert.ocsp.BasicOCSPRespBuilder;
import org.bouncycastle.cert.ocsp.CertificateID;
import org.bouncycastle.cert.ocsp.CertificateStatus;
import org.bouncycastle.cert.ocsp.OCSPException;
import org.bouncycastle.cert.ocsp.OCSPReq;
import org.bouncycastle.cert.ocsp.OCSPResp;
import org.bouncycastle.cert.ocsp.OCSPRespBuilder;
import org.bouncycastle.cert.ocsp.RevokedStatus;
import org.bouncycastle.cert.ocsp.jcajce.JcaRespID;
import org.bouncycastle.operator.DigestCalculatorProvider;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;

/**
 * An OCSP responder by Bouncy Castle. Throws if the request is not about a certificate of the issuer.
 *
 * @param signer the issuer, or one that it lets answer
 */
record TestResponder(
        TestCertificate issuer,
        TestCertificate signer,
        Instant thisUpdate,
        Instant nextUpdate,
        TestCertificate... revoked)
        implements UnaryOperator<byte[]> {
    @Override
    public byte[] apply(byte[] request) {
        try {
            DigestCalculatorProvider digests = new JcaDigestCalculatorProviderBuilder().build();
            CertificateID asked = new OCSPReq(request).getRequestList()[0].getCertID();
            if (!asked.matchesIssuer(new JcaX509CertificateHolder(issuer.certificate()), digests)) {
                throw new AssertionError("a request about another issuer");
            }
            var builder = new BasicOCSPRespBuilder(new JcaRespID(
                    signer.certificate().getPublicKey(), digests.get(org.bouncycastle.cert.ocsp.RespID.HASH_SHA1)));
            builder.addResponse(asked, status(asked), Date.from(thisUpdate), Date.from(nextUpdate));
            var response = builder.build(
                    new JcaContentSignerBuilder(TestCertificate.signature(signer.keys()))
                            .build(signer.keys().getPrivate()),
                    new X509CertificateHolder[] {new JcaX509CertificateHolder(signer.certificate())},
                    Date.from(thisUpdate));
            OCSPResp whole = new OCSPRespBuilder().build(OCSPRespBuilder.SUCCESSFUL, response);
            return whole.getEncoded();
        } catch (OCSPException | IOException | OperatorCreationException | GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private CertificateStatus status(CertificateID asked) {
        boolean isRevoked = Arrays.stream(revoked)
                .anyMatch(each -> each.certificate().getSerialNumber().equals(asked.getSerialNumber()));
        return isRevoked ? new RevokedStatus(Date.from(thisUpdate), CRLReason.keyCompromise) : CertificateStatus.GOOD;
    }
}
