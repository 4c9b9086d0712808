package org.ipsecif.crypto.x509;

/** A key, certificate or signature is not accepted. The message says why, to an administrator, and holds no secret. */
public final class CredentialException extends Exception {
    private static final long serialVersionUID = 1L;

    public CredentialException(String message) {
        super(message);
    }

    CredentialException(String message, Throwable cause) {
        super(message, cause);
    }
}
