package org.ipsecif.crypto;

import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.ShortBufferException;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** A MAC over a packet's bytes, truncated by its caller. One thread at a time. */
interface PacketMac {
    /** Bytes of the MAC before truncation. */
    int length();

    void update(byte[] bytes, int offset, int length);

    /** Writes {@link #length()} bytes and starts anew. */
    void finish(byte[] mac);

    static PacketMac of(IntegrityAlgorithm algorithm, KeyMaterial key) throws GeneralSecurityException {
        return switch (algorithm) {
            case AUTH_HMAC_SHA1_96 -> new Hmac("HmacSHA1", key);
            case AUTH_HMAC_SHA2_256_128 -> new Hmac("HmacSHA256", key);
            case AUTH_HMAC_SHA2_384_192 -> new Hmac("HmacSHA384", key);
            case AUTH_HMAC_SHA2_512_256 -> new Hmac("HmacSHA512", key);
            case AUTH_AES_XCBC_96 -> CbcMac.xcbc(key);
            case AUTH_AES_CMAC_96 -> CbcMac.cmac(key);
            case NONE -> throw new IllegalArgumentException("no MAC");
        };
    }

    /** RFC 2404, RFC 4868. */
    final class Hmac implements PacketMac {
        private final Mac mac;

        Hmac(String name, KeyMaterial key) throws GeneralSecurityException {
            mac = Mac.getInstance(name);
            mac.init(new SecretKeySpec(key.bytes(), name));
        }

        @Override
        public int length() {
            return mac.getMacLength();
        }

        @Override
        public void update(byte[] bytes, int offset, int length) {
            mac.update(bytes, offset, length);
        }

        @Override
        public void finish(byte[] to) {
            try {
                mac.doFinal(to, 0);
            } catch (ShortBufferException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /**
     * AES-XCBC-MAC (RFC 3566 section 4) and AES-CMAC (RFC 4493 section 2.4): the last block of a CBC encryption from a zero
     * IV, whose last plaintext block is whitened with one subkey if it is full, with another if it had to be padded. They
     * differ in the subkeys. The JDK's AES does the chaining; it has neither MAC itself.
     */
    final class CbcMac implements PacketMac {
        private static final int BLOCK = 16;
        private static final int CHUNK = 2048;
        private static final int PAD_START = 0x80;
        private static final int GF128 = 0x87;

        private final Cipher cipher;
        private final byte[] fullBlockKey;
        private final byte[] paddedBlockKey;
        private final byte[] last = new byte[BLOCK];
        private final byte[] scratch = new byte[CHUNK];
        private int held;

        private CbcMac(byte[] key, byte[] fullBlockKey, byte[] paddedBlockKey) throws GeneralSecurityException {
            cipher = Cipher.getInstance("AES/CBC/NoPadding");
            cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"), new IvParameterSpec(new byte[BLOCK]));
            this.fullBlockKey = fullBlockKey;
            this.paddedBlockKey = paddedBlockKey;
        }

        static CbcMac xcbc(KeyMaterial key) throws GeneralSecurityException {
            return new CbcMac(encrypt(key, repeated(1)), encrypt(key, repeated(2)), encrypt(key, repeated(3)));
        }

        static CbcMac cmac(KeyMaterial key) throws GeneralSecurityException {
            byte[] once = doubled(encrypt(key, new byte[BLOCK]));
            return new CbcMac(key.bytes(), once, doubled(once));
        }

        private static byte[] repeated(int value) {
            byte[] block = new byte[BLOCK];
            Arrays.fill(block, (byte) value);
            return block;
        }

        private static byte[] encrypt(KeyMaterial key, byte[] block) throws GeneralSecurityException {
            Cipher aes = Cipher.getInstance("AES/ECB/NoPadding");
            aes.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key.bytes(), "AES"));
            return aes.doFinal(block);
        }

        /** Times x in GF(2^128), RFC 4493 section 2.3. */
        private static byte[] doubled(byte[] block) {
            byte[] result = new byte[BLOCK];
            for (int i = 0; i < BLOCK; i++) {
                int carry = i + 1 < BLOCK ? (block[i + 1] & 0xff) >>> 7 : 0;
                result[i] = (byte) (block[i] << 1 | carry);
            }
            if (block[0] < 0) {
                result[BLOCK - 1] ^= (byte) GF128;
            }
            return result;
        }

        @Override
        public int length() {
            return BLOCK;
        }

        /** Holds the last block back, full or not: what it is xored with is known only when nothing follows. */
        @Override
        public void update(byte[] bytes, int offset, int length) {
            int at = offset;
            int end = offset + length;
            while (at < end) {
                if (held == BLOCK) {
                    chain(last, 0, BLOCK);
                    held = 0;
                }
                int direct = held == 0 ? (end - at - 1) / BLOCK * BLOCK : 0;
                while (direct > 0) {
                    int chunk = Math.min(direct, CHUNK);
                    chain(bytes, at, chunk);
                    at += chunk;
                    direct -= chunk;
                }
                int taken = Math.min(BLOCK - held, end - at);
                System.arraycopy(bytes, at, last, held, taken);
                held += taken;
                at += taken;
            }
        }

        private void chain(byte[] bytes, int offset, int length) {
            try {
                cipher.update(bytes, offset, length, scratch, 0);
            } catch (ShortBufferException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public void finish(byte[] mac) {
            byte[] whitening = held == BLOCK ? fullBlockKey : paddedBlockKey;
            if (held < BLOCK) {
                last[held] = (byte) PAD_START;
                Arrays.fill(last, held + 1, BLOCK, (byte) 0);
            }
            for (int i = 0; i < BLOCK; i++) {
                last[i] ^= whitening[i];
            }
            held = 0;
            try {
                cipher.doFinal(last, 0, BLOCK, mac, 0); // and back to the zero IV
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
