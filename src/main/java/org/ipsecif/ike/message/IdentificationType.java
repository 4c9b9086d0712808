package org.ipsecif.ike.message;

import java.util.Optional;

/** IANA "IKEv2 Identification Payload ID Types" (RFC 7296 section 3.5). */
public enum IdentificationType implements IanaNumber {
    ID_IPV4_ADDR(1),
    ID_FQDN(2),
    ID_RFC822_ADDR(3),
    ID_IPV6_ADDR(5),
    ID_DER_ASN1_DN(9),
    ID_DER_ASN1_GN(10),
    ID_KEY_ID(11),
    ID_FC_NAME(12),
    /** RFC 7619. */
    ID_NULL(13);

    private static final Registry<IdentificationType> REGISTRY = new Registry<>(values());

    private final int number;

    IdentificationType(int number) {
        this.number = number;
    }

    /** The entry with this number, if it is a known one. */
    public static Optional<IdentificationType> of(int number) {
        return REGISTRY.find(number);
    }

    /** Name of the entry with this number, or the number. */
    public static String text(int number) {
        return REGISTRY.text(number);
    }

    @Override
    public int number() {
        return number;
    }

    @Override
    public String text() {
        return name();
    }
}
