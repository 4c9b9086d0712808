package org.ipsecif.ike.message;

import java.util.Optional;

/** IANA "IKEv2 Payload Types"; the text is the notation of RFC 7296 section 1.2. */
public enum PayloadType implements IanaNumber {
    SA(33, "SA"),
    KE(34, "KE"),
    IDI(35, "IDi"),
    IDR(36, "IDr"),
    CERT(37, "CERT"),
    CERTREQ(38, "CERTREQ"),
    AUTH(39, "AUTH"),
    NONCE(40, "No"),
    NOTIFY(41, "N"),
    DELETE(42, "D"),
    VENDOR_ID(43, "V"),
    TSI(44, "TSi"),
    TSR(45, "TSr"),
    SK(46, "SK"),
    CP(47, "CP"),
    EAP(48, "EAP"),
    /** RFC 7383. */
    SKF(53, "SKF");

    /** The Next Payload field of the last payload. */
    public static final int NO_NEXT_PAYLOAD = 0;

    private static final Registry<PayloadType> REGISTRY = new Registry<>(values());

    private final int number;
    private final String text;

    PayloadType(int number, String text) {
        this.number = number;
        this.text = text;
    }

    /** The entry with this number, if it is a known one. */
    public static Optional<PayloadType> of(int number) {
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
        return text;
    }
}
