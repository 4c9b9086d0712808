package org.ipsecif.crypto;

import java.security.SecureRandom;

/** One family of key exchange methods with its parameters. Cheap to make: what is expensive is kept by Bouncy Castle, on first use. */
interface KeyExchangeGroup {
    /** RFC 8031 section 2.3, RFC 7748 section 6: an all-zero result. */
    String SMALL_ORDER = "a public value of small order";

    KeyExchange start(SecureRandom random);

    /** By default a Diffie-Hellman exchange, where both sides do the same. */
    default KeyExchangeAnswer respond(byte[] peerValue, SecureRandom random) throws InvalidKeyExchangeException {
        try (KeyExchange own = start(random)) {
            return new KeyExchangeAnswer(own.publicValue(), own.finish(peerValue));
        }
    }
}
