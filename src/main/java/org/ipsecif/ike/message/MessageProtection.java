package org.ipsecif.ike.message;

import org.jspecify.annotations.Nullable;

/**
 * Encrypts and authenticates the messages of one IKE SA: a combined-mode cipher (RFC 5282), or a cipher and a MAC (RFC 7296
 * section 3.14). It seals with the local end's keys and opens with the peer's. One thread.
 *
 * <p>The associated data is all of the message before the IV, with its final lengths (RFC 5282 section 5.1); Fragment Number and
 * Total Fragments are part of it. A MAC covers it too, then IV and ciphertext.
 */
public interface MessageProtection {
    /** Bytes from the IV to the ICV, for so many bytes of payloads. Never less for a longer text. */
    int sealedLength(int textLength);

    /** @return IV; text, padding and Pad Length, encrypted; ICV: {@link #sealedLength} bytes */
    byte[] seal(byte[] associated, byte[] text);

    /**
     * Verifies and, only then, decrypts.
     *
     * @param sealed as the peer sent it, of any length
     * @return the text without padding; null if it is not authentic, or no text of this protection
     */
    byte @Nullable [] open(byte[] associated, byte[] sealed);
}
