package org.ipsecif.ike.message;

/**
 * The IKE header (RFC 7296 section 3.1). Next Payload and Length are not part of it: the message's payloads say both.
 *
 * <pre>
 *                      1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                       IKE SA Initiator's SPI                  |
 * |                                                               |
 * |                       IKE SA Responder's SPI                  |
 * |                                                               |
 * |  Next Payload | MjVer | MnVer | Exchange Type |X X R V I X X X|
 * |                          Message ID                           |
 * |                            Length                             |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * </pre>
 *
 * @param responderSpi 0 in the first message
 * @param exchange see {@link ExchangeType}; others parse too
 * @param initiator I: the sender is who initiated the IKE SA
 * @param response R
 * @param messageId 32 bits
 */
public record IkeHeader(
        long initiatorSpi,
        long responderSpi,
        int majorVersion,
        int minorVersion,
        int exchange,
        boolean initiator,
        boolean response,
        long messageId) {
    /** Bytes. */
    public static final int LENGTH = 28;

    /** IKEv2. */
    public static final int MAJOR_VERSION = 2;

    /** Where the Next Payload field is. */
    static final int NEXT_PAYLOAD_AT = 16;

    /** Where the Length field is. */
    static final int LENGTH_AT = 24;

    private static final int FLAG_INITIATOR = 0x08;
    private static final int FLAG_RESPONSE = 0x20;

    /** Version 2.0. */
    public IkeHeader(
            long initiatorSpi,
            long responderSpi,
            ExchangeType exchange,
            boolean initiator,
            boolean response,
            long messageId) {
        this(initiatorSpi, responderSpi, MAJOR_VERSION, 0, exchange.number(), initiator, response, messageId);
    }

    public boolean is(ExchangeType other) {
        return exchange == other.number();
    }

    /** The header of the response to a request with this one, version 2.0. */
    public IkeHeader reply() {
        return new IkeHeader(initiatorSpi, responderSpi, MAJOR_VERSION, 0, exchange, !initiator, true, messageId);
    }

    public IkeHeader withResponderSpi(long spi) {
        return new IkeHeader(initiatorSpi, spi, majorVersion, minorVersion, exchange, initiator, response, messageId);
    }

    /**
     * Reads the header of the message at {@code offset}, for finding what SA it belongs to.
     *
     * @param length bytes there are, which must be those that the header says
     * @throws IkeException INVALID_SYNTAX, or INVALID_MAJOR_VERSION for anything that is not IKEv2
     */
    public static IkeHeader parse(byte[] bytes, int offset, int length) throws IkeException {
        return parse(bytes, offset, length, false);
    }

    /**
     * Likewise of any version: the first 28 bytes of a message are the same in all (RFC 7296 section 2.5), so that its sender can be
     * told which is spoken here.
     *
     * @throws IkeException INVALID_SYNTAX
     */
    public static IkeHeader parseAnyVersion(byte[] bytes, int offset, int length) throws IkeException {
        return parse(bytes, offset, length, true);
    }

    private static IkeHeader parse(byte[] bytes, int offset, int length, boolean anyVersion) throws IkeException {
        OctetReader in = new OctetReader(bytes, offset, length, "header");
        long initiatorSpi = in.i64();
        long responderSpi = in.i64();
        in.skip(1);
        int version = in.u8();
        int exchange = in.u8();
        int flags = in.u8();
        long messageId = in.u32();
        long total = in.u32();
        if (version >> 4 != MAJOR_VERSION && !anyVersion) {
            throw new IkeException(
                    NotifyType.INVALID_MAJOR_VERSION, "the peer speaks IKEv" + (version >> 4) + ", not IKEv2");
        }
        if (total != length) {
            throw in.malformed("says " + total + " bytes, " + length + " came");
        }
        return new IkeHeader(
                initiatorSpi,
                responderSpi,
                version >> 4,
                version & 0xf,
                exchange,
                (flags & FLAG_INITIATOR) != 0,
                (flags & FLAG_RESPONSE) != 0,
                messageId);
    }

    /** Appends the header, with 0 for the length. */
    void write(OctetWriter out, int nextPayload) {
        int flags = (initiator ? FLAG_INITIATOR : 0) | (response ? FLAG_RESPONSE : 0);
        out.i64(initiatorSpi).i64(responderSpi);
        out.u8(nextPayload).u8(majorVersion << 4 | minorVersion).u8(exchange).u8(flags);
        out.u32(messageId).zeros(Integer.BYTES);
    }
}
