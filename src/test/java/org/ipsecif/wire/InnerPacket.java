package org.ipsecif.wire;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A TCP or UDP packet in its parts, put together and cut the slow and plain way, with a checksum of its own: what {@link Segmenter} and
 * {@link Coalescer} are held to. The setters return it.
 */
public final class InnerPacket {
    public static final int ACK = 0x10;
    public static final int PSH = 0x08;
    public static final int FIN = 0x01;
    public static final int CWR = 0x80;
    private static final int ECE = 0x40;
    private static final int URG = 0x20;

    /** All but those that say how segments lie. */
    static final int ANY_FLAGS = ECE | URG;

    private final boolean inet6;
    private final boolean tcp;
    private byte[] source;
    private byte[] destination;
    private byte[] finalDestination;
    private int trafficClass;
    private int hopLimit = 64;
    private int id = 1;
    private int fragment = 0x4000;
    private int flowLabel;
    private int nextHeader;
    private byte[] ipExtra = {};
    private int sourcePort = 40_000;
    private int destinationPort = 443;
    private int sequence = 1;
    private int acknowledgment = 77;
    private int flags = ACK;
    private int window = 500;
    private int urgent;
    private byte[] options = {};
    private byte[] payload = {};

    private InnerPacket(boolean inet6, boolean tcp) {
        this.inet6 = inet6;
        this.tcp = tcp;
        nextHeader = tcp ? IpProtocol.TCP : IpProtocol.UDP;
        source = address(1);
        destination = address(2);
        finalDestination = destination;
    }

    /** Of one segment with DF, from 10.0.0.1 or 2001:db8::1 to ...2. */
    public static InnerPacket tcp(boolean inet6) {
        return new InnerPacket(inet6, true);
    }

    public static InnerPacket udp(boolean inet6) {
        return new InnerPacket(inet6, false);
    }

    private byte[] address(int host) {
        byte[] address = new byte[inet6 ? 16 : 4];
        address[0] = inet6 ? (byte) 0x20 : 10;
        if (inet6) {
            address[1] = 1;
            address[2] = 0x0d;
            address[3] = (byte) 0xb8;
        }
        address[address.length - 1] = (byte) host;
        return address;
    }

    /** The same, to be changed. */
    public InnerPacket copy() {
        InnerPacket copy = new InnerPacket(inet6, tcp);
        copy.source = source;
        copy.destination = destination;
        copy.finalDestination = finalDestination;
        copy.trafficClass = trafficClass;
        copy.hopLimit = hopLimit;
        copy.id = id;
        copy.fragment = fragment;
        copy.flowLabel = flowLabel;
        copy.nextHeader = nextHeader;
        copy.ipExtra = ipExtra;
        copy.sourcePort = sourcePort;
        copy.destinationPort = destinationPort;
        copy.sequence = sequence;
        copy.acknowledgment = acknowledgment;
        copy.flags = flags;
        copy.window = window;
        copy.urgent = urgent;
        copy.options = options;
        copy.payload = payload;
        return copy;
    }

    public InnerPacket from(byte[] address) {
        source = address;
        return this;
    }

    public InnerPacket to(byte[] address) {
        destination = address;
        finalDestination = address;
        return this;
    }

    public InnerPacket fromPort(int port) {
        sourcePort = port;
        return this;
    }

    public InnerPacket toPort(int port) {
        destinationPort = port;
        return this;
    }

    public InnerPacket trafficClass(int value) {
        trafficClass = value;
        return this;
    }

    public InnerPacket hopLimit(int value) {
        hopLimit = value;
        return this;
    }

    public InnerPacket flowLabel(int value) {
        flowLabel = value;
        return this;
    }

    public InnerPacket id(int value) {
        id = value & 0xffff;
        return this;
    }

    public int id() {
        return id;
    }

    /** The word of flags and offset. */
    public InnerPacket fragment(int value) {
        fragment = value;
        return this;
    }

    public InnerPacket sequence(int value) {
        sequence = value;
        return this;
    }

    public InnerPacket acknowledgment(int value) {
        acknowledgment = value;
        return this;
    }

    public InnerPacket window(int value) {
        window = value;
        return this;
    }

    public InnerPacket urgent(int value) {
        urgent = value;
        return this;
    }

    public InnerPacket flags(int value) {
        flags = value;
        return this;
    }

    public InnerPacket options(byte... value) {
        options = value;
        return this;
    }

    /** Of a length that is a multiple of four. */
    public InnerPacket ipOptions(byte... value) {
        ipExtra = value;
        return this;
    }

    /** RFC 8200 section 4.4, for both headers: the checksum is that of the last destination. */
    public InnerPacket extension(int header, byte[] value, int lastHost) {
        nextHeader = header;
        ipExtra = value;
        finalDestination = address(lastHost);
        return this;
    }

