package org.ipsecif.platform.pfkey;

import java.util.ArrayList;
import java.util.List;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.InstalledPolicy;
import org.ipsecif.platform.PolicyChange;
import org.ipsecif.platform.PolicyInstaller;
import org.ipsecif.platform.posix.Posix;
import org.ipsecif.sa.PolicyKey;
import org.ipsecif.sa.SecurityPolicy;
import org.jspecify.annotations.Nullable;

/** The kernel's SPD over PF_KEY: SADB_X_SPDADD, SPDUPDATE, SPDDELETE, SPDDELETE2 and SPDDUMP. */
public final class PfKeyPolicyInstaller implements PolicyInstaller {
    private final Dialect dialect;
    private final PfKeySocket socket;
    private final PolicyMessages messages;

    /** @throws ErrnoException where the kernel has no PF_KEY, see {@link Dialect#saysAbsent}; EPERM without the privilege */
    public PfKeyPolicyInstaller(Posix posix, Dialect dialect) throws ErrnoException {
        this.dialect = dialect;
        socket = new PfKeySocket(posix, dialect);
        messages = new PolicyMessages(dialect);
    }

    @Override
    public List<Outcome> apply(List<PolicyChange> changes) {
        List<Outcome> outcomes = new ArrayList<>();
        changes.forEach(change -> outcomes.add(apply(change)));
        return outcomes;
    }

    private Outcome apply(PolicyChange change) {
        List<Extension> extensions;
        try {
            extensions = extensions(change);
        } catch (IllegalArgumentException e) {
            return new Outcome(change, ErrnoException.EINVAL, String.valueOf(e.getMessage()));
        }
        PfKeySocket.Answer answer = socket.request(request(change), Sadb.SADB_SATYPE_UNSPEC, extensions);
        int errno = answer.errno();
        if (errno == dialect.noBuffers()) {
            errno = isDone(change) ? 0 : errno;
        } else if (errno == ErrnoException.EINVAL && change instanceof PolicyChange.Remove) {
            errno = dialect == Dialect.FREEBSD
                    ? ErrnoException.ENOENT
                    : errno; // key_spddelete and key_spddelete2 have no other word for it
        }
        return errno == 0
                ? new Outcome(change, 0, "", change instanceof PolicyChange.Remove ? 0 : number(answer.message()))
                : new Outcome(change, errno, socket.words(errno));
    }

    /** The kernel's, of the entry that this is about; 0 if it does not say. */
    private static int number(@Nullable PfKeyMessage message) {
        Extension.Policy policy = message == null ? null : message.find(Extension.Policy.class);
        return policy == null ? 0 : policy.id();
    }

    private List<Extension> extensions(PolicyChange change) {
        if (change instanceof PolicyChange.Install install) {
            return messages.add(install.policy());
        }
        if (change instanceof PolicyChange.Update update) {
            return messages.add(update.policy());
        }
        int number = numberOf(change);
        return number == 0 ? messages.delete(change.key()) : PolicyMessages.number(number);
    }

    private static Request request(PolicyChange change) {
        if (change instanceof PolicyChange.Install) {
            return Request.SPDADD;
        }
        if (change instanceof PolicyChange.Update) {
            return Request.SPDUPDATE;
        }
        return numberOf(change) == 0 ? Request.SPDDELETE : Request.SPDDELETE2;
    }

    /** Of the entry that is to be removed; 0 if it is not known. */
    private static int numberOf(PolicyChange change) {
        return change instanceof PolicyChange.Remove remove ? remove.number() : 0;
    }

    /** After an answer was lost: an entry that should be added may have been there before, another's; else the SPD tells. */
    private boolean isDone(PolicyChange change) {
        if (change instanceof PolicyChange.Install) {
            return false;
        }
        try {
            InstalledPolicy there = find(dump(), change.key());
            SecurityPolicy wanted = change instanceof PolicyChange.Update update ? update.policy() : null;
            int number = numberOf(change);
            boolean gone = there == null || (number != 0 && there.number() != number);
            return wanted == null ? gone : there != null && there.is(wanted);
        } catch (ErrnoException e) {
            return false;
        }
    }

    private static @Nullable InstalledPolicy find(List<InstalledPolicy> policies, PolicyKey key) {
        for (InstalledPolicy each : policies) {
            if (key.equals(each.key())) {
                return each;
            }
        }
        return null;
    }

    /** Of Linux all entries, those of if_ids and marks as if they had none: PF_KEY does not tell. */
    @Override
    public List<InstalledPolicy> dump() throws ErrnoException {
        return socket.dump(Request.SPDDUMP, Sadb.SADB_SATYPE_UNSPEC).stream()
                .map(messages::read)
                .toList();
    }

    @Override
    public int origin() {
        return socket.pid();
    }

    @Override
    public void close() {
        socket.close();
    }
}
