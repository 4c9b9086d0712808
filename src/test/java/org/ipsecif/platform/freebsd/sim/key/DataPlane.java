package org.ipsecif.platform.freebsd.sim.key;

import static org.ipsecif.platform.freebsd.sim.key.KeyNumbers.*;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** How ipsec_output.c and ipsec.c use the databases. Interface policies play no part: only if_ipsec(4) gives packets to them. */
final class DataPlane {
    private final Spd spd;
    private final Sadb sadb;
    private final Acquires acquires;

    DataPlane(Spd spd, Sadb sadb, Acquires acquires) {
        this.spd = spd;
        this.sadb = sadb;
        this.acquires = acquires;
    }

    /** ipsec4_common_output and ipsec4_allocsa, or those of IPv6. */
    Verdict outbound(Packet packet, Consumer<byte[]> tell) {
        Policy policy = find(OUTBOUND, packet, !packet.forwarded());
        if (policy == null || policy.type == POLICY_NONE) {
            return Verdict.UNTOUCHED;
        }
        if (policy.type == POLICY_DISCARD) {
            return Verdict.DISCARDED;
        }
        for (PolicyRequest request : policy.requests) {
            SaIndex index = index(request, packet);
            if (sadb.forOutbound(index) != null) {
                return Verdict.PROTECTED;
            }
            byte[] acquire = acquires.acquire(index, policy);
            if (acquire != null) {
                tell.accept(acquire);
            }
            if (required(request)) {
                return Verdict.DROPPED_FOR_SA;
            }
        }
        return Verdict.WITHOUT_SA;
    }

    /** ipsec4_in_reject, or that of IPv6, for a packet that was not decapsulated: ports are never looked at. */
    Verdict inbound(Packet packet) {
        Policy policy = find(INBOUND, packet, false);
        if (policy == null || policy.type == POLICY_NONE) {
            return Verdict.UNTOUCHED;
        }
        if (policy.type == POLICY_DISCARD) {
            return Verdict.DISCARDED;
        }
        boolean wanting =
                policy.requests.stream().anyMatch(request -> request.protocol() != PROTO_IPCOMP && required(request));
        return wanting ? Verdict.DISCARDED : Verdict.WITHOUT_SA;
    }

    private @Nullable Policy find(int direction, Packet packet, boolean ports) {
        boolean icmp6 = packet.protocol() == PROTO_ICMPV6;
        boolean shown = icmp6 || (ports && (packet.protocol() == PROTO_TCP || packet.protocol() == PROTO_UDP));
        return spd.lookUp(
                direction,
                KeyAddress.of(packet.source(), shown ? packet.sourcePort() : 0),
                KeyAddress.of(packet.destination(), shown ? packet.destinationPort() : 0),
                packet.protocol());
    }

    /** The request's, and for transport mode the packet's where it has none. */
    private static SaIndex index(PolicyRequest request, Packet packet) {
        KeyAddress source = request.source();
        KeyAddress destination = request.destination();
        if (request.mode() == MODE_TRANSPORT) {
            source = source.length() == 0 ? KeyAddress.of(packet.source(), 0) : source;
            destination = destination.length() == 0 ? KeyAddress.of(packet.destination(), 0) : destination;
        }
        return new SaIndex(request.protocol(), request.mode(), request.reqid(), source, destination);
    }

    /** ipsec_get_reqlevel, with the sysctls for level default as they come: use. */
    private static boolean required(PolicyRequest request) {
        return request.level() == LEVEL_REQUIRE || request.level() == LEVEL_UNIQUE;
    }
}
