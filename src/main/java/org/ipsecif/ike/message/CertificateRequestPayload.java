package org.ipsecif.ike.message;

import java.util.List;
import java.util.stream.IntStream;

/**
 * CERTREQ payload (RFC 7296 section 3.7).
 *
 * <pre>
 * +-+-+-+-+-+-+-+-+
 * | Cert Encoding |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * ~                    Certification Authority                    ~
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * </pre>
 *
 * @param encoding see {@link CertificateEncoding}
 * @param authorities for {@link CertificateEncoding#X509_SIGNATURE}, the SHA-1 hashes of {@link #keyHashes()}
 */
public record CertificateRequestPayload(int encoding, Octets authorities) implements Payload {
    private static final int SHA1_LENGTH = 20;

    /** A request for certificates by these authorities. */
    public static CertificateRequestPayload x509(List<Octets> keyHashes) {
        OctetWriter out = new OctetWriter();
        keyHashes.forEach(out::octets);
        return new CertificateRequestPayload(CertificateEncoding.X509_SIGNATURE.number(), out.toOctets());
    }

    public boolean is(CertificateEncoding other) {
        return encoding == other.number();
    }

    /** SHA-1 of each trusted authority's SubjectPublicKeyInfo, 20 bytes each (RFC 7296 section 3.7). */
    public List<Octets> keyHashes() {
        byte[] bytes = authorities.toBytes();
        return IntStream.range(0, bytes.length / SHA1_LENGTH)
                .mapToObj(i -> Octets.of(bytes, i * SHA1_LENGTH, SHA1_LENGTH))
                .toList();
    }

    static CertificateRequestPayload parse(OctetReader in) throws IkeException {
        CertificateRequestPayload request = new CertificateRequestPayload(in.u8(), in.rest());
        int length = request.authorities.length();
        if (request.is(CertificateEncoding.X509_SIGNATURE) && length % SHA1_LENGTH != 0) {
            throw in.malformed("has " + length + " bytes of hashes, which are " + SHA1_LENGTH + " bytes each");
        }
        return request;
    }

    @Override
    public int payloadType() {
        return PayloadType.CERTREQ.number();
    }

    @Override
    public void write(OctetWriter out) {
        out.u8(encoding).octets(authorities);
    }
}
