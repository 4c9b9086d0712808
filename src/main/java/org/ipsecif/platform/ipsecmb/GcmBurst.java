package org.ipsecif.platform.ipsecmb;

import java.nio.ByteBuffer;
import java.util.Objects;
import org.ipsecif.crypto.AcceleratedKey;
import org.ipsecif.crypto.Aead;
import org.ipsecif.crypto.CipherBurst;
import org.ipsecif.platform.ipsecmb.Layout.Job;
import org.ipsecif.platform.ipsecmb.Layout.Manager;
import org.ipsecif.platform.posix.DirectBuffer;
import org.jspecify.annotations.Nullable;

/** A manager (IMB_MGR) with its ring of jobs. GCM's jobs are done when their burst has been submitted; none waits for others. */
final class GcmBurst implements CipherBurst {
    private static final int IV = 8;
    private static final int NONCE = 12;

    // What a packet needs besides itself.
    private static final int SLOT = 64;
    private static final int NONCE_AT = 0;
    private static final int AAD_AT = 16;
    private static final int TAG_AT = 32;

    private final IpsecMb.Chosen library;
    private final long manager;
    private final ByteBuffer ring;
    private final DirectBuffer pointers = new DirectBuffer(MAX_PACKETS * Long.BYTES);
    private final long pointersAt = pointers.pointer().address();
    private final DirectBuffer slots = new DirectBuffer(MAX_PACKETS * SLOT);
    private final long slotsAt = slots.pointer().address();
    private final int[] lengths = new int[MAX_PACKETS];
    private final int[] offsets = new int[MAX_PACKETS];
    private final long[] sequences = new long[MAX_PACKETS];

    /** Of the ring's jobs, those that hold what is the same for all. */
    private final boolean[] written = new boolean[Layout.MAX_JOBS];

    private boolean opening;
    private int count;
    private int icvLength;
    private @Nullable GcmKey key;
    private ByteBuffer memory;
    private long memoryAt;

    GcmBurst(IpsecMb.Chosen library, long manager) {
        this.library = library;
        this.manager = manager;
        ring = IpsecMb.memory(manager + Manager.JOBS, Layout.MAX_JOBS * Job.SIZE);
        memory = slots.bytes();
    }

    @Override
    public boolean takes(AcceleratedKey other) {
        return other instanceof GcmKey;
    }

    @Override
    public boolean begin(AcceleratedKey with, ByteBuffer in, long address) {
        if (key != null) { // a fault has ended the last
            key.release();
            key = null;
        }
        if (!with.acquire()) {
            return false;
        }
        key = (GcmKey) with;
        icvLength = key.icvLength();
        memory = in;
        memoryAt = address;
        count = 0;
        return true;
    }

    @Override
    public void addToSeal(int offset, int textLength, long sequence) {
        opening = false;
        add(offset, textLength, sequence);
    }

    @Override
    public void addToOpen(int offset, int textLength, long sequence) {
        opening = true;
        add(offset, textLength, sequence);
    }

    private void add(int offset, int textLength, long sequence) {
        Objects.checkFromIndexSize(offset, Aead.ESP_HEADER + IV + textLength + icvLength, memory.capacity());
        offsets[count] = offset;
        lengths[count] = textLength;
        sequences[count] = sequence;
        count++;
    }

    @Override
    public int count() {
        return count;
    }

    @Override
    public void run() {
        GcmKey with = key;
        if (with == null) {
            throw new IllegalStateException("not begun");
        }
        try {
            submit(with);
        } finally {
            key = null;
            with.release();
        }
    }

    private void submit(GcmKey with) {
        int ready = library.get_next_burst(manager, count, pointersAt);
        if (ready != count) {
            throw new IllegalStateException(ready + " jobs, not " + count);
        }
        for (int i = 0; i < count; i++) {
            long at = pointers.bytes().getLong(i * Long.BYTES) - manager - Manager.JOBS;
            write((int) at, with, i);
        }
        int done = library.submit_burst(manager, count, pointersAt);
        if (done != count) {
            throw new IllegalStateException(done + " of " + count + " packets done, error "
                    + IpsecMb.memory(manager, Manager.JOBS).getInt(Manager.ERROR));
        }
    }

    /** Nothing that the library leaves as it is is written again. */
    private void write(int job, GcmKey with, int index) {
        if (!written[job / Job.SIZE]) {
            written[job / Job.SIZE] = true;
            writeConstants(job);
        }
        int offset = offsets[index];
        int length = lengths[index];
        int slot = index * SLOT;
        int text = offset + Aead.ESP_HEADER + IV;
        ByteBuffer scratch = slots.bytes();
        scratch.putInt(slot + NONCE_AT, with.salt());
        scratch.putLong(slot + NONCE_AT + Integer.BYTES, memory.getLong(offset + Aead.ESP_HEADER));
        ring.putLong(job + Job.ENCRYPTION_KEYS, with.schedule());
        ring.putLong(job + Job.DECRYPTION_KEYS, with.schedule());
        ring.putLong(job + Job.KEY_LENGTH, with.length());
        ring.putLong(job + Job.SOURCE, memoryAt + text);
        ring.putLong(job + Job.DESTINATION, memoryAt + text);
        ring.putLong(job + Job.CIPHER_LENGTH, length);
        ring.putLong(job + Job.HASH_LENGTH, length);
        ring.putLong(job + Job.IV, slotsAt + slot + NONCE_AT);
        ring.putLong(job + Job.TAG, opening ? slotsAt + slot + TAG_AT : memoryAt + text + length);
        ring.putLong(job + Job.TAG_LENGTH, icvLength);
        if (with.isEsn()) { // SPI, high and low half (RFC 4106 section 5)
            scratch.putInt(slot + AAD_AT, memory.getInt(offset));
            scratch.putInt(slot + AAD_AT + 4, Integer.reverseBytes((int) (sequences[index] >>> Integer.SIZE)));
            scratch.putInt(slot + AAD_AT + 8, memory.getInt(offset + 4));
            ring.putLong(job + Job.AAD, slotsAt + slot + AAD_AT);
            ring.putLong(job + Job.AAD_LENGTH, Aead.ESP_HEADER + Integer.BYTES);
        } else {
            ring.putLong(job + Job.AAD, memoryAt + offset);
            ring.putLong(job + Job.AAD_LENGTH, Aead.ESP_HEADER);
        }
        ring.putInt(job + Job.DIRECTION, opening ? Layout.DECRYPT : Layout.ENCRYPT);
        ring.putInt(job + Job.ORDER, opening ? Layout.HASH_THEN_CIPHER : Layout.CIPHER_THEN_HASH);
    }

    private void writeConstants(int job) {
        ring.putLong(job + Job.CIPHER_START, 0);
        ring.putLong(job + Job.HASH_START, 0);
        ring.putLong(job + Job.IV_LENGTH, NONCE);
        ring.putInt(job + Job.CIPHER_MODE, Layout.CIPHER_GCM);
        ring.putInt(job + Job.HASH, Layout.HASH_AES_GMAC);
    }

    /** In a time that does not depend on where they differ. */
    @Override
    public boolean isRight(int index) {
        ByteBuffer scratch = slots.bytes();
        int computed = index * SLOT + TAG_AT;
        int received = offsets[index] + Aead.ESP_HEADER + IV + lengths[index];
        int difference = 0;
        for (int i = 0; i < icvLength; i += Integer.BYTES) {
            difference |= scratch.getInt(computed + i) ^ memory.getInt(received + i);
        }
        return difference == 0;
    }
}
