package org.ipsecif.ike.message;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/**
 * One transform of a proposal (RFC 7296 section 3.3.2).
 *
 * <pre>
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * | Last Substruc |   RESERVED    |        Transform Length       |
 * |Transform Type |   RESERVED    |          Transform ID         |
 * ~                      Transform Attributes                     ~
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * </pre>
 *
 * @param type see {@link TransformType}
 * @param id a number of that type's registry
 */
public record Transform(int type, int id, List<TransformAttribute> attributes) {
    static final int MORE = 3;

    private static final int MAX_ATTRIBUTES = 16;

    public Transform {
        attributes = List.copyOf(attributes);
    }

    /** Without attributes. */
    public static Transform of(TransformId id) {
        return new Transform(id.transformType().number(), id.number(), List.of());
    }

    /** @param keyLength bits */
    public static Transform of(TransformId id, int keyLength) {
        return new Transform(
                id.transformType().number(), id.number(), List.of(TransformAttribute.keyLength(keyLength)));
    }

    /** An additional key exchange (RFC 9370). */
    public static Transform of(TransformType type, KeyExchangeMethod method) {
        return new Transform(type.number(), method.number(), List.of());
    }

    public boolean is(TransformType other) {
        return type == other.number();
    }

    public boolean is(TransformId other) {
        return is(other.transformType()) && id == other.number();
    }

    /** Bits, if there is such an attribute (RFC 7296 section 3.3.5). */
    public OptionalInt keyLength() {
        return attributes.stream()
                .filter(TransformAttribute::isKeyLength)
                .mapToInt(TransformAttribute::number)
                .findFirst();
    }

    /** Whether it must not be chosen, for it has an attribute that nobody here understands (RFC 7296 section 3.3.6). */
    public boolean hasUnknownAttributes() {
        return attributes.size() > 1 || !attributes.stream().allMatch(TransformAttribute::isKeyLength);
    }

    static Transform parse(OctetReader in) throws IkeException {
        int type = in.u8();
        in.skip(1);
        int id = in.u16();
        List<TransformAttribute> attributes = new ArrayList<>(1);
        while (in.remaining() > 0) {
            if (attributes.size() == MAX_ATTRIBUTES) {
                throw in.malformed("has more than " + MAX_ATTRIBUTES + " attributes");
            }
            attributes.add(TransformAttribute.parse(in));
        }
        return new Transform(type, id, attributes);
    }

    void write(OctetWriter out) {
        out.u8(type).u8(0).u16(id);
        attributes.forEach(each -> each.write(out));
    }

    /** As logs have it: {@code AES_CBC_256}, {@code KE1_ML_KEM_768}, {@code 13/7} for a type that is not known. */
    public String text() {
        String name = TransformType.of(type)
                .map(each -> (each.isAdditionalKeyExchange() ? "KE" + (type - TransformType.ESN.number()) + "_" : "")
                        + each.transformText(id))
                .orElse(type + "/" + id);
        String length = keyLength().isPresent() ? "_" + keyLength().getAsInt() : "";
        return name + length + (hasUnknownAttributes() ? "?" : "");
    }
}
