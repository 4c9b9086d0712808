package org.ipsecif.ike.message;

/**
 * Notify payload (RFC 7296 section 3.10).
 *
 * <pre>
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |  Protocol ID  |   SPI Size    |      Notify Message Type      |
 * ~                Security Parameter Index (SPI)                 ~
 * ~                       Notification Data                       ~
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * </pre>
 *
 * @param protocol of the SPI, see {@link ProtocolId}; 0 without one
 * @param spi of the SA in question, if there is one in question
 * @param type see {@link NotifyType}
 */
public record NotifyPayload(int protocol, Octets spi, int type, Octets data) implements Payload {
    /** About no particular SA, without data. */
    public static NotifyPayload of(NotifyType type) {
        return of(type, Octets.EMPTY);
    }

    /** About no particular SA. */
    public static NotifyPayload of(NotifyType type, Octets data) {
        return new NotifyPayload(ProtocolId.NONE.number(), Octets.EMPTY, type.number(), data);
    }

    /** About the ESP SA with this SPI: REKEY_SA, CHILD_SA_NOT_FOUND. */
    public static NotifyPayload ofEsp(NotifyType type, int spi) {
        Octets four = new OctetWriter().u32(Integer.toUnsignedLong(spi)).toOctets();
        return new NotifyPayload(ProtocolId.ESP.number(), four, type.number(), Octets.EMPTY);
    }

    public boolean is(NotifyType other) {
        return type == other.number();
    }

    /** Whether it reports an error, also one that is not known (RFC 7296 section 3.10.1). */
    public boolean isError() {
        return type < NotifyType.FIRST_STATUS;
    }

    static NotifyPayload parse(OctetReader in) throws IkeException {
        int protocol = in.u8();
        int spiSize = in.u8();
        int type = in.u16();
        return new NotifyPayload(protocol, in.take(spiSize), type, in.rest());
    }

    @Override
    public int payloadType() {
        return PayloadType.NOTIFY.number();
    }

    @Override
    public void write(OctetWriter out) {
        out.u8(protocol).u8(spi.length()).u16(type).octets(spi).octets(data);
    }
}
