package org.ipsecif.crypto.x509;

import java.io.IOException;
import java.net.URI;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.X509Certificate;
import java.text.ParseException;
import java.time.Instant;
import java.util.HexFormat;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1GeneralizedTime;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.ocsp.BasicOCSPResponse;
import org.bouncycastle.asn1.ocsp.CertID;
import org.bouncycastle.asn1.ocsp.OCSPRequest;
import org.bouncycastle.asn1.ocsp.OCSPResponse;
import org.bouncycastle.asn1.ocsp.Request;
import org.bouncycastle.asn1.ocsp.SingleResponse;
import org.bouncycastle.asn1.ocsp.TBSRequest;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.jspecify.annotations.Nullable;

/** The OCSP responders that certificates name (RFC 6960, RFC 5019), whose answers are kept until their nextUpdate. Any thread. */
final class OcspSource {
    private static final int MAX_CACHED = 1024;
    private static final ASN1ObjectIdentifier SHA1 = new ASN1ObjectIdentifier("1.3.14.3.2.26");

    private final Fetcher fetcher;
    private final FetchCache<RevocationAnswer> cache = new FetchCache<>(MAX_CACHED);

    OcspSource(Fetcher fetcher) {
        this.fetcher = fetcher;
    }

    /** Blocks while it fetches. */
    RevocationAnswer ask(RevocationJudge judge) {
        RevocationAnswer last = RevocationAnswer.unknown("it names no OCSP responder");
        for (URI uri : StatusUris.ocsp(judge.certificate())) {
            last = fetched(judge, uri);
            if (last.status() != RevocationAnswer.Status.UNKNOWN) {
                return last;
            }
        }
        return last;
    }

    private RevocationAnswer fetched(RevocationJudge judge, URI uri) {
        try {
            byte[] request = request(judge);
            String key = uri + " " + HexFormat.of().formatHex(request);
            return cache.get(key, judge.now(), () -> fetch(judge, uri, request));
        } catch (IOException e) {
            return RevocationAnswer.unknown("OCSP responder " + uri + ": " + e.getMessage());
        }
    }

    private FetchCache.Fetched<RevocationAnswer> fetch(RevocationJudge judge, URI uri, byte[] request)
            throws IOException {
        byte[] response = fetcher.post(uri, "application/ocsp-request", request);
        RevocationAnswer answer = judge.byOcsp(response);
        if (answer.status() == RevocationAnswer.Status.UNKNOWN) {
            throw new IOException(answer.detail());
        }
        return new FetchCache.Fetched<>(answer, nextUpdate(response));
    }

    /** Without a nonce: the answer may be one that the responder made for all. */
    private static byte[] request(RevocationJudge judge) throws IOException {
        Request one = new Request(certId(judge.certificate(), judge.issuer()), null);
        return new OCSPRequest(new TBSRequest(null, new DERSequence(one), (Extensions) null), null)
                .getEncoded(ASN1Encoding.DER);
    }

    private static CertID certId(X509Certificate certificate, X509Certificate issuer) {
        byte[] key = SubjectPublicKeyInfo.getInstance(issuer.getPublicKey().getEncoded())
                .getPublicKeyData()
                .getBytes();
        return new CertID(
                new AlgorithmIdentifier(SHA1, DERNull.INSTANCE),
                new DEROctetString(sha1(certificate.getIssuerX500Principal().getEncoded())),
                new DEROctetString(sha1(key)),
                new ASN1Integer(certificate.getSerialNumber()));
    }

    /** RFC 5019 section 2.1.1: a name for the issuer, not a matter of its strength. */
    private static byte[] sha1(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-1").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every JRE has it
        }
    }

    /** Of a response that was judged; the earliest of those in it, and no date if one has none. */
    private static Instant nextUpdate(byte[] response) {
        var basic = BasicOCSPResponse.getInstance(OCSPResponse.getInstance(response)
                .getResponseBytes()
                .getResponse()
                .getOctets());
        var singles = basic.getTbsResponseData().getResponses();
        Instant earliest = Instant.MAX;
        for (int i = 0; i < singles.size(); i++) {
            Instant next =
                    instant(SingleResponse.getInstance(singles.getObjectAt(i)).getNextUpdate());
            earliest = next.isBefore(earliest) ? next : earliest;
        }
        return earliest;
    }

    private static Instant instant(@Nullable ASN1GeneralizedTime time) {
        try {
            return time == null ? Instant.MIN : time.getDate().toInstant();
        } catch (ParseException e) {
            return Instant.MIN;
        }
    }
}
