package org.ipsecif.ike.message;

/**
 * Encrypted payload, SK (RFC 7296 section 3.14), as it is on the wire; always the last of a message. {@link MessageSealer} makes
 * it, {@link OpenedMessage} opens it.
 *
 * <pre>
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * | Next Payload  |C|  RESERVED   |         Payload Length        |
 * ~                     Initialization Vector                     ~
 * ~                    Encrypted IKE Payloads                     ~
 * ~                            +   Padding (0-255) |  Pad Length  |
 * ~                    Integrity Checksum Data                    ~
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * </pre>
 *
 * @param nextPayload type of the first payload inside
 * @param data from the IV to the ICV
 */
public record EncryptedPayload(int nextPayload, Octets data) implements Payload {
    @Override
    public int payloadType() {
        return PayloadType.SK.number();
    }

    @Override
    public int lastNextPayload() {
        return nextPayload;
    }

    @Override
    public void write(OctetWriter out) {
        out.octets(data);
    }
}
