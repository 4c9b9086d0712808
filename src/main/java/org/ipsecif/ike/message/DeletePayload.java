package org.ipsecif.ike.message;

import java.util.ArrayList;
import java.util.List;

/**
 * Delete payload (RFC 7296 section 3.11).
 *
 * <pre>
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * | Protocol ID   |   SPI Size    |          Num of SPIs          |
 * ~               Security Parameter Index(es) (SPI)              ~
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * </pre>
 *
 * @param protocol see {@link ProtocolId}
 * @param spiSize bytes of each SPI: 4 for AH and ESP, 0 for IKE, which needs none
 * @param spis as the sender of this payload would have received packets with; none for IKE
 */
public record DeletePayload(int protocol, int spiSize, List<Octets> spis) implements Payload {
    private static final int ESP_SPI = 4;
    private static final int MAX_SPIS = 4_096;

    public DeletePayload {
        spis = List.copyOf(spis);
        int size = spiSize;
        if (!spis.stream().allMatch(spi -> spi.length() == size)) {
            throw new IllegalArgumentException("an SPI that has not " + spiSize + " bytes");
        }
    }

    /** The IKE SA that this is sent under. */
    public static DeletePayload ike() {
        return new DeletePayload(ProtocolId.IKE.number(), 0, List.of());
    }

    /** ESP SAs. */
    public static DeletePayload esp(int... spis) {
        List<Octets> octets = new ArrayList<>(spis.length);
        for (int spi : spis) {
            octets.add(new OctetWriter().u32(Integer.toUnsignedLong(spi)).toOctets());
        }
        return new DeletePayload(ProtocolId.ESP.number(), ESP_SPI, octets);
    }

    public boolean is(ProtocolId other) {
        return protocol == other.number();
    }

    static DeletePayload parse(OctetReader in) throws IkeException {
        int protocol = in.u8();
        int spiSize = in.u8();
        int count = in.u16();
        int expected = expectedSpiSize(protocol, spiSize);
        if (spiSize != expected || (spiSize == 0 && count != 0) || count > MAX_SPIS) {
            throw in.malformed("has " + count + " SPIs of " + spiSize + " bytes for protocol " + protocol);
        }
        List<Octets> spis = new ArrayList<>(Math.min(count, in.remaining()));
        for (int i = 0; i < count; i++) {
            spis.add(in.take(spiSize));
        }
        in.end();
        return new DeletePayload(protocol, spiSize, spis);
    }

    private static int expectedSpiSize(int protocol, int given) {
        return ProtocolId.of(protocol)
                .map(known -> switch (known) {
                    case IKE -> 0;
                    case AH, ESP -> ESP_SPI;
                    case NONE -> given;
                })
                .orElse(given);
    }

    @Override
    public int payloadType() {
        return PayloadType.DELETE.number();
    }

    @Override
    public void write(OctetWriter out) {
        out.u8(protocol).u8(spiSize).u16(spis.size());
        spis.forEach(out::octets);
    }
}
