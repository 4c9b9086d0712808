package org.ipsecif.crypto;

import org.jspecify.annotations.Nullable;

/**
 * A library outside of the JDK that seals and opens many ESP packets in one call, where they lie for the host's system calls. It does
 * the same as {@link Aead}, bit for bit, of which it is a part: of an SA that it takes, an {@code Aead} has both. Any thread.
 */
public interface CipherAccelerator {
    /** What it is and which processor's instructions it uses, for people. */
    String name();

    /**
     * A key of its own making, in its own memory.
     *
     * @param key without salt
     * @param salt its bytes in front of an IV make the nonce
     * @param esn extended sequence numbers
     * @return null if it has not the algorithm
     */
    @Nullable
    AcceleratedKey newKey(EncryptionAlgorithm algorithm, byte[] key, byte[] salt, boolean esn);

    /** For one thread. */
    CipherBurst newBurst();
}
