package org.ipsecif.platform.freebsd.sim.key;

import static org.ipsecif.platform.freebsd.sim.key.KeyNumbers.*;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** V_sahtree, and the functions of key.c that serve messages about SAs. */
final class Sadb {
    private static final int SPI_MIN = 0x100;
    private static final int SPI_MAX = 0x0fffffff;
    private static final int SPI_TRIES = 1000;
    private static final int LARVAL_LIFETIME = 30;

    /** struct secashead; the newest SA stands first. */
    private record Head(SaIndex index, List<Sa> larval, List<Sa> alive) {
        Stream<Sa> all() {
            return Stream.concat(larval.stream(), alive.stream());
        }
    }

    private final LongSupplier seconds;
    private final RandomGenerator random;
    private final Acquires acquires;
    private final List<Head> heads = new ArrayList<>();

    Sadb(LongSupplier seconds, RandomGenerator random, Acquires acquires) {
        this.seconds = seconds;
        this.random = random;
        this.acquires = acquires;
    }

    /** key_satype2proto. */
    private static int protocol(KeyMessage message) throws Refused {
        return switch (message.satype()) {
            case SATYPE_UNSPEC -> PROTO_ANY;
            case SATYPE_AH -> PROTO_AH;
            case SATYPE_ESP -> PROTO_ESP;
            case SATYPE_IPCOMP -> PROTO_IPCOMP;
            case SATYPE_TCPSIGNATURE -> PROTO_TCP;
            default -> throw new Refused(EINVAL);
        };
    }

    private static void need(boolean good) throws Refused {
        if (!good) {
            throw new Refused(EINVAL);
        }
    }

    /** KEY_SETSECASIDX of a message, its SA2 if it has one. */
    static SaIndex index(KeyMessage message) throws Refused {
        boolean sa2 = message.has(EXT_SA2);
        return new SaIndex(
                protocol(message),
                sa2 ? message.ext(EXT_SA2).get(4) & 0xff : MODE_ANY,
                sa2 ? message.ext(EXT_SA2).getInt(12) : 0,
                message.address(EXT_ADDRESS_SRC),
                message.address(EXT_ADDRESS_DST));
    }

    private static int spi(KeyMessage message) {
        return Integer.reverseBytes(message.ext(EXT_SA).getInt(4));
    }

    /** key_getspi. @return the reply to the asker */
    byte[] getSpi(KeyMessage message) throws Refused {
        need(message.has(EXT_ADDRESS_SRC, EXT_ADDRESS_DST));
        SaIndex index = index(message);
        Sa sa = new Sa(newSpi(message, index), message.seq(), message.pid(), index);
        sa.created = seconds.getAsLong();
        link(sa);
        acquires.done(index, sa.seq);
        Sa shown = new Sa(sa.spi, sa.seq, sa.pid, index);
        return new Reply(message.header())
                .sa(shown)
                .put(message.copy(EXT_ADDRESS_SRC))
                .put(message.copy(EXT_ADDRESS_DST))
                .bytes();
    }

    /** key_do_getnewspi, whose test of a range of one number is the wrong way round, and key_newsav's of reserved numbers. */
    private int newSpi(KeyMessage message, SaIndex index) throws Refused {
        boolean asked = message.has(EXT_SPIRANGE);
        long least = asked ? message.ext(EXT_SPIRANGE).getInt(4) & 0xffffffffL : SPI_MIN;
        long most = asked ? message.ext(EXT_SPIRANGE).getInt(8) & 0xffffffffL : SPI_MAX;
        if (index.protocol() == PROTO_IPCOMP) {
            long a = Math.min(least, 0xffff);
            long b = Math.min(most, 0xffff);
            least = Math.min(a, b);
            most = Math.max(a, b);
        }
        long count = most - least + 1 & 0xffffffffL;
        if (count == 0) {
            throw new IllegalStateException("panic: key_do_getnewspi divides by zero");
        }
        for (int left = count == 1 ? 0 : SPI_TRIES; left > 0; left--) {
            int spi = (int) (least + random.nextLong(count));
            if (spi != 0 && bySpi(spi) == null) {
                checkReserved(spi, index);
                return spi;
            }
        }
        throw new Refused(EEXIST);
    }

    private static void checkReserved(int spi, SaIndex index) throws Refused {
        boolean spiMatters = index.protocol() == PROTO_ESP || index.protocol() == PROTO_AH;
        need(!spiMatters || Integer.compareUnsigned(spi, 255) > 0);
    }

