package org.ipsecif.esp;

import java.nio.ByteBuffer;
import org.ipsecif.crypto.AcceleratedKey;
import org.ipsecif.crypto.Accelerators;
import org.ipsecif.crypto.Aead;
import org.ipsecif.crypto.CipherAccelerator;
import org.ipsecif.crypto.CipherBurst;
import org.ipsecif.sa.SecurityAssociation;
import org.jspecify.annotations.Nullable;

/**
 * ESP packets that are sealed or opened many at a time, where they lie outside of the heap, if the process has an accelerator: the same
 * as {@link EspEncapsulator} and {@link EspDecapsulator} do with each. One per worker.
 */
public final class EspBurst {
    /** So many at once; of more those that came first. */
    private static final int MAX_PACKETS = 2 * CipherBurst.MAX_PACKETS;

    private final CipherAccelerator accelerator;
    private final CipherBurst cipher;

    // Of the packets that are to be opened, in the order in which they came.
    private final SecurityAssociation[] openedWith = new SecurityAssociation[MAX_PACKETS];
    private final int[] offsets = new int[MAX_PACKETS];
    private final int[] textLengths = new int[MAX_PACKETS];
    private final long[] sequences = new long[MAX_PACKETS];
    private final boolean[] right = new boolean[MAX_PACKETS];
    private int waiting;

    private EspBurst(CipherAccelerator accelerator) {
        this.accelerator = accelerator;
        cipher = accelerator.newBurst();
    }

    /**
     * One of the process's accelerator.
     *
     * @param earlier that there is; null for none
     * @return the same, if it is of it, else another; null if the process has none
     */
    public static @Nullable EspBurst current(@Nullable EspBurst earlier) {
        CipherAccelerator now = Accelerators.current();
        if (now == null) {
            return null;
        }
        return earlier != null && earlier.accelerator.equals(now) ? earlier : new EspBurst(now);
    }

    /** Whether packets of the SA can be sealed or opened so. */
    public boolean takes(SecurityAssociation sa) {
        AcceleratedKey key = sa.aead().acceleratedKey();
        return key != null && cipher.takes(key);
    }

    /**
     * Seals packets that {@link EspEncapsulator#prepare} has made and that lie one behind the other.
     *
     * @param memory direct, in native byte order
     * @param address of its first byte
     * @param offset of the first packet
     * @param segment bytes of each but the last, room for the ICV included
     * @param length bytes of all
     * @param sequences of each
     * @return false if the SA was closed: none is sealed
     */
    public boolean seal(
            SecurityAssociation sa,
            ByteBuffer memory,
            long address,
            int offset,
            int segment,
            int length,
            long[] sequences) {
        Aead aead = sa.aead();
        AcceleratedKey key = aead.acceleratedKey();
        if (key == null || !cipher.begin(key, memory, address)) {
            return false;
        }
        int around = Aead.ESP_HEADER + aead.ivLength() + aead.icvLength();
        int index = 0;
        for (int at = 0; at < length; at += segment) {
            cipher.addToSeal(offset + at, Math.min(segment, length - at) - around, sequences[index++]);
        }
        cipher.run();
        return true;
    }

    /** Begins with what one receive has brought. */
    public void clear() {
        waiting = 0;
    }

    /** How many packets there are to open. */
    public int count() {
        return waiting;
    }

    /**
     * Notes a packet to open.
     *
     * @return its number, or -1 if it is to be opened alone: there is no more room, or it is to be refused unopened
     */
    public int add(SecurityAssociation sa, ByteBuffer memory, int offset, int length) {
        int textLength = EspDecapsulator.textLength(sa, length);
        if (waiting == MAX_PACKETS || textLength < 0) {
            return -1;
        }
        long sequence = sa.received(Integer.reverseBytes(memory.getInt(offset + 4)));
        if (sequence < 0 || !sa.replayWindow().check(sequence)) {
            return -1;
        }
        openedWith[waiting] = sa;
        offsets[waiting] = offset;
        textLengths[waiting] = textLength;
        sequences[waiting] = sequence;
        right[waiting] = false; // unless it is found right: a fault in opening leaves it so
        return waiting++;
    }

    /** Opens them all. */
    @SuppressWarnings("ReferenceEquality") // this SA, not one like it
    public void open(ByteBuffer memory, long address) {
        int from = 0;
        while (from < waiting) {
            SecurityAssociation sa = openedWith[from];
            int to = from + 1;
            while (to < waiting && openedWith[to] == sa && to - from < CipherBurst.MAX_PACKETS) {
                to++;
            }
            open(sa, from, to, memory, address);
            from = to;
        }
    }

    private void open(SecurityAssociation sa, int from, int to, ByteBuffer memory, long address) {
        AcceleratedKey key = sa.aead().acceleratedKey();
        if (key == null || !cipher.begin(key, memory, address)) {
            return;
        }
        for (int i = from; i < to; i++) {
            cipher.addToOpen(offsets[i], textLengths[i], sequences[i]);
        }
        cipher.run();
        for (int i = from; i < to; i++) {
            right[i] = cipher.isRight(i - from);
        }
    }

    /** Whether a packet was opened with this SA, and its ICV is right. @param number from {@link #add} */
    @SuppressWarnings("ReferenceEquality") // this SA, not one like it
    boolean isRight(int number, SecurityAssociation sa) {
        return openedWith[number] == sa && right[number];
    }

    /** The number with which the packet was opened. After others have advanced the window, its low half may seem to mean another. */
    long sequence(int number) {
        return sequences[number];
    }

    /** Where the packet's text is in the memory. */
    int textOffset(int number, SecurityAssociation sa) {
        return offsets[number] + Aead.ESP_HEADER + sa.aead().ivLength();
    }
}
