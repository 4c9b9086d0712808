package org.ipsecif.esp;

import org.ipsecif.crypto.Aead;
import org.ipsecif.sa.SecurityAssociation;
import org.ipsecif.sa.Verdict;
import org.ipsecif.wire.Bytes;
import org.ipsecif.wire.IpProtocol;
import org.ipsecif.wire.PacketView;

/**
 * Inbound ESP in tunnel mode (RFC 4303 section 3.4): window check, ICV, window advance, padding, inner packet. One per
 * inbound worker: it holds the plaintext of the last packet.
 */
public final class EspDecapsulator {
    /** Before the plaintext, for ciphers that write there. */
    private static final int PLAIN_OFFSET = Aead.MAX_IV;

    private final byte[] plain;
    private final PacketView inner = new PacketView();

    /** @param maxPacket bytes of the longest ESP packet that will be given */
    public EspDecapsulator(int maxPacket) {
        plain = new byte[PLAIN_OFFSET + maxPacket];
    }

    /** The array that holds the inner packet after {@link Verdict#DELIVERED}. */
    public byte[] innerBuffer() {
        return plain;
    }

    /** Where in {@link #innerBuffer()} it begins. */
    public int innerOffset() {
        return PLAIN_OFFSET;
    }

    /** Its headers; {@link PacketView#totalLength()} is its length. */
    public PacketView inner() {
        return inner;
    }

    /** Whether an ESP header can be read at all. */
    public static boolean hasHeader(int length) {
        return length >= Aead.ESP_HEADER;
    }

    /** The SPI of the packet at {@code offset}. */
    public static int spi(byte[] packet, int offset) {
        return Bytes.i32(packet, offset);
    }

    /**
     * Takes the ESP packet at {@code offset} apart.
     *
     * @return {@link Verdict#DELIVERED} when {@link #inner()} is a packet to deliver, else why not
     */
    public Verdict decapsulate(SecurityAssociation sa, byte[] packet, int offset, int length) {
        Aead aead = sa.aead();
        int textLength = length - Aead.ESP_HEADER - aead.ivLength() - aead.icvLength();
        if (textLength < aead.blockLength() || textLength % aead.blockLength() != 0) {
            return Verdict.INBOUND_TRUNCATED;
        }
        long sequence = sa.received(Bytes.i32(packet, offset + 4));
        if (sequence < 0 || !sa.replayWindow().check(sequence)) { // RFC 4303 3.4.3: window before ICV
            return Verdict.INBOUND_REPLAYED;
        }
        if (!aead.open(packet, offset, textLength, plain, PLAIN_OFFSET, sequence)) {
            return Verdict.INBOUND_BAD_ICV;
        }
        sa.replayWindow().advance(sequence);
        return readInner(textLength);
    }

    private Verdict readInner(int textLength) {
        int end = PLAIN_OFFSET + textLength - EspEncapsulator.TRAILER;
        int padLength = Bytes.u8(plain, end);
        int nextHeader = Bytes.u8(plain, end + 1);
        int innerLength = textLength - EspEncapsulator.TRAILER - padLength;
        if (innerLength < 0 || !paddingCounts(end - padLength, padLength)) {
            return Verdict.INBOUND_BAD_PADDING;
        }
        if (nextHeader == IpProtocol.NO_NEXT_HEADER) {
            return Verdict.INBOUND_DUMMY;
        }
        if (nextHeader != IpProtocol.IPV4 && nextHeader != IpProtocol.IPV6) {
            return Verdict.INBOUND_BAD_NEXT_HEADER;
        }
        boolean parsed = inner.parse(plain, PLAIN_OFFSET, innerLength);
        return parsed && inner.isInet6() == (nextHeader == IpProtocol.IPV6)
                ? Verdict.DELIVERED
                : Verdict.INBOUND_NOT_IP;
    }

    /** RFC 4303 section 2.4: 1, 2, 3, ... */
    private boolean paddingCounts(int at, int padLength) {
        for (int i = 0; i < padLength; i++) {
            if (plain[at + i] != (byte) (i + 1)) {
                return false;
            }
        }
        return true;
    }
}
