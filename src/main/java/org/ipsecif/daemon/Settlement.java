package org.ipsecif.daemon;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Predicate;
import org.ipsecif.config.InterfaceConfig;
import org.ipsecif.control.DaemonControl.RefusedException;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.sa.IpsecMode;
import org.ipsecif.sa.OutboundAssociations;
import org.ipsecif.sa.SaParameters;
import org.ipsecif.sa.SecurityAssociation;
import org.ipsecif.sa.SecurityPolicy;
import org.ipsecif.tunnel.TunnelState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * After a change: publishes to the workers, and records for the next start, what the SAD and the interfaces now are. Control thread
 * only.
 */
final class Settlement {
    private static final Logger LOG = LoggerFactory.getLogger(Settlement.class);
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    private final Host host;
    private final Leftovers leftovers;
    private final Collection<ManagedInterface> interfaces;
    private Predicate<SaParameters> forgettable = sa -> false;
    private boolean suspended;
    private boolean wanted;

    /** @param interfaces those that exist, now and later */
    Settlement(Host host, Leftovers leftovers, Collection<ManagedInterface> interfaces) {
        this.host = host;
        this.leftovers = leftovers;
        this.interfaces = interfaces;
    }

    /** Puts off what {@link #settle()} does. */
    void suspend() {
        suspended = true;
        wanted = false;
    }

    /** Does it now, if somebody wanted it meanwhile. */
    void resume() {
        suspended = false;
        if (wanted) {
            settle();
        }
    }

    /** Starts, changes or ends what sends an interface's dummy packets. */
    private void adjustDummies(ManagedInterface each) {
        int rate = each.config().packets().dummiesPerSecond();
        if (rate == each.dummiesPerSecond()) {
            return;
        }
        end(each.dummies());
        AutoCloseable next =
                rate == 0 ? () -> {} : host.control().every(NANOS_PER_SECOND / rate, each.tunnel()::sendDummy);
        each.setDummies(rate, next);
    }

    /** A fault is logged. */
    static void end(AutoCloseable task) {
        try {
            task.close();
        } catch (Exception e) {
            LOG.error("{}", e.getMessage());
        }
    }

    /** The MTU that an interface is to have, with {@code outbound} to send. */
    static int mtuOf(ManagedInterface subject, InterfaceConfig config, IpsecMode mode, OutboundAssociations outbound) {
        return PathMtus.interfaceMtu(config, subject.pathMtu(), subject.encapsulation(config), mode, outbound);
    }

    /**
     * The record of an interface that is, or is about to be.
     *
     * @param entries those of the kernel's SPD
     */
    StateDirectory.Entry entry(InterfaceConfig config, int index, List<SecurityPolicy> entries, boolean made) {
        return entry(config, index, made, host.kernelSpd().lines(entries));
    }

    /** Of one that is about to change. */
    StateDirectory.Entry entry(ManagedInterface subject, InterfaceChange.Plan plan) {
        List<String> lines =
                host.kernelSpd().lines(subject.copy().entries(), plan.copy().entries());
        return entry(plan.config(), subject.tunnel().index(), subject.isMade(), lines);
    }

    private static StateDirectory.Entry entry(InterfaceConfig config, int index, boolean made, List<String> lines) {
        return StateDirectory.Entry.of(config.name(), config.reqid(), index, lines)
                .withDevice(made, config.addresses());
    }

    /** Of all interfaces, and of what an earlier daemon left and nobody has taken over yet. */
    List<StateDirectory.Entry> entries() {
        List<StateDirectory.Entry> entries = new ArrayList<>(leftovers.all());
        for (ManagedInterface each : interfaces) {
            entries.add(entry(each.config(), each.tunnel().index(), each.copy().entries(), each.isMade()));
        }
        return entries;
    }

    /** Says which SAs have keys that nobody uses again: their numbers are not kept. */
    void setForgettable(Predicate<SaParameters> condition) {
        forgettable = condition;
    }

    /** All SAs with manual keys that an interface may send with. */
    List<SecurityAssociation> manual() {
        return host.binding().senders(interfaces).stream()
                .filter(sa -> !forgettable.test(sa.parameters()))
                .toList();
    }

    /** Interfaces without an MTU of their own follow the path and the algorithm. */
    private boolean adjustMtu(ManagedInterface each) {
        TunnelState state = each.tunnel().state();
        int mtu = mtuOf(
                each,
                each.config(),
                each.policies().mode(),
                state == null ? OutboundAssociations.NONE : state.outbound());
        if (mtu == each.mtu()) {
            return false;
        }
        try {
            host.links().setMtu(each.tunnel().index(), mtu);
            each.setMtu(mtu);
            LOG.info("{}: MTU {}, by the route to the peer and the SA's algorithm", each.name(), mtu);
            return true;
        } catch (ErrnoException e) {
            LOG.warn("{}: {}", each.name(), e.getMessage());
            return false;
        }
    }

    void settle() {
        if (suspended) {
            wanted = true;
            return;
        }
        host.sequences().resume(manual());
        host.binding().publish(interfaces);
        boolean changed = false;
        for (ManagedInterface each : interfaces) {
            changed |= adjustMtu(each);
            adjustDummies(each);
        }
        if (changed) {
            host.binding().publish(interfaces);
        }
        host.associations().closeRemoved();
        record();
    }

    /** Writes down what there is. A fault is logged. */
    void record() {
        try {
            host.record(entries());
        } catch (RefusedException e) {
            LOG.error("{}", e.getMessage());
        }
    }
}
