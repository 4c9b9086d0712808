package org.ipsecif.capture;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * Packets of a capture file, pcap (draft-ietf-opsawg-pcap) or pcapng (draft-ietf-opsawg-pcapng), in either byte order. A
 * flyweight: the packet's fields are valid until the next {@link #next()}. Every length is checked before it is used.
 */
final class PcapReader implements AutoCloseable {
    /** Longer than any packet that a tool writes (libpcap's MAXIMUM_SNAPLEN). */
    static final int MAX_PACKET = 262_144;

    private static final int MAX_BLOCK = 16 << 20;
    private static final int MAX_INTERFACES = 65_536;
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    private static final int PCAP_MICROSECONDS = 0xa1b2c3d4;
    private static final int PCAP_NANOSECONDS = 0xa1b23c4d;
    private static final int SECTION_HEADER = 0x0a0d0d0a;
    private static final int BYTE_ORDER_MAGIC = 0x1a2b3c4d;
    private static final int INTERFACE_DESCRIPTION = 1;
    private static final int SIMPLE_PACKET = 3;
    private static final int ENHANCED_PACKET = 6;
    private static final int OPTION_END = 0;
    private static final int OPTION_IF_TSRESOL = 9;
    private static final int LINK_TYPE_MASK = 0xffff; // the upper bits hold an FCS length

    /** @param unitsPerSecond of its timestamps */
    private record Interface(int linkType, long unitsPerSecond) {}

    private final InputStream in;
    private final List<Interface> interfaces = new ArrayList<>();
    private ByteOrder order = ByteOrder.BIG_ENDIAN;
    private boolean nextGeneration;
    private long number;

    private int linkType;
    private long timestampNanos;
    private byte[] data = new byte[0];
    private int length;
    private int originalLength;

    /** @throws IOException if it is no capture file */
    PcapReader(InputStream in) throws IOException {
        this.in = new BufferedInputStream(in, 1 << 16);
        ByteBuffer magic = read(4, "the file's first 4 bytes");
        int value = magic.getInt(0);
        if (value == SECTION_HEADER) {
            nextGeneration = true;
            readSection();
            return;
        }
        order = value == PCAP_MICROSECONDS || value == PCAP_NANOSECONDS
                ? ByteOrder.BIG_ENDIAN
                : ByteOrder.LITTLE_ENDIAN;
        value = magic.order(order).getInt(0);
        if (value != PCAP_MICROSECONDS && value != PCAP_NANOSECONDS) {
            throw new IOException("is no pcap or pcapng file");
        }
        ByteBuffer header = read(20, "the pcap header");
        interfaces.add(new Interface(
                header.getInt(16) & LINK_TYPE_MASK, value == PCAP_MICROSECONDS ? 1_000_000 : NANOS_PER_SECOND));
    }

    /** Goes to the next packet. @return false at the end @throws IOException naming the packet, if the file is damaged */
    boolean next() throws IOException {
        return nextGeneration ? nextBlock() : nextRecord();
    }

    private boolean nextRecord() throws IOException {
        if (atEnd()) {
            return false;
        }
        number++;
        ByteBuffer header = read(16, "its header");
        length = checkedLength(Integer.toUnsignedLong(header.getInt(8)), MAX_PACKET);
        originalLength = header.getInt(12);
        Interface source = interfaces.get(0);
        linkType = source.linkType();
        timestampNanos = Integer.toUnsignedLong(header.getInt(0)) * NANOS_PER_SECOND
                + Integer.toUnsignedLong(header.getInt(4)) * (NANOS_PER_SECOND / source.unitsPerSecond());
        data = read(length, "its data").array();
        return true;
    }

    private boolean nextBlock() throws IOException {
        while (!atEnd()) {
            ByteBuffer type = read(4, "a block's type");
            if (type.getInt(0) == SECTION_HEADER) { // the same in either order
                readSection();
                continue;
            }
            ByteBuffer body = readBody();
            switch (type.getInt(0)) {
                case INTERFACE_DESCRIPTION -> addInterface(body);
                case SIMPLE_PACKET -> {
                    number++;
                    require(body, 4);
                    packet(body, interfaceOf(0), 4, body.limit() - 4, body.getInt(0));
                    timestampNanos = 0;
                    return true;
                }
                case ENHANCED_PACKET -> {
                    number++;
                    require(body, 20);
                    Interface source = interfaceOf(body.getInt(0));
                    long captured = Integer.toUnsignedLong(body.getInt(12));
                    packet(body, source, 20, captured, body.getInt(16));
                    timestampNanos = nanos(
                            Integer.toUnsignedLong(body.getInt(4)) << Integer.SIZE
                                    | Integer.toUnsignedLong(body.getInt(8)),
                            source.unitsPerSecond());
                    return true;
                }
                default -> {
                    // Statistics, names, custom blocks: nothing of them is a packet.
                }
            }
        }
        return false;
    }

