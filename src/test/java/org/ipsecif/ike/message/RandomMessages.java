package org.ipsecif.ike.message;

import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.ipsecif.sa.Family;
import org.ipsecif.sa.IpAddress;

/** Well-formed messages of every kind of payload, also with numbers that are in no registry. */
public final class RandomMessages {
    private final Random random;

    public RandomMessages(long seed) {
        this.random = new Random(seed);
    }

    /** Without SK and SKF. */
    public IkeMessage message() {
        return new IkeMessage(header(), several(8, this::payload).toList());
    }

    /** Ends with SK, SKF or neither. */
    IkeMessage outerMessage() {
        Stream<Payload> last = switch (random.nextInt(3)) {
            case 0 -> Stream.of(new EncryptedPayload(u8(), octets(80)));
            case 1 -> {
                int total = 1 + random.nextInt(65_535);
                yield Stream.of(new EncryptedFragmentPayload(u8(), 1 + random.nextInt(total), total, octets(80)));
            }
            default -> Stream.of();
        };
        return new IkeMessage(
                header(), Stream.concat(several(4, this::payload), last).toList());
    }

    IkeHeader header() {
        return new IkeHeader(
                random.nextLong(),
                random.nextLong(),
                2,
                random.nextInt(16),
                u8(),
                random.nextBoolean(),
                random.nextBoolean(),
                random.nextInt() & 0xffff_ffffL);
    }

    private Payload payload() {
        return switch (random.nextInt(14)) {
            case 0 -> new SaPayload(atLeastOne(3, this::proposal).toList());
            case 1 -> new KeyExchangePayload(u16(), octets(64));
            case 2 -> identification();
            case 3 -> new CertificatePayload(u8(), octets(300));
            case 4 -> new CertificateRequestPayload(4, Octets.of(bytes(20 * random.nextInt(4))));
            case 5 -> new AuthenticationPayload(u8(), octets(64));
            case 6 -> new NoncePayload(Octets.of(bytes(16 + random.nextInt(241))));
            case 7 -> new NotifyPayload(u8(), octets(9), u16(), octets(32));
            case 8 -> delete();
            case 9 -> new VendorIdPayload(octets(32));
            case 10 ->
                new TrafficSelectorPayload(
                        random.nextBoolean(), several(4, this::selector).toList());
            case 11 ->
                new ConfigurationPayload(u8(), several(4, this::attribute).toList());
            case 12 -> new EapPayload(u8(), u8(), octets(32));
            default -> new UnknownPayload(128 + random.nextInt(128), false, octets(32));
        };
    }

    private Proposal proposal() {
        return new Proposal(u8(), u8(), octets(9), several(6, this::transform).toList());
    }

    private Transform transform() {
        return new Transform(
                random.nextInt(14),
                random.nextInt(40),
                several(3, this::transformAttribute).toList());
    }

    private TransformAttribute transformAttribute() {
        int type = random.nextInt(1 << 15);
        return random.nextBoolean()
                ? TransformAttribute.keyLength(u16())
                : random.nextBoolean()
                        ? new TransformAttribute(type, true, Octets.of(bytes(2)))
                        : new TransformAttribute(type, false, octets(5));
    }

    private IdentificationPayload identification() {
        int type = random.nextInt(14);
        int length = type == 1 ? 4 : type == 5 ? 16 : random.nextInt(32);
        return new IdentificationPayload(random.nextBoolean(), type, random.nextInt(1 << 24), Octets.of(bytes(length)));
    }

    private DeletePayload delete() {
        int[] spis =
                IntStream.range(0, random.nextInt(5)).map(i -> random.nextInt()).toArray();
        return random.nextBoolean() ? DeletePayload.ike() : DeletePayload.esp(spis);
    }

    private TrafficSelector selector() {
        if (random.nextInt(4) == 0) {
            return new UnknownTrafficSelector(9 + random.nextInt(247), u8(), octets(20));
        }
        Family family = random.nextBoolean() ? Family.INET : Family.INET6;
        return new AddressRange(u8(), u16(), u16(), address(family), address(family));
    }

    private IpAddress address(Family family) {
        return IpAddress.ofBytes(family, bytes(family.addressLength()), 0);
    }

    private ConfigurationPayload.Attribute attribute() {
        return new ConfigurationPayload.Attribute(random.nextInt(1 << 15), octets(17));
    }

    private int u8() {
        return random.nextInt(1 << 8);
    }

    private int u16() {
        return random.nextInt(1 << 16);
    }

    private Octets octets(int bound) {
        return Octets.of(bytes(random.nextInt(bound)));
    }

    private byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    private <T> Stream<T> several(int bound, Supplier<T> supplier) {
        return Stream.generate(supplier).limit(random.nextInt(bound));
    }

    private <T> Stream<T> atLeastOne(int bound, Supplier<T> supplier) {
        return Stream.generate(supplier).limit(1 + random.nextInt(bound));
    }
}
