package org.ipsecif.platform.freebsd.sim;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Fragmentation and reassembly (RFC 791 section 3.2, RFC 8200 section 4.5). */
final class Fragments {
    private static final int MORE = 0x2000;
    private static final int OFFSET = 0x1fff;
    private static final int IPV6_FRAGMENT = 8;

    private record Key(Address source, Address destination, int identification, int protocol) {}

    /** Parts by offset, and where the last one ends. */
    private static final class Pile {
        final TreeMap<Integer, byte[]> parts = new TreeMap<>();
        int end = -1;

        byte @Nullable [] whole() {
            int next = 0;
            List<byte[]> all = new ArrayList<>();
            for (Map.Entry<Integer, byte[]> each : parts.entrySet()) {
                if (each.getKey() != next) {
                    return null;
                }
                all.add(each.getValue());
                next += each.getValue().length;
            }
            return next == end ? Words.join(all.toArray(byte[][]::new)) : null;
        }
    }

    private final Map<Key, Pile> piles = new HashMap<>();

    static List<byte[]> cut(byte[] packet, int mtu, int identification) {
        return Words.u8(packet, 0) >> 4 == 4 ? cutInet(packet, mtu) : cutInet6(packet, mtu, identification);
    }

    private static List<byte[]> cutInet(byte[] packet, int mtu) {
        int header = (packet[0] & 0xf) * 4;
        int most = mtu - header & -8;
        List<byte[]> parts = new ArrayList<>();
        for (int at = header; at < packet.length; at += most) {
            int length = Math.min(most, packet.length - at);
            byte[] part = Words.join(Words.cut(packet, 0, header), Words.cut(packet, at, length));
            boolean last = at + length == packet.length;
            Words.putNet16(part, 2, part.length);
            Words.putNet16(part, 6, (at - header) / 8 | (last ? 0 : MORE));
            Words.putNet16(part, 10, 0);
            Words.putNet16(part, 10, Words.checksum(Words.sum(0, part, 0, header)));
            parts.add(part);
        }
        return parts;
    }

    private static List<byte[]> cutInet6(byte[] packet, int mtu, int identification) {
        int header = IpPacket.IPV6_HEADER;
        int most = mtu - header - IPV6_FRAGMENT & -8;
        List<byte[]> parts = new ArrayList<>();
        for (int at = header; at < packet.length; at += most) {
            int length = Math.min(most, packet.length - at);
            boolean last = at + length == packet.length;
            byte[] fragment = new byte[IPV6_FRAGMENT];
            Words.put8(fragment, 0, Words.u8(packet, 6));
            Words.putNet16(fragment, 2, at - header | (last ? 0 : 1));
            Words.putNet32(fragment, 4, identification);
            byte[] part = Words.join(Words.cut(packet, 0, header), fragment, Words.cut(packet, at, length));
            Words.put8(part, 6, IpPacket.FRAGMENT);
            Words.putNet16(part, 4, part.length - header);
            parts.add(part);
        }
        return parts;
    }

    /** The packet itself if it is none, the whole one if this was the last that was missing, else null. */
    byte @Nullable [] take(IpPacket packet) {
        return packet.isInet() ? takeInet(packet) : takeInet6(packet);
    }

    private byte @Nullable [] takeInet(IpPacket packet) {
        int field = Words.net16(packet.bytes, 6);
        if ((field & (MORE | OFFSET)) == 0) {
            return packet.bytes;
        }
        Key key = new Key(packet.source, packet.destination, Words.net16(packet.bytes, 4), packet.protocol);
        byte[] payload = put(key, 8 * (field & OFFSET), packet.payload(), (field & MORE) == 0);
        if (payload == null) {
            return null;
        }
        byte[] whole = Words.join(Words.cut(packet.bytes, 0, packet.payloadAt), payload);
        Words.putNet16(whole, 2, whole.length);
        Words.putNet16(whole, 6, 0);
        Words.putNet16(whole, 10, 0);
        return Words.putNet16(whole, 10, Words.checksum(Words.sum(0, whole, 0, packet.payloadAt)));
    }

    private byte @Nullable [] takeInet6(IpPacket packet) {
        if (packet.protocol != IpPacket.FRAGMENT) {
            return packet.bytes;
        }
        int at = packet.payloadAt;
        int field = Words.net16(packet.bytes, at + 2);
        int next = Words.u8(packet.bytes, at);
        Key key = new Key(packet.source, packet.destination, Words.net32(packet.bytes, at + 4), next);
        int from = at + IPV6_FRAGMENT;
        byte[] part = Words.cut(packet.bytes, from, packet.bytes.length - from);
        byte[] payload = put(key, field & -8, part, (field & 1) == 0);
        if (payload == null) {
            return null;
        }
        byte[] whole = Words.join(Words.cut(packet.bytes, 0, IpPacket.IPV6_HEADER), payload);
        Words.put8(whole, 6, next);
        return Words.putNet16(whole, 4, payload.length);
    }

    private byte @Nullable [] put(Key key, int offset, byte[] part, boolean last) {
        Pile pile = piles.computeIfAbsent(key, none -> new Pile());
        pile.parts.put(offset, part);
        if (last) {
            pile.end = offset + part.length;
        }
        byte[] whole = pile.whole();
        if (whole != null) {
            piles.remove(key);
        }
        return whole;
    }
}