    private static long nanos(long units, long unitsPerSecond) {
        long seconds = Long.divideUnsigned(units, unitsPerSecond);
        long rest = Long.remainderUnsigned(units, unitsPerSecond);
        return seconds * NANOS_PER_SECOND + (long) (rest * ((double) NANOS_PER_SECOND / unitsPerSecond));
    }

    private void packet(ByteBuffer body, Interface source, int at, long captured, int original) throws IOException {
        if (captured > body.limit() - at) {
            throw damaged("says that it has " + captured + " bytes, in a block with " + (body.limit() - at));
        }
        // A simple packet block has no captured length of its own: its data is padded to 4 bytes.
        length = checkedLength(original >= 0 ? Math.min(captured, original) : captured, MAX_PACKET);
        originalLength = original;
        linkType = source.linkType();
        data = new byte[length];
        body.get(at, data);
    }

    /** After its type has been read: the block's byte order, then its length. */
    private void readSection() throws IOException {
        ByteBuffer start = read(8, "a section header");
        order = start.order(ByteOrder.BIG_ENDIAN).getInt(4) == BYTE_ORDER_MAGIC
                ? ByteOrder.BIG_ENDIAN
                : ByteOrder.LITTLE_ENDIAN;
        start.order(order);
        if (start.getInt(4) != BYTE_ORDER_MAGIC) {
            throw damaged("follows a section header without its magic number");
        }
        int rest = checkedLength(Integer.toUnsignedLong(start.getInt(0)) - 12, MAX_BLOCK);
        read(rest, "a section header's rest");
        interfaces.clear();
    }

    /** A block's body, between its two lengths. */
    private ByteBuffer readBody() throws IOException {
        long total = Integer.toUnsignedLong(read(4, "a block's length").getInt(0));
        if (total < 12 || total % 4 != 0) {
            throw damaged("follows a block of " + total + " bytes, which no block has");
        }
        ByteBuffer body = read(checkedLength(total - 12, MAX_BLOCK), "a block's body");
        read(4, "a block's second length");
        return body;
    }

    private void addInterface(ByteBuffer body) throws IOException {
        require(body, 8);
        if (interfaces.size() == MAX_INTERFACES) {
            throw damaged("follows more than " + MAX_INTERFACES + " interfaces in one section");
        }
        long unitsPerSecond = 1_000_000;
        int at = 8;
        while (at + 4 <= body.limit()) {
            int code = Short.toUnsignedInt(body.getShort(at));
            int size = Short.toUnsignedInt(body.getShort(at + 2));
            if (code == OPTION_END || at + 4 + size > body.limit()) {
                break;
            }
            if (code == OPTION_IF_TSRESOL && size == 1) {
                unitsPerSecond = resolution(body.get(at + 4));
            }
            at += 4 + (size + 3) / 4 * 4;
        }
        interfaces.add(new Interface(Short.toUnsignedInt(body.getShort(0)), unitsPerSecond));
    }

    /** A power of ten, or of two if the top bit is set. */
    private long resolution(int value) throws IOException {
        int exponent = value & 0x7f;
        boolean binary = (value & 0x80) != 0;
        if (exponent > (binary ? 62 : 18)) {
            throw damaged("follows an interface whose time has a resolution of " + (value & 0xff));
        }
        return binary ? 1L << exponent : Math.round(Math.pow(10, exponent));
    }

    private Interface interfaceOf(int index) throws IOException {
        if (index < 0 || index >= interfaces.size()) {
            throw damaged("is of interface " + Integer.toUnsignedString(index) + ", which no block describes");
        }
        return interfaces.get(index);
    }

    private void require(ByteBuffer body, int bytes) throws IOException {
        if (body.limit() < bytes) {
            throw damaged("is in a block of " + body.limit() + " bytes, too few");
        }
    }

    private int checkedLength(long value, int most) throws IOException {
        if (value < 0 || value > most) {
            throw damaged("says that it has " + value + " bytes; expected at most " + most);
        }
        return (int) value;
    }

    private IOException damaged(String problem) {
        return new IOException("packet " + Math.max(1, number) + " " + problem);
    }

    private boolean atEnd() throws IOException {
        in.mark(1);
        if (in.read() < 0) {
            return true;
        }
        in.reset();
        return false;
    }

    private ByteBuffer read(int bytes, String what) throws IOException {
        byte[] read = in.readNBytes(bytes);
        if (read.length < bytes) {
            throw new EOFException(
                    number == 0 ? "ends within " + what : "packet " + number + ": the file ends within " + what);
        }
        return ByteBuffer.wrap(read).order(order);
    }

    /** Counts packets from 1. */
    long number() {
        return number;
    }

    /** LINKTYPE_ of the packet (tcpdump.org/linktypes.html). */
    int linkType() {
        return linkType;
    }

    /** Since 1970. */
    long timestampNanos() {
        return timestampNanos;
    }

    /** From its first byte, a new array for each packet. */
    byte[] data() {
        return data;
    }

    /** Bytes captured. */
    int length() {
        return length;
    }

    /** Whether the capture holds less than was on the wire. */
    boolean isCut() {
        return Integer.toUnsignedLong(originalLength) > length;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
