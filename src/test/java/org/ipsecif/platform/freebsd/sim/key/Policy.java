package org.ipsecif.platform.freebsd.sim.key;

import static org.ipsecif.platform.freebsd.sim.key.KeyNumbers.*;

import java.util.ArrayList;
import java.util.List;

/** struct secpolicy, with its secpolicyindex. */
final class Policy {
    final int direction;
    final KeyAddress source;
    final KeyAddress destination;
    final int sourcePrefix;
    final int destinationPrefix;
    final int protocol;
    final List<PolicyRequest> requests = new ArrayList<>();
    int type;
    int priority;
    int id;
    boolean interfaceScope;
    boolean dead;
    long created;
    long lastUsed;
    long lifetime;
    long validTime;

    Policy(
            int direction,
            KeyAddress source,
            int sourcePrefix,
            KeyAddress destination,
            int destinationPrefix,
            int protocol) {
        this.direction = direction;
        this.source = source;
        this.sourcePrefix = sourcePrefix;
        this.destination = destination;
        this.destinationPrefix = destinationPrefix;
        this.protocol = protocol;
    }

    int scope() {
        return interfaceScope ? SCOPE_IFNET : SCOPE_GLOBAL;
    }

    /** key_cmpspidx_exactly. */
    boolean sameSelector(Policy other) {
        return sourcePrefix == other.sourcePrefix
                && destinationPrefix == other.destinationPrefix
                && protocol == other.protocol
                && direction == other.direction
                && source.same(other.source, true)
                && destination.same(other.destination, true);
    }

    /** key_cmpspidx_withmask. @param ulp the packet's protocol, any when it is a fragment */
    boolean covers(KeyAddress from, KeyAddress to, int ulp) {
        return (protocol == PROTO_ANY || protocol == ulp)
                && source.covers(from, sourcePrefix)
                && destination.covers(to, destinationPrefix);
    }

    /** key_setdumpsp. @param references that the policy had */
    byte[] dump(int message, int seq, int pid, int references) {
        Reply reply = selector(new Reply(message, SATYPE_UNSPEC, seq, pid, references))
                .policy(this);
        if (lifetime != 0) {
            lifetimes(reply);
        }
        return reply.bytes();
    }

    /** key_spdexpire. */
    byte[] expired() {
        Reply reply = lifetimes(new Reply(SPDEXPIRE, SATYPE_UNSPEC, 0, 0, 0));
        return selector(reply).policy(this).bytes();
    }

    private Reply selector(Reply reply) {
        return reply.address(EXT_ADDRESS_SRC, source, sourcePrefix, protocol)
                .address(EXT_ADDRESS_DST, destination, destinationPrefix, protocol);
    }

    private Reply lifetimes(Reply reply) {
        return reply.lifetime(EXT_LIFETIME_CURRENT, new Lifetime(0, 0, created, lastUsed))
                .lifetime(EXT_LIFETIME_HARD, new Lifetime(0, 0, lifetime, validTime));
    }

    @Override
    public String toString() {
        return "%s %s/%d %s/%d %d type %d priority %d id %d scope %d %s"
                .formatted(
                        direction == INBOUND ? "in" : "out",
                        source,
                        sourcePrefix,
                        destination,
                        destinationPrefix,
                        protocol,
                        type,
                        priority,
                        id,
                        scope(),
                        requests);
    }
}
