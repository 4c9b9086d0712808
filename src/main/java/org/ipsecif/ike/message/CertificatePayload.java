package org.ipsecif.ike.message;

/**
 * CERT payload (RFC 7296 section 3.6).
 *
 * <pre>
 * +-+-+-+-+-+-+-+-+
 * | Cert Encoding |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * ~                       Certificate Data                        ~
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * </pre>
 *
 * @param encoding see {@link CertificateEncoding}
 */
public record CertificatePayload(int encoding, Octets data) implements Payload {
    public boolean is(CertificateEncoding other) {
        return encoding == other.number();
    }

    static CertificatePayload parse(OctetReader in) throws IkeException {
        return new CertificatePayload(in.u8(), in.rest());
    }

    @Override
    public int payloadType() {
        return PayloadType.CERT.number();
    }

    @Override
    public void write(OctetWriter out) {
        out.u8(encoding).octets(data);
    }
}
