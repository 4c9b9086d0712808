package org.ipsecif.bare;

import java.util.Arrays;
import org.ipsecif.esp.EspEncapsulator;
import org.ipsecif.sa.SecurityAssociation;
import org.ipsecif.wire.Bytes;
import org.ipsecif.wire.IpProtocol;

/** ESP packets of one SA, sealed by it, with consecutive sequence numbers. */
public final class Ring {
    /** Packets; together they fit a second-level cache. */
    public static final int SIZE = 64;

    private static final int IPV4 = 0x45;

    private final SecurityAssociation sender;
    private final byte[] inner;
    private final byte[][] packets = new byte[SIZE][];

    private final int offset;
    private final int espLength;

    /** @param innerLength bytes of the inner IPv4 packets */
    public Ring(SecurityAssociation sender, int innerLength) {
        this.sender = sender;
        inner = new byte[innerLength];
        inner[0] = IPV4;
        Bytes.put16(inner, 2, innerLength);
        offset = EspEncapsulator.espOffset(sender, EspEncapsulator.HEADROOM);
        espLength = EspEncapsulator.espLength(sender, innerLength);
        Arrays.setAll(packets, i -> new byte[EspEncapsulator.HEADROOM + innerLength + EspEncapsulator.TAILROOM]);
        seal();
    }

    public byte[][] packets() {
        return packets;
    }

    /** Where the ESP packet begins in each. */
    public int offset() {
        return offset;
    }

    /** Bytes of each ESP packet. */
    public int espLength() {
        return espLength;
    }

    /** Replaces all packets by new ones, with the sequence numbers that follow. */
    public void seal() {
        for (byte[] packet : packets) {
            System.arraycopy(inner, 0, packet, EspEncapsulator.HEADROOM, inner.length);
            EspEncapsulator.encapsulate(
                    sender, sender.nextSequence(), packet, EspEncapsulator.HEADROOM, inner.length, IpProtocol.IPV4);
        }
    }
}
