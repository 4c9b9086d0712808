package org.ipsecif.ike.message;

import java.util.ArrayList;
import java.util.List;

/** Makes protected messages: the payloads of a message end up inside SK, or inside the SKFs of several. One thread. */
public final class MessageSealer {
    private final MessageProtection protection;

    public MessageSealer(MessageProtection protection) {
        this.protection = protection;
    }

    /**
     * One protected message.
     *
     * @throws IllegalArgumentException if it exceeds {@link IkeMessage#MAX_LENGTH}
     */
    public byte[] seal(IkeMessage message) {
        return seal(message, PayloadType.SK, message.firstType(), Octets.EMPTY, message.encodeInner());
    }

    /**
     * One protected message if it is not too long, else as many fragments as it takes (RFC 7383 section 2.5), in order. Only for a
     * peer that has sent IKEV2_FRAGMENTATION_SUPPORTED.
     *
     * @param maxLength bytes of the longest message: what a datagram may hold, less IP and UDP header and non-ESP marker
     * @throws IllegalArgumentException if {@code maxLength} leaves no room for a byte of text
     */
    public List<byte[]> seal(IkeMessage message, int maxLength) {
        byte[] inner = message.encodeInner();
        if (sealedLength(0, inner.length) <= Math.min(maxLength, IkeMessage.MAX_LENGTH)) {
            return List.of(seal(message));
        }
        int room = roomInFragment(Math.min(maxLength, IkeMessage.MAX_LENGTH));
        int total = (inner.length + room - 1) / room;
        List<byte[]> fragments = new ArrayList<>(total);
        for (int number = 1; number <= total; number++) {
            int from = (number - 1) * room;
            byte[] text =
                    Octets.of(inner, from, Math.min(room, inner.length - from)).toBytes();
            int next = number == 1 ? message.firstType() : PayloadType.NO_NEXT_PAYLOAD;
            Octets fragment = new OctetWriter().u16(number).u16(total).toOctets();
            fragments.add(seal(message, PayloadType.SKF, next, fragment, text));
        }
        return fragments;
    }

    /** Bytes of text that a fragment of at most {@code maxLength} bytes can hold. */
    private int roomInFragment(int maxLength) {
        int room = maxLength;
        while (room > 0 && sealedLength(EncryptedFragmentPayload.HEADER, room) > maxLength) {
            room--;
        }
        if (room <= 0) {
            throw new IllegalArgumentException("no fragment fits into " + maxLength + " bytes");
        }
        return room;
    }

    private int sealedLength(int fragmentHeader, int textLength) {
        return IkeHeader.LENGTH + PayloadChain.GENERIC_HEADER + fragmentHeader + protection.sealedLength(textLength);
    }

    private byte[] seal(IkeMessage message, PayloadType type, int next, Octets fragment, byte[] text) {
        int length = sealedLength(fragment.length(), text.length);
        if (length > IkeMessage.MAX_LENGTH) {
            throw new IllegalArgumentException("a message of " + length + " bytes");
        }
        OctetWriter out = new OctetWriter();
        message.header().write(out, type.number());
        out.u32At(IkeHeader.LENGTH_AT, length);
        out.u8(next).u8(0).u16(length - IkeHeader.LENGTH).octets(fragment);
        return out.octets(protection.seal(out.toBytes(), text)).toBytes();
    }
}
