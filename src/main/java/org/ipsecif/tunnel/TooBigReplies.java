package org.ipsecif.tunnel;

import java.util.function.LongSupplier;
import org.ipsecif.platform.PacketSender;
import org.ipsecif.sa.Family;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.wire.IcmpTooBig;
import org.ipsecif.wire.PacketView;
import org.jspecify.annotations.Nullable;

/**
 * Tells inner senders what fits (RFC 4301 section 8.2.1), from the interface's own address. It goes out by the host's routes, not into the
 * TUN device: the host would take a packet from its own address that comes in from outside for a forgery. One worker.
 */
final class TooBigReplies {
    /** As generous as a host with many flows needs, as stingy as one under a flood does. */
    private static final int PER_SECOND = 200;

    private final PacketSender sender;
    private final RateLimit limit;
    private final byte[] reply = new byte[IcmpTooBig.MAX_LENGTH];

    TooBigReplies(PacketSender sender, LongSupplier nanoClock) {
        this.sender = sender;
        this.limit = new RateLimit(PER_SECOND, nanoClock);
    }

    /**
     * Answers the packet at {@code offset}.
     *
     * @param source the interface's address of the packet's family, or null if it has none
     * @param mtu bytes
     * @return whether an answer went out
     */
    boolean send(@Nullable IpAddress source, PacketView packet, byte[] buffer, int offset, int mtu) {
        Family family = packet.isInet6() ? Family.INET6 : Family.INET;
        IpAddress from = source != null ? source : IpAddress.ANY_INET; // which raw(7) fills in
        if (from.family() != family || !IcmpTooBig.mayAnswer(packet) || !limit.allows()) {
            return false;
        }
        int length = IcmpTooBig.write(from.toBytes(), buffer, offset, packet.totalLength(), mtu, reply);
        return sender.send(family, reply, length) == 0;
    }
}
