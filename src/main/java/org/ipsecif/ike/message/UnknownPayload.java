package org.ipsecif.ike.message;

/**
 * A payload of a type that is not supported: skipped when it comes without the critical bit, refused with it (RFC 7296
 * section 2.5).
 *
 * @param payloadType none that {@link PayloadType} has
 * @param critical whether the peer must refuse the message if it does not know the type
 */
public record UnknownPayload(int payloadType, boolean critical, Octets data) implements Payload {
    public UnknownPayload {
        if (payloadType == PayloadType.NO_NEXT_PAYLOAD
                || PayloadType.of(payloadType).isPresent()) {
            throw new IllegalArgumentException("payload type " + payloadType + " is no unknown one");
        }
    }

    @Override
    public void write(OctetWriter out) {
        out.octets(data);
    }
}
