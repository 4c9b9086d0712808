package org.ipsecif.ike.message;

/**
 * One payload of a message, without its generic header (RFC 7296 section 3.2), which {@link PayloadChain} writes and reads:
 *
 * <pre>
 *                      1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * | Next Payload  |C|  RESERVED   |         Payload Length        |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * </pre>
 */
public sealed interface Payload
        permits SaPayload,
                KeyExchangePayload,
                IdentificationPayload,
                CertificatePayload,
                CertificateRequestPayload,
                AuthenticationPayload,
                NoncePayload,
                NotifyPayload,
                DeletePayload,
                VendorIdPayload,
                TrafficSelectorPayload,
                EncryptedPayload,
                EncryptedFragmentPayload,
                ConfigurationPayload,
                EapPayload,
                UnknownPayload {
    /** IANA "IKEv2 Payload Types". */
    int payloadType();

    /** Appends the body. */
    void write(OctetWriter out);

    /** The critical bit. Zero for all payloads of RFC 7296 (section 3.2), whatever came. */
    default boolean critical() {
        return false;
    }

    /** What the Next Payload field says if this is the last payload. */
    default int lastNextPayload() {
        return PayloadType.NO_NEXT_PAYLOAD;
    }

    /** The body alone. */
    default Octets body() {
        OctetWriter out = new OctetWriter();
        write(out);
        return out.toOctets();
    }
}
