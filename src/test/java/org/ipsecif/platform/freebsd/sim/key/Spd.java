package org.ipsecif.platform.freebsd.sim.key;

import static org.ipsecif.platform.freebsd.sim.key.KeyNumbers.*;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** V_sptree and V_sptree_ifnet, and the functions of key.c that serve messages about them. */
final class Spd {
    private final LongSupplier seconds;
    private final PolicyReader reader = new PolicyReader(this::newReqid);
    private final List<List<Policy>> global = List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    private final List<List<Policy>> ifnet = List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    private int lastId;
    private int lastReqid = MANUAL_REQID_MAX + 1;

    Spd(LongSupplier seconds) {
        this.seconds = seconds;
    }

    /** As a dump has them: by direction, the global ones first. */
    List<Policy> all(int scope) {
        List<Policy> all = new ArrayList<>();
        for (int direction = 0; direction < global.size(); direction++) {
            if ((scope & SCOPE_GLOBAL) != 0) {
                all.addAll(global.get(direction));
            }
            if ((scope & SCOPE_IFNET) != 0) {
                all.addAll(ifnet.get(direction));
            }
        }
        return all;
    }

    /** key_spdadd: SPDADD, SPDUPDATE and SPDSETIDX. @return the reply to all */
    byte[] add(KeyMessage message) throws Refused {
        Policy policy = selector(message);
        if (message.ext(EXT_POLICY).getShort(4) == POLICY_IPSEC
                && message.ext(EXT_POLICY).capacity() <= 16) {
            throw new Refused(EINVAL);
        }
        Policy old = find(policy);
        if (old != null) {
            if (message.type() != SPDUPDATE) {
                throw new Refused(EEXIST);
            }
            unlink(old); // before the new one is known to be good
        }
        reader.read(message.ext(EXT_POLICY), policy);
        policy.created = seconds.getAsLong();
        policy.lastUsed = policy.created;
        if (message.has(EXT_LIFETIME_HARD)) {
            policy.lifetime = message.ext(EXT_LIFETIME_HARD).getLong(16);
            policy.validTime = message.ext(EXT_LIFETIME_HARD).getLong(24);
        }
        policy.id = newId();
        insert(policy);
        message.ext(EXT_POLICY).putInt(8, policy.id);
        return message.gather(EXT_POLICY, EXT_LIFETIME_HARD, EXT_ADDRESS_SRC, EXT_ADDRESS_DST);
    }

    /** key_spddelete. */
    byte[] delete(KeyMessage message) throws Refused {
        Policy old = find(selector(message));
        if (old == null) {
            throw new Refused(EINVAL);
        }
        message.ext(EXT_POLICY).putInt(8, old.id);
        unlink(old);
        return message.gather(EXT_POLICY, EXT_ADDRESS_SRC, EXT_ADDRESS_DST);
    }

    /** The checks that key_spdadd and key_spddelete share. */
    private static Policy selector(KeyMessage message) throws Refused {
        if (!message.has(EXT_ADDRESS_SRC, EXT_ADDRESS_DST, EXT_POLICY)) {
            throw new Refused(EINVAL);
        }
        int type = message.ext(EXT_POLICY).getShort(4) & 0xffff;
        int direction = message.ext(EXT_POLICY).get(6);
        if ((direction != INBOUND && direction != OUTBOUND) || type > POLICY_IPSEC) {
            throw new Refused(EINVAL);
        }
        return new Policy(
                direction,
                message.address(EXT_ADDRESS_SRC),
                message.prefix(EXT_ADDRESS_SRC),
                message.address(EXT_ADDRESS_DST),
                message.prefix(EXT_ADDRESS_DST),
                message.addressProtocol(EXT_ADDRESS_SRC));
    }

    /** key_spddelete2. */
    byte[] delete2(KeyMessage message) throws Refused {
        Policy old = byId(message);
        if (old == null) {
            throw new Refused(EINVAL);
        }
        if (old.interfaceScope) {
            throw new Refused(EACCES);
        }
        unlink(old);
        return message.gather(EXT_POLICY);
    }

