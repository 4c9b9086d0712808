package org.ipsecif.tunnel;

import org.ipsecif.platform.PacketBuffer;
import org.ipsecif.platform.PacketMemory;
import org.ipsecif.platform.TunDevice;
import org.ipsecif.sa.SecurityAssociation;
import org.ipsecif.sa.Verdict;
import org.ipsecif.wire.Coalescer;
import org.ipsecif.wire.Offload;
import org.ipsecif.wire.PacketView;
import org.ipsecif.wire.Segmenter;
import org.jspecify.annotations.Nullable;

/**
 * Inner packets that are to be handed to the host, joined where the next follows the last: many packets cost one write. They wait no longer
 * than there are others of the same receive. One per inbound worker.
 */
final class Arrival {
    /** So often in a row the host refused what it took in pieces: it does not know how to cut. */
    private static final int MOST_REFUSED = 3;

    private final PacketMemory memory;
    private final PacketBuffer buffer;
    private final Coalescer coalescer;
    private final Offload offload = new Offload();
    private final Segmenter segmenter = new Segmenter();
    private @Nullable PacketBuffer piece;
    private byte[] scratch = new byte[0];
    private @Nullable TunnelInterface tunnel;
    private @Nullable SecurityAssociation sa;
    private int bytes;
    private int refused;

    /** @param memory whose memory TUN devices can use */
    Arrival(PacketMemory memory) {
        this.memory = memory;
        buffer = memory.newBuffer(TunDevice.BUFFER);
        coalescer = new Coalescer(buffer.bytes(), TunDevice.HEADROOM);
    }

    /** Takes a packet, and hands over what waited if it does not follow that. @param view of it */
    void add(TunnelInterface to, SecurityAssociation with, byte[] packet, int offset, PacketView view) {
        if (tunnel != to || sa != with || !coalescer.add(packet, offset, view)) {
            flush();
            tunnel = to;
            sa = with;
            TunDevice device = to.device();
            boolean joinTcp = device.joins(view.isInet6() ? Offload.Kind.TCP_INET6 : Offload.Kind.TCP_INET);
            coalescer.begin(packet, offset, view, joinTcp, device.joins(Offload.Kind.UDP));
        }
        bytes += view.totalLength();
    }

    /**
     * Hands over what waits. A fault in that costs them, and leaves nothing behind.
     *
     * @return to which interface; null if nothing waited
     */
    @Nullable
    TunnelInterface flush() {
        TunnelInterface to = tunnel;
        SecurityAssociation with = sa;
        if (to == null || with == null) {
            return null;
        }
        int packets = coalescer.count();
        int taken = 0;
        boolean entered = to.gate().enter();
        try {
            int length = coalescer.finish(offload);
            taken = entered ? write(to.device(), length, packets) : 0;
        } finally {
            if (entered) {
                to.gate().leave();
            }
            count(to, with, packets, taken);
            tunnel = null;
            sa = null;
            bytes = 0;
        }
        return to;
    }

    private void count(TunnelInterface to, SecurityAssociation with, int packets, int taken) {
        if (taken < packets) {
            to.verdicts().count(Verdict.INBOUND_REFUSED, packets - taken);
            with.verdicts().count(Verdict.INBOUND_REFUSED, packets - taken);
        }
        if (taken > 0) {
            to.inbound().count(taken, taken == packets ? bytes : (int) ((long) bytes * taken / packets));
        }
    }

    /** @return how many packets the host took */
    private int write(TunDevice device, int length, int packets) {
        if (device.write(buffer, length, offload)) {
            refused = packets > 1 ? 0 : refused;
            return packets;
        }
        if (packets == 1) {
            return 0;
        }
        int taken = writePieces(device, length);
        if (taken == packets && ++refused == MOST_REFUSED) {
            device.stopJoining();
            refused = 0;
        }
        return taken;
    }

    private int writePieces(TunDevice device, int length) {
        PacketBuffer one = piece;
        if (one == null) {
            one = memory.newBuffer(TunDevice.BUFFER);
            piece = one;
            scratch = new byte[TunDevice.BUFFER];
        }
        int taken = 0;
        if (segmenter.begin(buffer.bytes(), TunDevice.HEADROOM, length, offload)) {
            offload.clear();
            for (int size = segmenter.next(scratch, 0); size > 0; size = segmenter.next(scratch, 0)) {
                one.bytes().put(TunDevice.HEADROOM, scratch, 0, size);
                taken += device.write(one, size, offload) ? 1 : 0;
            }
        }
        return taken;
    }
}
