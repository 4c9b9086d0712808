package org.ipsecif.control;

/** A command's words make no request. */
final class DialectException extends Exception {
    private static final long serialVersionUID = 1L;

    /** Whether the words are wrong, or right and not to be had. */
    enum Kind {
        USAGE,
        REFUSED
    }

    private final Kind kind;

    DialectException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    Kind kind() {
        return kind;
    }
}
