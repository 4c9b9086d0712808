package org.ipsecif.platform.pfkey;

import java.util.List;
import java.util.Set;
import org.ipsecif.platform.InstalledPolicy;
import org.ipsecif.platform.KernelEvent;
import org.ipsecif.platform.KernelEvent.Change;
import org.jspecify.annotations.Nullable;

/** What the kernel's messages tell those who asked for nothing. */
final class PfKeyEventReader {
    /** Asks the kernel for an entry of its SPD. */
    interface Entries {
        /** @param number the kernel's @return null if there is none, or it cannot be had */
        @Nullable
        InstalledPolicy get(int number);
    }

    private final Entries entries;
    private final PolicyMessages policies;

    PfKeyEventReader(Dialect dialect, Entries entries) {
        this.entries = entries;
        policies = new PolicyMessages(dialect);
    }

    /** @return none for what has no event of ours: refusals, dumps, others' answers */
    List<KernelEvent> read(PfKeyMessage message) {
        int origin = message.header().pid();
        if (message.header().errno() != 0) {
            return List.of();
        }
        return switch (message.header().type()) {
            case Sadb.SADB_X_SPDADD, Sadb.SADB_X_SPDSETIDX -> policy(origin, Change.ADDED, message);
            case Sadb.SADB_X_SPDUPDATE -> policy(origin, Change.UPDATED, message);
            case Sadb.SADB_X_SPDDELETE, Sadb.SADB_X_SPDDELETE2 -> policy(origin, Change.REMOVED, message);
            case Sadb.SADB_X_SPDEXPIRE -> policy(0, Change.EXPIRED, message);
            case Sadb.SADB_X_SPDFLUSH -> List.of(new KernelEvent.PoliciesFlushed(origin));
            case Sadb.SADB_ACQUIRE -> acquire(message);
            case Sadb.SADB_ADD -> association(origin, Change.ADDED, message);
            case Sadb.SADB_UPDATE -> association(origin, Change.UPDATED, message);
            case Sadb.SADB_DELETE -> association(origin, Change.REMOVED, message);
            case Sadb.SADB_EXPIRE -> association(0, expiry(message), message);
            case Sadb.SADB_FLUSH -> List.of(new KernelEvent.SasFlushed(origin));
            default -> List.of();
        };
    }

    private List<KernelEvent> policy(int origin, Change change, PfKeyMessage message) {
        return List.of(new KernelEvent.PolicyChanged(origin, change, policies.read(message)));
    }

    /** The addresses are those of the SA, and of the policy there is no more than its number. */
    private List<KernelEvent> acquire(PfKeyMessage message) {
        Extension.Address source = message.find(Extension.Address.class, Sadb.SADB_EXT_ADDRESS_SRC);
        Extension.Address destination = message.find(Extension.Address.class, Sadb.SADB_EXT_ADDRESS_DST);
        return source == null || destination == null
                ? List.of()
                : List.of(new KernelEvent.Acquire(
                        message.header().sequence(),
                        source.socket().address(),
                        destination.socket().address(),
                        wantedBy(message)));
    }

    private InstalledPolicy wantedBy(PfKeyMessage message) {
        Extension.Policy policy = message.find(Extension.Policy.class);
        InstalledPolicy entry = policy == null ? null : entries.get(policy.id());
        Extension.Association2 sa2 = message.find(Extension.Association2.class);
        Set<Integer> ids = sa2 == null || sa2.reqid() == 0 ? Set.of() : Set.of(sa2.reqid());
        return entry != null ? entry : new InstalledPolicy(null, null, ids);
    }

    private static Change expiry(PfKeyMessage message) {
        return message.has(Sadb.SADB_EXT_LIFETIME_HARD) ? Change.EXPIRED : Change.EXPIRING;
    }

    /** Without a SPI all SAs between the two addresses are meant: FreeBSD's way for INITIAL_CONTACT. */
    private static List<KernelEvent> association(int origin, Change change, PfKeyMessage message) {
        Extension.Address destination = message.find(Extension.Address.class, Sadb.SADB_EXT_ADDRESS_DST);
        Extension.@Nullable Association sa = message.find(Extension.Association.class);
        if (destination == null) {
            return List.of();
        }
        return sa == null
                ? List.of(new KernelEvent.Lost())
                : List.of(new KernelEvent.SaChanged(
                        origin,
                        change,
                        destination.socket().address(),
                        sa.spi(),
                        Sadb.protocolOf(message.header().satype())));
    }
}