    /** So many bytes, no two neighbours alike. */
    public InnerPacket payload(int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (i * 7 + (i >> 8) * 3 + 1);
        }
        return payload(bytes);
    }

    public InnerPacket payload(byte[] value) {
        payload = value;
        return this;
    }

    /** The next of the same flow, behind it, with so many bytes. */
    public InnerPacket next(int length) {
        return copy().id(id + 1).sequence(sequence + payload.length).payload(length);
    }

    public int ipLength() {
        return (inet6 ? 40 : 20) + ipExtra.length;
    }

    /** Where the checksum lies behind {@link #ipLength}. */
    public int checksumField() {
        return tcp ? 16 : 6;
    }

    /** With its checksums. */
    public byte[] whole() {
        byte[] packet = build();
        int checksum = ~slowSum(concat(pseudoHeader(), Arrays.copyOfRange(packet, ipLength(), packet.length))) & 0xffff;
        return put(packet, ipLength() + checksumField(), !tcp && checksum == 0 ? 0xffff : checksum);
    }

    /** As the host leaves it: with the sum of the pseudo-header alone. */
    public byte[] partial() {
        return put(build(), ipLength() + checksumField(), slowSum(pseudoHeader()));
    }

    /** What the host says of {@link #partial}. @param segment bytes of each */
    public void describe(Offload offload, int segment) {
        Offload.Kind tcpKind = inet6 ? Offload.Kind.TCP_INET6 : Offload.Kind.TCP_INET;
        offload.clear();
        offload.setSegments(tcp ? tcpKind : Offload.Kind.UDP, segment, 0);
        offload.setChecksum(ipLength(), checksumField());
    }

    /** The packets that it stands for, of so many bytes of payload each but the last. */
    public List<byte[]> cut(int segment) {
        List<byte[]> packets = new ArrayList<>();
        for (int at = 0; at < payload.length; at += segment) {
            int end = Math.min(payload.length, at + segment);
            InnerPacket piece = copy().id(id + packets.size())
                    .sequence(sequence + at)
                    .payload(Arrays.copyOfRange(payload, at, end));
            if (at > 0) {
                piece.flags &= ~CWR;
            }
            if (end < payload.length) {
                piece.flags &= ~(FIN | PSH);
            }
            packets.add(piece.whole());
        }
        return packets;
    }

    /** Without the checksum of TCP or UDP. */
    private byte[] build() {
        int transport = tcp ? 20 + options.length : 8;
        ByteBuffer packet = ByteBuffer.allocate(ipLength() + transport + payload.length);
        if (inet6) {
            packet.putInt(6 << 28 | trafficClass << 20 | flowLabel);
            packet.putShort((short) (packet.capacity() - 40));
            packet.put((byte) nextHeader).put((byte) hopLimit);
            packet.put(source).put(destination).put(ipExtra);
        } else {
            packet.put((byte) (0x40 | ipLength() / 4)).put((byte) trafficClass);
            packet.putShort((short) packet.capacity());
            packet.putShort((short) id).putShort((short) fragment);
            packet.put((byte) hopLimit).put((byte) nextHeader).putShort((short) 0);
            packet.put(source).put(destination).put(ipExtra);
            packet.putShort(10, (short) ~slowSum(Arrays.copyOf(packet.array(), ipLength())));
        }
        packet.putShort((short) sourcePort).putShort((short) destinationPort);
        if (tcp) {
            packet.putInt(sequence).putInt(acknowledgment);
            packet.put((byte) (transport / 4 << 4)).put((byte) flags).putShort((short) window);
            packet.putShort((short) 0).putShort((short) urgent).put(options);
        } else {
            packet.putShort((short) (8 + payload.length)).putShort((short) 0);
        }
        return packet.put(payload).array();
    }

    private byte[] pseudoHeader() {
        int length = (tcp ? 20 + options.length : 8) + payload.length;
        return ByteBuffer.allocate(2 * source.length + 8)
                .put(source)
                .put(finalDestination)
                .putInt(length)
                .putInt(tcp ? IpProtocol.TCP : IpProtocol.UDP)
                .array();
    }

    /** RFC 1071, word by word, folded to 16 bits. */
    public static int slowSum(byte[] bytes) {
        int sum = 0;
        for (int i = 0; i < bytes.length; i += 2) {
            int high = bytes[i] & 0xff;
            int low = i + 1 < bytes.length ? bytes[i + 1] & 0xff : 0;
            sum += high << 8 | low;
            if (sum > 0xffff) {
                sum -= 0xffff;
            }
        }
        return sum;
    }

    private static byte[] concat(byte[] one, byte[] two) {
        byte[] both = Arrays.copyOf(one, one.length + two.length);
        System.arraycopy(two, 0, both, one.length, two.length);
        return both;
    }

    static byte[] put(byte[] packet, int at, int value) {
        packet[at] = (byte) (value >>> 8);
        packet[at + 1] = (byte) value;
        return packet;
    }
}
