package org.ipsecif.ike.message;

import java.util.List;
import java.util.Optional;
import org.ipsecif.wire.Bytes;

/**
 * A message: as it is on the wire, where SK or SKF may be the last payload, or what a protected message holds, once it is opened
 * and before it is sealed.
 */
public record IkeMessage(IkeHeader header, List<Payload> payloads) {
    /** No UDP datagram carries more. */
    public static final int MAX_LENGTH = 0xffff;

    public IkeMessage {
        payloads = List.copyOf(payloads);
    }

    public IkeMessage(IkeHeader header, Payload... payloads) {
        this(header, List.of(payloads));
    }

    /**
     * Takes apart the message at {@code offset}, without a non-ESP marker (RFC 3948 section 2.2).
     *
     * @throws IkeException INVALID_SYNTAX, INVALID_MAJOR_VERSION or UNSUPPORTED_CRITICAL_PAYLOAD; nobody has vouched for the
     *     bytes yet, so that the sender may be told only where RFC 7296 section 2.21 allows it
     */
    public static IkeMessage parse(byte[] bytes, int offset, int length) throws IkeException {
        IkeHeader header = IkeHeader.parse(bytes, offset, length);
        int next = Bytes.u8(bytes, offset + IkeHeader.NEXT_PAYLOAD_AT);
        OctetReader in = new OctetReader(bytes, offset + IkeHeader.LENGTH, length - IkeHeader.LENGTH, "message");
        return new IkeMessage(header, PayloadChain.parse(next, in));
    }

    /**
     * The message as it goes on the wire; never more than {@link #MAX_LENGTH} bytes.
     *
     * @throws IllegalArgumentException if a number or a length does not fit its field
     */
    public byte[] encode() {
        OctetWriter out = new OctetWriter();
        header.write(out, firstType());
        PayloadChain.write(out, payloads);
        if (out.length() > MAX_LENGTH) {
            throw new IllegalArgumentException("a message of " + out.length() + " bytes");
        }
        out.u32At(IkeHeader.LENGTH_AT, out.length());
        return out.toBytes();
    }

    /** What the Next Payload field before the payloads says. */
    int firstType() {
        return PayloadChain.firstType(payloads);
    }

    /** The payloads as they are inside SK, one after another. */
    byte[] encodeInner() {
        OctetWriter out = new OctetWriter();
        PayloadChain.write(out, payloads);
        return out.toBytes();
    }

    /**
     * What authenticates this message, once it is sealed, in an IKE_INTERMEDIATE exchange: {@code IntAuth_A | IntAuth_P} of
     * RFC 9242 section 3.3.2. For a message that came, see {@link OpenedMessage#intermediateOctets()}.
     */
    public byte[] intermediateOctets() {
        EncryptedPayload text = new EncryptedPayload(firstType(), Octets.of(encodeInner()));
        return new IkeMessage(header, text).encode();
    }

    /** The first payload of a kind. */
    public <T extends Payload> Optional<T> first(Class<T> kind) {
        return payloads.stream().filter(kind::isInstance).map(kind::cast).findFirst();
    }

    /** All payloads of a kind, in order. */
    public <T extends Payload> List<T> all(Class<T> kind) {
        return payloads.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    /** The first notification of a type. */
    public Optional<NotifyPayload> notification(NotifyType type) {
        return all(NotifyPayload.class).stream().filter(each -> each.is(type)).findFirst();
    }

    public boolean has(NotifyType type) {
        return notification(type).isPresent();
    }

    /** The first notification of an error. */
    public Optional<NotifyPayload> error() {
        return all(NotifyPayload.class).stream().filter(NotifyPayload::isError).findFirst();
    }

    /** @param initiator IDi rather than IDr */
    public Optional<IdentificationPayload> identification(boolean initiator) {
        return all(IdentificationPayload.class).stream()
                .filter(each -> each.initiator() == initiator)
                .findFirst();
    }

    /** @param initiator TSi rather than TSr */
    public Optional<TrafficSelectorPayload> trafficSelectors(boolean initiator) {
        return all(TrafficSelectorPayload.class).stream()
                .filter(each -> each.initiator() == initiator)
                .findFirst();
    }
}
