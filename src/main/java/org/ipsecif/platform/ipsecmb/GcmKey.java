package org.ipsecif.platform.ipsecmb;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.ipsecif.crypto.AcceleratedKey;
import org.ipsecif.crypto.EncryptionAlgorithm;
import org.ipsecif.platform.posix.DirectBuffer;

/** A struct gcm_key_data, and what else of an SA its packets are sealed with. */
final class GcmKey extends AcceleratedKey {
    private final DirectBuffer memory;
    private final long schedule;
    private final int salt;
    private final int length;
    private final int icvLength;
    private final boolean esn;

    GcmKey(IpsecMb.Chosen library, EncryptionAlgorithm algorithm, byte[] key, byte[] salt, boolean esn) {
        memory = new DirectBuffer(Layout.GCM_KEY + Layout.GCM_KEY_ALIGNMENT);
        long address = memory.pointer().address();
        schedule = (address + Layout.GCM_KEY_ALIGNMENT - 1) & -Layout.GCM_KEY_ALIGNMENT;
        this.salt = ByteBuffer.wrap(salt).order(ByteOrder.nativeOrder()).getInt();
        length = key.length;
        icvLength = algorithm.icvLength();
        this.esn = esn;
        expand(library, key);
    }

    private void expand(IpsecMb.Chosen library, byte[] key) {
        DirectBuffer plain = DirectBuffer.of(key);
        long address = plain.pointer().address();
        switch (key.length) {
            case 16 -> library.aes_gcm_pre_128(address, schedule);
            case 24 -> library.aes_gcm_pre_192(address, schedule);
            case 32 -> library.aes_gcm_pre_256(address, schedule);
            default -> throw new IllegalArgumentException("AES has no key of " + key.length + " bytes");
        }
        overwrite(plain);
    }

    private static void overwrite(DirectBuffer buffer) {
        buffer.bytes().put(0, new byte[buffer.size()]);
    }

    @Override
    protected void wipe() {
        overwrite(memory);
    }

    /** Its address. */
    long schedule() {
        return schedule;
    }

    /** In the order of its bytes. */
    int salt() {
        return salt;
    }

    /** Bytes. */
    int length() {
        return length;
    }

    /** Bytes. */
    int icvLength() {
        return icvLength;
    }

    boolean isEsn() {
        return esn;
    }
}