    /** key_spdget. */
    byte[] get(KeyMessage message) throws Refused {
        Policy policy = byId(message);
        if (policy == null) {
            throw new Refused(ENOENT);
        }
        return policy.dump(SPDGET, message.seq(), message.pid(), 2);
    }

    private @Nullable Policy byId(KeyMessage message) throws Refused {
        if (!message.has(EXT_POLICY)) {
            throw new Refused(EINVAL);
        }
        int id = message.ext(EXT_POLICY).getInt(8);
        return all(SCOPE_GLOBAL | SCOPE_IFNET).stream()
                .filter(policy -> policy.id == id)
                .findAny()
                .orElse(null);
    }

    /** key_spddump. */
    List<byte[]> dump(KeyMessage message) throws Refused {
        List<Policy> all = all(message.satype() == SCOPE_ANY ? 0xff : message.satype());
        if (all.isEmpty()) {
            throw new Refused(ENOENT);
        }
        List<byte[]> replies = new ArrayList<>();
        for (Policy policy : all) {
            replies.add(policy.dump(SPDDUMP, all.size() - 1 - replies.size(), message.pid(), 1));
        }
        return replies;
    }

    /** key_spdflush: the kernel's own policies stay. */
    byte[] flush(KeyMessage message) throws Refused {
        if (message.length() != KeyMessage.HEADER) {
            throw new Refused(EINVAL);
        }
        global.forEach(list -> {
            list.forEach(policy -> policy.dead = true);
            list.clear();
        });
        return message.gather();
    }

    /** key_do_allocsp: the first that covers the packet. */
    @Nullable
    Policy lookUp(int direction, KeyAddress from, KeyAddress to, int protocol) {
        for (Policy policy : global.get(direction)) {
            if (policy.covers(from, to, protocol)) {
                policy.lastUsed = seconds.getAsLong();
                return policy;
            }
        }
        return null;
    }

    /** key_flush_spd. @return SPDEXPIRE for the registered */
    List<byte[]> expire() {
        long now = seconds.getAsLong();
        Predicate<Policy> over = p -> (p.lifetime != 0 && now - p.created > p.lifetime)
                || (p.validTime != 0 && now - p.lastUsed > p.validTime);
        List<Policy> expired = Stream.concat(global.get(INBOUND).stream(), global.get(OUTBOUND).stream())
                .filter(over)
                .toList();
        expired.forEach(this::unlink);
        return expired.stream().map(Policy::expired).toList();
    }

    /** key_register_ifnet. */
    void register(Policy policy) {
        policy.id = newId();
        policy.interfaceScope = true;
        ifnet.get(policy.direction).add(policy);
    }

    /** key_unregister_ifnet. @param index of the interface @return the policies that went */
    List<Policy> unregister(int index) {
        List<Policy> gone = all(SCOPE_IFNET).stream()
                .filter(policy -> policy.priority == index)
                .toList();
        ifnet.forEach(list -> list.removeAll(gone));
        gone.forEach(policy -> policy.dead = true);
        return gone;
    }

    private @Nullable Policy find(Policy like) {
        return global.get(like.direction).stream()
                .filter(like::sameSelector)
                .findFirst()
                .orElse(null);
    }

    /** key_insertsp: behind those of its priority. */
    private void insert(Policy policy) {
        List<Policy> list = global.get(policy.direction);
        int at = 0;
        while (at < list.size() && Integer.compareUnsigned(policy.priority, list.get(at).priority) >= 0) {
            at++;
        }
        list.add(at, policy);
    }

    private void unlink(Policy policy) {
        policy.dead = true;
        global.get(policy.direction).remove(policy);
    }

    private int newId() {
        lastId++;
        return lastId;
    }

    /** key_newreqid: counts before it gives. */
    private int newReqid() {
        lastReqid++;
        return lastReqid;
    }
}
