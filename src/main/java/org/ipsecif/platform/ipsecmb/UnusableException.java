package org.ipsecif.platform.ipsecmb;

/** The library cannot be used; the message says why. */
public final class UnusableException extends Exception {
    private static final long serialVersionUID = 1;

    UnusableException(String message) {
        super(message);
    }
}
