package org.ipsecif.crypto;

/**
 * The keys of a Child SA, both directions (RFC 7296 section 2.17). The initiator is that of the exchange which made the Child SA. A
 * combined mode's encryption key ends with its salt, as {@link Aead#of} wants it, and its integrity key is empty.
 */
public record ChildKeys(
        KeyMaterial initiatorEncryption,
        KeyMaterial initiatorIntegrity,
        KeyMaterial responderEncryption,
        KeyMaterial responderIntegrity)
        implements AutoCloseable {
    @Override
    public void close() {
        initiatorEncryption.close();
        initiatorIntegrity.close();
        responderEncryption.close();
        responderIntegrity.close();
    }
}