    /** key_add. @return the reply to all, which has no keys */
    byte[] add(KeyMessage message) throws Refused {
        need(message.has(EXT_SA, EXT_ADDRESS_SRC, EXT_ADDRESS_DST));
        need(message.satype() != SATYPE_ESP || message.has(EXT_KEY_ENCRYPT));
        need(message.satype() != SATYPE_AH || message.has(EXT_KEY_AUTH));
        need(message.has(EXT_LIFETIME_HARD) == message.has(EXT_LIFETIME_SOFT));
        SaIndex index = index(message);
        if (bySpi(spi(message)) != null) {
            throw new Refused(EEXIST);
        }
        checkReserved(spi(message), index);
        Sa sa = new Sa(spi(message), message.seq(), message.pid(), index);
        SaReader.fill(sa, message, seconds.getAsLong());
        sa.state = MATURE;
        link(sa);
        acquires.done(index, sa.seq);
        return echo(message);
    }

    /** key_getmsgbuf_x1. */
    private static byte[] echo(KeyMessage message) {
        return message.gather(
                EXT_SA,
                EXT_SA2,
                EXT_ADDRESS_SRC,
                EXT_ADDRESS_DST,
                EXT_LIFETIME_HARD,
                EXT_LIFETIME_SOFT,
                EXT_IDENTITY_SRC,
                EXT_IDENTITY_DST,
                EXT_NAT_T_TYPE,
                EXT_NAT_T_SPORT,
                EXT_NAT_T_DPORT,
                EXT_NAT_T_OAI,
                EXT_NAT_T_OAR,
                EXT_NEW_ADDRESS_SRC,
                EXT_NEW_ADDRESS_DST);
    }

    /** key_update. @return the reply to all, which has no keys */
    byte[] update(KeyMessage message) throws Refused {
        need(message.has(EXT_SA, EXT_ADDRESS_SRC, EXT_ADDRESS_DST));
        need(message.has(EXT_LIFETIME_HARD) == message.has(EXT_LIFETIME_SOFT));
        SaIndex index = index(message);
        Sa sa = bySpi(spi(message));
        if (sa == null || sa.pid != message.pid()) {
            throw new Refused(EINVAL);
        }
        if (!sa.index.serves(index)) {
            throw new Refused(ESRCH);
        }
        if (sa.state == LARVAL) {
            need(message.satype() != SATYPE_ESP || message.has(EXT_KEY_ENCRYPT));
            need(message.satype() != SATYPE_AH || message.has(EXT_KEY_AUTH));
            SaReader.fill(sa, message, seconds.getAsLong());
            unlink(sa);
            sa.state = MATURE;
            link(sa);
        } else {
            need(!message.has(EXT_KEY_ENCRYPT) && !message.has(EXT_KEY_AUTH));
            SaReader.lifetimes(sa, message);
            if (message.has(EXT_NEW_ADDRESS_SRC)
                    || message.has(EXT_NEW_ADDRESS_DST)
                    || message.has(EXT_NAT_T_TYPE)
                    || sa.natt != null) {
                move(sa, message, index);
            }
            sa.state = MATURE;
        }
        return echo(message);
    }

    /** key_updateaddresses. */
    private void move(Sa sa, KeyMessage message, SaIndex index) throws Refused {
        KeyAddress source = message.has(EXT_NEW_ADDRESS_SRC) ? message.address(EXT_NEW_ADDRESS_SRC) : index.source();
        KeyAddress destination =
                message.has(EXT_NEW_ADDRESS_DST) ? message.address(EXT_NEW_ADDRESS_DST) : index.destination();
        SaIndex moved = sa.index;
        if (message.has(EXT_NEW_ADDRESS_SRC) || message.has(EXT_NEW_ADDRESS_DST)) {
            checkFamilies(source, destination);
            moved = new SaIndex(index.protocol(), index.mode(), index.reqid(), source, destination);
        } else {
            need(index.protocol() == PROTO_ESP && message.has(EXT_NAT_T_TYPE, EXT_NAT_T_SPORT, EXT_NAT_T_DPORT));
        }
        Sa.NatT natt = NatTReader.read(message, moved);
        unlink(sa);
        sa.index = moved;
        sa.natt = natt;
        link(sa);
    }

    /** key_checksockaddrs. */
    private static void checkFamilies(KeyAddress source, KeyAddress destination) throws Refused {
        need(source.family() == destination.family() && source.length() == destination.length());
        if (source.family() != AF_INET && source.family() != AF_INET6) {
            throw new Refused(EAFNOSUPPORT);
        }
        need(source.known());
    }

