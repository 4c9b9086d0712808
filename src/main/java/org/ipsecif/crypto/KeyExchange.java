package org.ipsecif.crypto;

/** The initiator's half of one key exchange, from {@link KeyExchangeMethod#start}. Closing it wipes the private value. One thread. */
public interface KeyExchange extends AutoCloseable {
    /** Key Exchange Data of the KE payload to send (RFC 7296 section 3.4). */
    byte[] publicValue();

    /**
     * The secret shared with the responder, g^ir in RFC 7296 section 2.14. May be called again, should an earlier answer have been a
     * forgery.
     *
     * @param peerValue Key Exchange Data of the responder's KE payload, not trusted
     * @throws InvalidKeyExchangeException if it is not one that the method allows
     */
    KeyMaterial finish(byte[] peerValue) throws InvalidKeyExchangeException;

    @Override
    void close();
}
