package org.ipsecif.platform.freebsd.sim.key;

import static org.ipsecif.platform.freebsd.sim.key.KeyNumbers.*;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** V_acqtree: which SAs have been asked for, so that not every packet asks again. */
final class Acquires {
    private static final int BLOCK_COUNT = 10;
    private static final int BLOCK_LIFETIME = 20;

    private static final class Asked {
        final SaIndex index;
        final int seq;
        long created;
        int held;

        Asked(SaIndex index, int seq, long created) {
            this.index = index;
            this.seq = seq;
            this.created = created;
        }
    }

    private final LongSupplier seconds;
    private final List<Asked> asked = new ArrayList<>();
    private int lastSeq;

    Acquires(LongSupplier seconds) {
        this.seconds = seconds;
    }

    /** key_acquire. @param policy that wants it; null: a process does @return SADB_ACQUIRE; null: held back */
    byte @Nullable [] acquire(SaIndex index, @Nullable Policy policy) {
        int seq = seq(index);
        if (seq == 0) {
            return null;
        }
        int satype = switch (index.protocol()) {
            case PROTO_AH -> SATYPE_AH;
            case PROTO_ESP -> SATYPE_ESP;
            case PROTO_IPCOMP -> SATYPE_IPCOMP;
            default -> SATYPE_TCPSIGNATURE;
        };
        Reply reply = new Reply(ACQUIRE, satype, seq, 0, 0);
        Policy ports = policy != null && (policy.protocol == PROTO_TCP || policy.protocol == PROTO_UDP) ? policy : null;
        int protocol = ports != null ? ports.protocol : PROTO_ANY;
        address(
                reply,
                EXT_ADDRESS_SRC,
                index.source(),
                ports != null ? ports.source : null,
                prefix(policy, true),
                protocol);
        address(
                reply,
                EXT_ADDRESS_DST,
                index.destination(),
                ports != null ? ports.destination : null,
                prefix(policy, false),
                protocol);
        if (policy != null) {
            reply.policyId(policy);
        }
        if (index.reqid() != 0) {
            reply.sa2(index.mode(), 0, index.reqid());
        }
        return reply.put(Algorithms.proposal(index.protocol())).bytes();
    }

    private static int prefix(@Nullable Policy policy, boolean source) {
        if (policy == null) {
            return FULLMASK;
        }
        return source ? policy.sourcePrefix : policy.destinationPrefix;
    }

    /** With a port comes the policy's prefix, odd as that is. */
    private static void address(
            Reply reply, int type, KeyAddress address, @Nullable KeyAddress selector, int prefix, int protocol) {
        if (selector != null && selector.port() != 0) {
            reply.address(type, address.withPort(selector.port()), prefix, protocol);
        } else {
            reply.address(type, address, FULLMASK, protocol);
        }
    }

    /** key_getacq and key_newacq. */
    private int seq(SaIndex index) {
        for (Asked one : asked) {
            if (one.index.equals(index)) {
                if (one.held > BLOCK_COUNT) {
                    one.created = seconds.getAsLong();
                    one.held = 0;
                    return one.seq;
                }
                one.held++;
                return 0;
            }
        }
        lastSeq++;
        asked.add(new Asked(index, lastSeq, seconds.getAsLong()));
        return lastSeq;
    }

    /** key_acqdone. */
    void done(SaIndex index, int seq) {
        asked.stream()
                .filter(one -> one.seq == seq && one.index.equals(index))
                .forEach(one -> one.created = Long.MIN_VALUE / 2);
    }

    /** key_acqreset. */
    void reset(int seq) {
        asked.stream().filter(one -> one.seq == seq).forEach(one -> {
            one.held = 0;
            one.created = seconds.getAsLong();
        });
    }

    /** key_flush_acq. */
    void expire() {
        long now = seconds.getAsLong();
        asked.removeIf(one -> now - one.created > BLOCK_LIFETIME);
    }
}