    /** key_delete, key_delete_all. @return the reply to all */
    byte[] delete(KeyMessage message) throws Refused {
        need(message.has(EXT_ADDRESS_SRC, EXT_ADDRESS_DST));
        SaIndex ends = index(message);
        if (message.has(EXT_SA)) {
            unlink(wanted(message, ends));
        } else {
            heads.stream().filter(head -> head.index.sameEnds(ends)).forEach(head -> {
                head.alive.forEach(sa -> sa.state = DEAD);
                head.alive.clear();
            });
        }
        return message.gather(EXT_SA, EXT_ADDRESS_SRC, EXT_ADDRESS_DST);
    }

    /** key_get. @return the reply to the asker */
    byte[] get(KeyMessage message) throws Refused {
        need(message.has(EXT_SA, EXT_ADDRESS_SRC, EXT_ADDRESS_DST));
        return wanted(message, index(message)).dump(GET, message.seq(), message.pid(), 2);
    }

    private Sa wanted(KeyMessage message, SaIndex ends) throws Refused {
        Sa sa = bySpi(spi(message));
        if (sa == null || !sa.index.sameEnds(ends)) {
            throw new Refused(ESRCH);
        }
        return sa;
    }

    /** key_dump. @return the replies to the asker */
    List<byte[]> dump(KeyMessage message) throws Refused {
        int protocol = protocol(message);
        List<Sa> all = heads.stream()
                .filter(head -> protocol == PROTO_ANY || protocol == head.index.protocol())
                .flatMap(Head::all)
                .toList();
        if (all.isEmpty()) {
            throw new Refused(ENOENT);
        }
        List<byte[]> replies = new ArrayList<>();
        for (Sa sa : all) {
            replies.add(sa.dump(DUMP, all.size() - 1 - replies.size(), message.pid(), 1));
        }
        return replies;
    }

    /** key_flush. @return the reply to all */
    byte[] flush(KeyMessage message) throws Refused {
        int protocol = protocol(message);
        heads.removeIf(head -> protocol == PROTO_ANY || protocol == head.index.protocol());
        return message.gather();
    }

    /** key_acquire2's test. */
    boolean knows(SaIndex index) {
        return heads.stream().anyMatch(head -> head.index.serves(index));
    }

    /** key_allocsa_policy without its acquire: the oldest. */
    @Nullable
    Sa forOutbound(SaIndex index) {
        for (Head head : heads) {
            if (head.index.serves(index)) {
                return head.alive.isEmpty() ? null : head.alive.get(head.alive.size() - 1);
            }
        }
        return null;
    }

    /** key_flush_sad. @return SADB_EXPIRE for the registered */
    List<byte[]> expire() {
        long now = seconds.getAsLong();
        List<byte[]> told = new ArrayList<>();
        heads.removeIf(head -> head.larval.isEmpty() && head.alive.isEmpty());
        for (Sa sa : heads.stream().flatMap(Head::all).toList()) {
            if (sa.state == LARVAL) {
                if (now - sa.created >= LARVAL_LIFETIME) {
                    unlink(sa);
                }
            } else if (sa.hard != null && over(sa, sa.hard, now)) {
                unlink(sa);
                told.add(sa.expired(EXT_LIFETIME_HARD));
            } else if (sa.soft != null && sa.state == MATURE && over(sa, sa.soft, now)) {
                sa.state = DYING;
                told.add(sa.expired(EXT_LIFETIME_SOFT));
            }
        }
        return told;
    }

    private static boolean over(Sa sa, Lifetime life, long now) {
        boolean old = life.addTime() != 0 && now - sa.created > life.addTime();
        boolean used = life.useTime() != 0 && sa.firstUsed != 0 && now - sa.firstUsed > life.useTime();
        return old || used || (life.bytes() != 0 && Long.compareUnsigned(sa.octets, life.bytes()) > 0);
    }

    @Nullable
    Sa bySpi(int spi) {
        return heads.stream()
                .flatMap(Head::all)
                .filter(sa -> sa.spi == spi)
                .findFirst()
                .orElse(null);
    }

    private void link(Sa sa) {
        Head head =
                heads.stream().filter(h -> h.index.serves(sa.index)).findFirst().orElse(null);
        if (head == null) {
            head = new Head(sa.index, new ArrayList<>(), new ArrayList<>());
            heads.add(0, head);
        }
        sa.index = head.index;
        (sa.state == LARVAL ? head.larval : head.alive).add(0, sa);
    }

    private void unlink(Sa sa) {
        for (Head head : heads) {
            head.larval.remove(sa);
            head.alive.remove(sa);
        }
        sa.state = DEAD;
    }
}
