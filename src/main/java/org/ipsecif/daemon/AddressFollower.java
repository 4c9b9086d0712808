package org.ipsecif.daemon;

import java.util.List;
import org.ipsecif.config.ConfigException;
import org.ipsecif.control.DaemonControl.RefusedException;
import org.ipsecif.daemon.HookFacts.Event;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.sa.InnerAddress;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The hook for addresses: others may have given an interface some, or taken some away, and its policies follow, now or when what is in
 * the way has gone. Control thread only.
 */
final class AddressFollower {
    private static final Logger LOG = LoggerFactory.getLogger(AddressFollower.class);
    private static final int MOST_IN_LOG = 8;

    private final InterfaceRegistry registry;
    private final UserHooks hooks;

    AddressFollower(InterfaceRegistry registry, UserHooks hooks) {
        this.registry = registry;
        this.hooks = hooks;
    }

    /** These are the addresses that the interface has, but for link-local ones. */
    void seen(ManagedInterface subject, List<InnerAddress> present) {
        List<InnerAddress> next = subject.inOrder(present);
        if (next.equals(subject.hostAddresses())) {
            return;
        }
        try {
            registry.renderFor(subject, next);
            subject.setProblem(null);
            LOG.info("{}: others changed its addresses; they are now {}", subject.name(), few(next));
        } catch (ErrnoException | ConfigException | RefusedException e) {
            LOG.error("{}: its addresses are now {}, its policies stay: {}", subject.name(), few(next), e.getMessage());
            subject.setProblem(String.valueOf(e.getMessage()));
        }
        subject.setHostAddresses(next);
        registry.settle();
        hooks.run(HookFacts.of(Event.CHANGED, subject));
    }

    /** For the log: somebody may have given it hundreds. */
    private static String few(List<InnerAddress> addresses) {
        int more = addresses.size() - MOST_IN_LOG;
        return more <= 0 ? addresses.toString() : addresses.subList(0, MOST_IN_LOG) + " and " + more + " more";
    }

    /** Where something was in the way. */
    void tryAgain() {
        for (ManagedInterface each : registry.all()) {
            if (each.problem() != null) {
                try {
                    registry.change(each, registry.asItIs(each));
                    LOG.info("{}: its policies follow its addresses again", each.name());
                } catch (ErrnoException | ConfigException | RefusedException e) {
                    each.setProblem(String.valueOf(e.getMessage()));
                }
            }
        }
    }
}
