package org.ipsecif.ike.message;

/**
 * Encrypted fragment payload, SKF (RFC 7383 section 2.5), as it is on the wire; always the last of a message.
 *
 * <pre>
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * | Next Payload  |C|  RESERVED   |         Payload Length        |
 * |        Fragment Number        |        Total Fragments        |
 * ~                     Initialization Vector                     ~
 * ~                      Encrypted content                        ~
 * ~                            +   Padding (0-255) |  Pad Length  |
 * ~                    Integrity Checksum Data                    ~
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * </pre>
 *
 * @param nextPayload in the first fragment, type of the first payload inside; in the others, 0
 * @param number from 1 to {@code total}
 * @param data from the IV to the ICV
 */
public record EncryptedFragmentPayload(int nextPayload, int number, int total, Octets data) implements Payload {
    /** Fragment Number and Total Fragments. */
    static final int HEADER = 4;

    public EncryptedFragmentPayload {
        if (!isFragment(number, total)) {
            throw new IllegalArgumentException("fragment " + number + " of " + total);
        }
    }

    private static boolean isFragment(int number, int total) {
        return number >= 1 && number <= total;
    }

    static EncryptedFragmentPayload parse(int nextPayload, OctetReader in) throws IkeException {
        int number = in.u16();
        int total = in.u16();
        if (!isFragment(number, total)) {
            throw in.malformed("is fragment " + number + " of " + total);
        }
        return new EncryptedFragmentPayload(nextPayload, number, total, in.rest());
    }

    @Override
    public int payloadType() {
        return PayloadType.SKF.number();
    }

    @Override
    public int lastNextPayload() {
        return nextPayload;
    }

    @Override
    public void write(OctetWriter out) {
        out.u16(number).u16(total).octets(data);
    }
}
