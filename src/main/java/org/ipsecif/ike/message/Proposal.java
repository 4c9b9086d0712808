package org.ipsecif.ike.message;

import java.util.ArrayList;
import java.util.List;

/**
 * One proposal of an SA payload (RFC 7296 section 3.3.1): of each type of transform, one is to be chosen.
 *
 * <pre>
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * | Last Substruc |   RESERVED    |         Proposal Length       |
 * | Proposal Num  |  Protocol ID  |    SPI Size   |Num  Transforms|
 * ~                        SPI (variable)                         ~
 * ~                        Transforms                             ~
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * </pre>
 *
 * @param number from 1 in an offer; in an answer, that of the proposal which was chosen
 * @param protocol IANA "IKEv2 Security Protocol Identifiers", see {@link ProtocolId}
 * @param spi the sender's; empty for the first IKE SA, 8 bytes when it is rekeyed, 4 for ESP
 */
public record Proposal(int number, int protocol, Octets spi, List<Transform> transforms) {
    static final int MORE = 2;

    public Proposal {
        transforms = List.copyOf(transforms);
    }

    public Proposal(int number, ProtocolId protocol, Octets spi, List<Transform> transforms) {
        this(number, protocol.number(), spi, transforms);
    }

    public boolean is(ProtocolId other) {
        return protocol == other.number();
    }

    /** The transforms of one type, in order. */
    public List<Transform> transforms(TransformType type) {
        return transforms.stream().filter(each -> each.is(type)).toList();
    }

    static Proposal parse(OctetReader in) throws IkeException {
        int number = in.u8();
        int protocol = in.u8();
        int spiSize = in.u8();
        int count = in.u8();
        Octets spi = in.take(spiSize);
        List<Transform> transforms = new ArrayList<>(count);
        for (int i = 1; i <= count; i++) {
            boolean more = Substructures.more(in, Transform.MORE);
            if (more != (i < count)) {
                throw in.malformed("has not the " + count + " transforms it counts");
            }
            transforms.add(Transform.parse(Substructures.part(in, "transform " + i)));
        }
        in.end();
        return new Proposal(number, protocol, spi, transforms);
    }

    void write(OctetWriter out) {
        out.u8(number).u8(protocol).u8(spi.length()).u8(transforms.size()).octets(spi);
        Substructures.write(out, transforms, Transform.MORE, Transform::write);
    }
}
