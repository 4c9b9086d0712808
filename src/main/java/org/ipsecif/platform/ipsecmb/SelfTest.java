package org.ipsecif.platform.ipsecmb;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.ipsecif.crypto.AcceleratedKey;
import org.ipsecif.crypto.Aead;
import org.ipsecif.crypto.CipherBurst;
import org.ipsecif.crypto.EncryptionAlgorithm;
import org.ipsecif.platform.posix.DirectBuffer;

/** What a library is asked before it is trusted: whether it seals as the JDK does, and opens what is right and nothing else. */
final class SelfTest {
    private static final int[] KEY_LENGTHS = {16, 24, 32};
    private static final int IV = 8;
    private static final int SALT = 4;
    private static final int ICV = 16;
    private static final int TEXT = 1_364;
    private static final int LENGTH = Aead.ESP_HEADER + IV + TEXT + ICV;
    private static final int PACKETS = 3;

    private SelfTest() {}

    static void run(IpsecMb library) throws UnusableException {
        try {
            CipherBurst burst = library.newBurst();
            for (int keyLength : KEY_LENGTHS) {
                run(library, burst, keyLength);
            }
        } catch (GeneralSecurityException | IllegalStateException e) {
            throw new UnusableException("not to be tried: " + e.getMessage());
        }
    }

    private static void run(IpsecMb library, CipherBurst burst, int keyLength)
            throws GeneralSecurityException, UnusableException {
        byte[] key = new byte[keyLength];
        byte[] salt = new byte[SALT];
        Arrays.fill(key, (byte) keyLength);
        AcceleratedKey accelerated = library.newKey(EncryptionAlgorithm.ENCR_AES_GCM_16, key, salt, false);
        if (accelerated == null) {
            throw new UnusableException("without AES-GCM");
        }
        try (accelerated) {
            DirectBuffer buffer = new DirectBuffer(PACKETS * LENGTH);
            ByteBuffer memory = buffer.bytes();
            long address = buffer.pointer().address();
            burst.begin(accelerated, memory, address);
            for (int i = 0; i < PACKETS; i++) {
                memory.putInt(i * LENGTH + Aead.ESP_HEADER, i);
                burst.addToSeal(i * LENGTH, TEXT, i);
            }
            burst.run();
            for (int i = 0; i < PACKETS; i++) {
                byte[] sealed = new byte[TEXT + ICV];
                memory.get(i * LENGTH + LENGTH - TEXT - ICV, sealed);
                check(Arrays.equals(expected(key, i), sealed), "wrong when sealing");
            }
            memory.put(LENGTH + Aead.ESP_HEADER + IV, (byte) ~memory.get(LENGTH + Aead.ESP_HEADER + IV));
            burst.begin(accelerated, memory, address);
            for (int i = 0; i < PACKETS; i++) {
                burst.addToOpen(i * LENGTH, TEXT, i);
            }
            burst.run();
            check(burst.isRight(0) && !burst.isRight(1) && burst.isRight(2), "wrong when opening");
            check(memory.getLong(Aead.ESP_HEADER + IV) == 0, "wrong when decrypting");
        }
    }

    private static byte[] expected(byte[] key, int index) throws GeneralSecurityException {
        ByteBuffer nonce = ByteBuffer.allocate(SALT + IV).order(ByteOrder.nativeOrder());
        nonce.putInt(SALT, index);
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(
                Cipher.ENCRYPT_MODE,
                new SecretKeySpec(key, "AES"),
                new GCMParameterSpec(ICV * Byte.SIZE, nonce.array()));
        cipher.updateAAD(new byte[Aead.ESP_HEADER]);
        return cipher.doFinal(new byte[TEXT]);
    }

    private static void check(boolean right, String otherwise) throws UnusableException {
        if (!right) {
            throw new UnusableException(otherwise);
        }
    }
}
