package org.ipsecif.crypto;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/** An accelerator that accelerates nothing: the JDK's AES-GCM, for hosts without the library. It knows nothing of {@link GcmAead}. */
public class JdkAccelerator implements CipherAccelerator {
    private static final int IV = 8;
    private boolean failing;

    /** One that can fail. */
    public static final class Faults extends JdkAccelerator {
        /** The next burst does nothing and throws. */
        public void fail() {
            super.failing = true;
        }
    }

    @Override
    public String name() {
        return "the JDK";
    }

    @Override
    public @Nullable AcceleratedKey newKey(EncryptionAlgorithm algorithm, byte[] key, byte[] salt, boolean esn) {
        boolean gcm =
                algorithm == EncryptionAlgorithm.ENCR_AES_GCM_16 || algorithm == EncryptionAlgorithm.ENCR_AES_GCM_12;
        return gcm ? new Key(new SecretKeySpec(key, "AES"), salt.clone(), algorithm.icvLength(), esn) : null;
    }

    @Override
    public CipherBurst newBurst() {
        return new Burst();
    }

    private static final class Key extends AcceleratedKey {
        private final SecretKeySpec key;
        private final byte[] salt;
        private final int icv;
        private final boolean esn;

        Key(SecretKeySpec key, byte[] salt, int icv, boolean esn) {
            this.key = key;
            this.salt = salt;
            this.icv = icv;
            this.esn = esn;
        }

        @Override
        protected void wipe() {
            Arrays.fill(salt, (byte) 0);
        }
    }

    private record Packet(boolean opening, int offset, int textLength, long sequence) {}

    private final class Burst implements CipherBurst {
        private final Packet[] packets = new Packet[MAX_PACKETS];
        private final boolean[] right = new boolean[MAX_PACKETS];
        private int count;
        private @Nullable Key key;
        private ByteBuffer memory = ByteBuffer.allocate(0);

        @Override
        public boolean takes(AcceleratedKey other) {
            return other instanceof Key;
        }

        @Override
        public boolean begin(AcceleratedKey with, ByteBuffer in, long address) {
            if (!with.acquire()) {
                return false;
            }
            key = (Key) with;
            memory = in;
            count = 0;
            return true;
        }

        @Override
        public void addToSeal(int offset, int textLength, long sequence) {
            packets[count++] = new Packet(false, offset, textLength, sequence);
        }

        @Override
        public void addToOpen(int offset, int textLength, long sequence) {
            packets[count++] = new Packet(true, offset, textLength, sequence);
        }

        @Override
        public int count() {
            return count;
        }

        @Override
        public void run() {
            Key with = key;
            if (with == null) {
                throw new IllegalStateException("not begun");
            }
            if (failing) {
                failing = false;
                key = null;
                with.release();
                throw new IllegalStateException("of this test");
            }
            for (int i = 0; i < count; i++) {
                right[i] = run(with, packets[i]);
            }
            key = null;
            with.release();
        }

        private boolean run(Key with, Packet packet) {
            int text = packet.offset() + Aead.ESP_HEADER + IV;
            byte[] nonce = Arrays.copyOf(with.salt, with.salt.length + IV);
            memory.get(packet.offset() + Aead.ESP_HEADER, nonce, with.salt.length, IV);
            byte[] in = new byte[packet.textLength() + (packet.opening() ? with.icv : 0)];
            memory.get(text, in);
            try {
                Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
                cipher.init(
                        packet.opening() ? Cipher.DECRYPT_MODE : Cipher.ENCRYPT_MODE,
                        with.key,
                        new GCMParameterSpec(with.icv * 8, nonce));
                cipher.updateAAD(aad(with, packet));
                memory.put(text, cipher.doFinal(in));
                return true;
            } catch (AEADBadTagException e) {
                return false;
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException(e);
            }
        }

        private byte[] aad(Key with, Packet packet) {
            byte[] spiAndLow = new byte[Aead.ESP_HEADER];
            memory.get(packet.offset(), spiAndLow);
            if (!with.esn) {
                return spiAndLow;
            }
            return ByteBuffer.allocate(Aead.ESP_HEADER + Integer.BYTES)
                    .put(spiAndLow, 0, Integer.BYTES)
                    .putLong(packet.sequence())
                    .array();
        }

        @Override
        public boolean isRight(int index) {
            return right[index];
        }
    }
}
