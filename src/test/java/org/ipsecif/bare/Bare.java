package org.ipsecif.bare;

import java.security.GeneralSecurityException;

/**
 * The fewest JCE calls that encrypt or decrypt the text of a packet as ESP does, and nothing else: a fresh nonce, the AAD, the
 * text, in the arrays and at the offsets that the measured code has too. No ESP header, IV or trailer is written.
 */
public interface Bare {
    /** SPI and sequence number. */
    int ESP_HEADER = 8;

    /** In place. @param sequence the nonce is made from it */
    void seal(byte[] packet, int offset, int textLength, long sequence) throws GeneralSecurityException;

    /** @throws GeneralSecurityException if the ICV is wrong */
    void open(byte[] packet, int offset, int textLength, byte[] plain, int plainOffset) throws GeneralSecurityException;
}
