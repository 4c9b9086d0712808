package org.ipsecif.esp;

import java.nio.ByteBuffer;
import org.ipsecif.crypto.Aead;
import org.ipsecif.sa.Family;
import org.ipsecif.sa.SecurityAssociation;
import org.ipsecif.sa.Verdict;
import org.ipsecif.wire.Bytes;
import org.ipsecif.wire.IpProtocol;
import org.ipsecif.wire.OuterHeader;
import org.ipsecif.wire.PacketView;
import org.jspecify.annotations.Nullable;

/**
 * Inbound ESP (RFC 4303 section 3.4): window check, ICV, window advance, padding, inner packet. One per
 * inbound worker: it holds the plaintext of the last packet.
 */
public final class EspDecapsulator {
    /** SPI and sequence number, bytes. */
    public static final int HEADER = Aead.ESP_HEADER;

    /** Before the plaintext, for ciphers that write an IV there, and for transport mode's IP header. */
    private static final int PLAIN_OFFSET = Math.max(Aead.MAX_IV, PacketView.IPV6_HEADER) + 8;

    private static final int MAX_LENGTH = 65_535;

    private final byte[] plain;
    private final PacketView inner = new PacketView();
    private int innerOffset = PLAIN_OFFSET;
    private int nextHeader;
    private int textLength;

    // Where the text of the packet is, if it was opened before.
    private @Nullable EspBurst burst;
    private @Nullable ByteBuffer memory;
    private int number;

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
        return innerOffset;
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
     * Takes the ESP packet of tunnel mode at {@code offset} apart.
     *
     * @return {@link Verdict#DELIVERED} when {@link #inner()} is a packet to deliver, else why not
     */
    public Verdict decapsulate(SecurityAssociation sa, byte[] packet, int offset, int length) {
        Verdict verdict = open(sa, packet, offset, length);
        return verdict == Verdict.DELIVERED ? readInner() : verdict;
    }

    /**
     * Takes the ESP packet of transport mode at {@code offset} apart, and puts its IP header before what was in it.
     *
     * @param outer traffic class and hop limit of the header as it arrived; its addresses are the SA's
     * @return as above
     */
    public Verdict decapsulateTransport(
            SecurityAssociation sa, OuterHeader outer, byte[] packet, int offset, int length) {
        Verdict verdict = open(sa, packet, offset, length);
        return verdict == Verdict.DELIVERED ? readPayload(sa, outer) : verdict;
    }

    /** Bytes of the text in an ESP packet of this length; negative if none has it. */
    static int textLength(SecurityAssociation sa, int length) {
        Aead aead = sa.aead();
        int text = length - Aead.ESP_HEADER - aead.ivLength() - aead.icvLength();
        return text < aead.blockLength() || text % aead.blockLength() != 0 ? -1 : text;
    }

    /** Up to next header and padding, which every mode has. */
    private Verdict open(SecurityAssociation sa, byte[] packet, int offset, int length) {
        textLength = textLength(sa, length);
        if (textLength < 0) {
            return Verdict.INBOUND_TRUNCATED;
        }
        EspBurst with = burst;
        long sequence = with == null ? sa.received(Bytes.i32(packet, offset + 4)) : with.sequence(number);
        if (sequence < 0 || !sa.replayWindow().check(sequence)) { // RFC 4303 3.4.3: window before ICV
            return Verdict.INBOUND_REPLAYED;
        }
        if (!openText(sa, packet, offset, sequence)) {
            return Verdict.INBOUND_BAD_ICV;
        }
        sa.replayWindow().advance(sequence);
        return readTrailer();
    }

    private boolean openText(SecurityAssociation sa, byte[] packet, int offset, long sequence) {
        EspBurst with = burst;
        ByteBuffer from = memory;
        if (with == null || from == null) {
            return sa.aead().open(packet, offset, textLength, plain, PLAIN_OFFSET, sequence);
        }
        if (!with.isRight(number, sa)) {
            return false;
        }
        from.get(with.textOffset(number, sa), plain, PLAIN_OFFSET, textLength);
        return true;
    }

    /**
     * The text of the next packet was opened before, with others.
     *
     * @param burst null: it was not
     * @param number in the burst
     * @param memory where the burst's packets lie
     */
    public void opened(@Nullable EspBurst burst, int number, @Nullable ByteBuffer memory) {
        this.burst = burst;
        this.number = number;
        this.memory = memory;
    }

    private Verdict readTrailer() {
        int end = PLAIN_OFFSET + textLength - EspEncapsulator.TRAILER;
        int padLength = Bytes.u8(plain, end);
        nextHeader = Bytes.u8(plain, end + 1);
        textLength -= EspEncapsulator.TRAILER + padLength;
        if (textLength < 0 || !paddingCounts(end - padLength, padLength)) {
            return Verdict.INBOUND_BAD_PADDING;
        }
        return nextHeader == IpProtocol.NO_NEXT_HEADER ? Verdict.INBOUND_DUMMY : Verdict.DELIVERED;
    }

    private Verdict readInner() {
        innerOffset = PLAIN_OFFSET;
        if (nextHeader != IpProtocol.IPV4 && nextHeader != IpProtocol.IPV6) {
            return Verdict.INBOUND_BAD_NEXT_HEADER;
        }
        boolean parsed = inner.parse(plain, PLAIN_OFFSET, textLength);
        return parsed && inner.isInet6() == (nextHeader == IpProtocol.IPV6)
                ? Verdict.DELIVERED
                : Verdict.INBOUND_NOT_IP;
    }

    private Verdict readPayload(SecurityAssociation sa, OuterHeader outer) {
        int header = TransportHeaders.length(sa.parameters().source().family() == Family.INET6);
        if (header + textLength > MAX_LENGTH) {
            return Verdict.INBOUND_NOT_IP;
        }
        innerOffset = PLAIN_OFFSET - header;
        TransportHeaders.write(sa.parameters(), outer, nextHeader, plain, PLAIN_OFFSET, textLength);
        return inner.parse(plain, innerOffset, header + textLength) ? Verdict.DELIVERED : Verdict.INBOUND_NOT_IP;
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
