package org.ipsecif.daemon;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.ipsecif.control.DaemonControl.RefusedException;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.PolicyInstaller;
import org.ipsecif.sa.Direction;
import org.ipsecif.sa.PolicyScope;
import org.ipsecif.sa.SecurityPolicy;
import org.ipsecif.sa.TransformTemplate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The copies of our policies in the kernel's SPD; touches nobody else's. Control thread only. */
final class KernelSpd implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(KernelSpd.class);

    private final PolicyInstaller installer;

    KernelSpd(PolicyInstaller installer) {
        this.installer = installer;
    }

    /** Every reqid and if_id that any policy in the kernel has. */
    Set<Integer> idsInUse() throws ErrnoException {
        Set<Integer> ids = new HashSet<>();
        for (SecurityPolicy policy : installer.dump()) {
            if (policy.scope() instanceof PolicyScope.IfId scope) {
                ids.add(scope.ifId());
            }
            policy.transforms().stream().map(TransformTemplate::reqid).forEach(ids::add);
        }
        ids.remove(0);
        return ids;
    }

    /** Makes the kernel's copy of one interface's policies {@code next}, removing and adding only what differs. */
    void replace(String interfaceName, List<SecurityPolicy> previous, List<SecurityPolicy> next, Undo undo)
            throws ErrnoException, RefusedException {
        for (SecurityPolicy policy : previous) {
            if (!next.contains(policy)) {
                installer.remove(policy);
                undo.push("put back policy " + policy.name() + " of " + interfaceName, () -> installer.install(policy));
            }
        }
        for (SecurityPolicy policy : next) {
            if (!previous.contains(policy)) {
                install(interfaceName, policy);
                undo.push("remove policy " + policy.name() + " of " + interfaceName, () -> installer.remove(policy));
            }
        }
    }

    private void install(String interfaceName, SecurityPolicy policy) throws ErrnoException, RefusedException {
        try {
            installer.install(policy);
        } catch (ErrnoException e) {
            if (e.errno() == ErrnoException.EEXIST) {
                throw new RefusedException(interfaceName + ": the kernel's SPD has another program's policy in the"
                        + " place of " + policy.name());
            }
            throw e;
        }
    }

    /** Removes all of an interface's policies, going on past those that somebody else removed. */
    void removeAll(String interfaceName, List<SecurityPolicy> policies) {
        for (SecurityPolicy policy : policies) {
            try {
                if (!installer.remove(policy)) {
                    LOG.warn("{}: policy {} was gone from the kernel's SPD", interfaceName, policy.name());
                }
            } catch (ErrnoException e) {
                LOG.error("{}: cannot remove policy {}: {}", interfaceName, policy.name(), e.getMessage());
            }
        }
    }

    /** Whether the kernel has an entry for each of {@code policies}, in their order. */
    List<Boolean> holds(List<SecurityPolicy> policies) throws ErrnoException {
        Set<Object> held = new HashSet<>();
        installer.dump().forEach(policy -> held.add(identity(policy)));
        return policies.stream().map(policy -> held.contains(identity(policy))).toList();
    }

    private static List<Object> identity(SecurityPolicy policy) {
        return List.of(policy.direction(), policy.selector(), policy.scope(), policy.action(), policy.transforms());
    }

    /** Removes what a daemon that crashed has left: the entries with a recorded if_id and reqid, both. */
    void removeLeftovers(List<StateDirectory.Entry> recorded) throws ErrnoException {
        if (recorded.isEmpty()) {
            return;
        }
        int removed = 0;
        for (SecurityPolicy policy : installer.dump()) {
            if (recorded.stream().anyMatch(entry -> isOf(entry, policy))) {
                installer.remove(policy);
                removed++;
            }
        }
        LOG.info("removed {} policies that an earlier run left in the kernel's SPD", removed);
    }

    private static boolean isOf(StateDirectory.Entry entry, SecurityPolicy policy) {
        boolean reqids = policy.transforms().stream()
                .allMatch(transform -> Integer.toUnsignedLong(transform.reqid()) == entry.reqid());
        if (policy.scope() instanceof PolicyScope.IfId scope) {
            return reqids && Integer.toUnsignedLong(scope.ifId()) == entry.ifId();
        }
        int key = policy.direction() == Direction.OUTBOUND ? entry.keyOut() : entry.keyIn();
        return policy.scope() instanceof PolicyScope.Mark mark // a mark alone may be anybody's: it takes the reqid too
                && reqids
                && !policy.transforms().isEmpty()
                && key != 0
                && mark.value() == key;
    }

    @Override
    public void close() {
        installer.close();
    }
}
