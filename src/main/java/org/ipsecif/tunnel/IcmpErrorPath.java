package org.ipsecif.tunnel;

import java.util.function.LongSupplier;
import org.ipsecif.platform.IcmpReceiver;
import org.ipsecif.platform.PacketChannel;
import org.ipsecif.sa.Family;
import org.ipsecif.wire.Bytes;

/**
 * The way of "too big" errors about outer packets: read, taken apart, handed to the control thread, which alone knows whether the
 * quoted packet can have been ours. What is no such error, and what exceeds the rate limit, ends here.
 */
final class IcmpErrorPath implements PacketWalk {
    /** A path has few bottlenecks; more errors than this are no help, only load. */
    private static final int PER_SECOND = 20;

    private static final int MAX_MESSAGE = 2_048;
    private static final int HEADER = 8;
    private static final int FRAGMENTATION_NEEDED = 4;

    /** RFC 8201 section 4: a message that says less than the IPv6 minimum link MTU is discarded. */
    private static final int LEAST_INET6 = 1280;

    /** RFC 1191 section 7: likely MTUs, for routers that do not say theirs. */
    private static final int[] PLATEAUS = {32_000, 17_914, 8_166, 4_352, 2_002, 1_492, 1_006, 576};

    private final IcmpReceiver receiver;
    private final Family family;
    private final TunnelEvents events;
    private final RateLimit limit;
    private final byte[] message = new byte[MAX_MESSAGE];

    IcmpErrorPath(IcmpReceiver receiver, Family family, TunnelEvents events, LongSupplier nanoClock) {
        this.receiver = receiver;
        this.family = family;
        this.events = events;
        this.limit = new RateLimit(PER_SECOND, nanoClock);
    }

    @Override
    public int step() {
        int length = receiver.receive(message);
        if (length > PacketChannel.NOTHING) {
            process(length);
        }
        return length;
    }

    private void process(int length) {
        boolean inet = family == Family.INET;
        if (length < HEADER || (inet && Bytes.u8(message, 1) != FRAGMENTATION_NEEDED)) {
            return;
        }
        long said = inet ? Bytes.u16(message, 6) : Bytes.u32(message, 4);
        if (!inet && said < LEAST_INET6) {
            return;
        }
        QuotedEsp quoted = QuotedEsp.read(family, message, HEADER, length - HEADER);
        if (quoted == null || !limit.allows()) {
            return;
        }
        int mtu = said == 0 ? plateauBelow(Bytes.u16(message, HEADER + 2)) : (int) Math.min(said, 0xffff);
        events.outerTooBig(quoted, mtu);
    }

    private static int plateauBelow(int totalLength) {
        for (int plateau : PLATEAUS) {
            if (plateau < totalLength) {
                return plateau;
            }
        }
        return PLATEAUS[PLATEAUS.length - 1];
    }
}
