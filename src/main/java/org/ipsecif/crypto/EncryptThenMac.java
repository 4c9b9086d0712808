package org.ipsecif.crypto;

import java.security.MessageDigest;
import java.util.Arrays;

/** A cipher (or none) and a MAC over everything before the ICV: RFC 4303 section 3.3.2.1. */
final class EncryptThenMac implements Aead {
    private static final int MIN_ALIGNMENT = 4;

    private final EncryptionAlgorithm encryption;
    private final int icvLength;
    private final PacketCipher cipher;
    private final PacketMac mac;
    private final boolean esn;
    private final byte[] fullIcv;
    private final byte[] receivedIcv;
    private final byte[] computedIcv;
    private final byte[] sequenceHigh = new byte[Integer.BYTES];

    EncryptThenMac(EncryptionAlgorithm encryption, PacketCipher cipher, int icvLength, PacketMac mac, boolean esn) {
        this.encryption = encryption;
        this.cipher = cipher;
        this.mac = mac;
        this.esn = esn;
        this.icvLength = icvLength;
        this.receivedIcv = new byte[icvLength];
        this.computedIcv = new byte[icvLength];
        this.fullIcv = new byte[mac.length()];
    }

    @Override
    public int ivLength() {
        return encryption.ivLength();
    }

    @Override
    public int icvLength() {
        return icvLength;
    }

    @Override
    public int blockLength() {
        return Math.max(MIN_ALIGNMENT, encryption.blockLength());
    }

    @Override
    public void seal(byte[] packet, int offset, int textLength, long sequence) {
        int end = offset + ESP_HEADER + ivLength() + textLength;
        cipher.encrypt(packet, offset + ESP_HEADER, textLength, sequence);
        authenticate(packet, offset, end, sequence, packet, end);
    }

    @Override
    public boolean open(byte[] packet, int offset, int textLength, byte[] plain, int plainOffset, long sequence) {
        int end = offset + ESP_HEADER + ivLength() + textLength;
        System.arraycopy(packet, end, receivedIcv, 0, icvLength);
        authenticate(packet, offset, end, sequence, computedIcv, 0);
        if (!MessageDigest.isEqual(receivedIcv, computedIcv)) {
            return false;
        }
        cipher.decrypt(packet, offset + ESP_HEADER, textLength, plain, plainOffset);
        return true;
    }

    private void authenticate(byte[] packet, int offset, int end, long sequence, byte[] to, int at) {
        mac.update(packet, offset, end - offset);
        if (esn) {
            SaltedAead.putBigEndian(sequenceHigh, 0, sequence >>> Integer.SIZE, Integer.BYTES);
            mac.update(sequenceHigh, 0, Integer.BYTES);
        }
        mac.finish(fullIcv);
        System.arraycopy(fullIcv, 0, to, at, icvLength);
    }

    /** The JDK's ciphers have no way to wipe their key schedule; what is ours goes. */
    @Override
    public void close() {
        Arrays.fill(fullIcv, (byte) 0);
        Arrays.fill(computedIcv, (byte) 0);
    }
}
