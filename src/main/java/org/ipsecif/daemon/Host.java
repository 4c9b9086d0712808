package org.ipsecif.daemon;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.ipsecif.control.DaemonControl.RefusedException;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.KernelCopies;
import org.ipsecif.platform.KernelCopy;
import org.ipsecif.platform.LinkConfigurer;
import org.ipsecif.platform.Platform;
import org.ipsecif.platform.PolicyInstaller;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.sa.SecurityAssociationDatabase;
import org.jspecify.annotations.Nullable;

/**
 * All that a change of an interface acts on: the operating system, the kernel's SPD, the SAD, the state directory. One a
 * daemon; control thread only.
 */
final class Host implements AutoCloseable {

    private final Platform platform;
    private final ControlThread control;
    private final StateDirectory state;
    private final LinkConfigurer links;
    private final KernelSpd kernelSpd;
    private final RoutingTables routingTables;
    private final SecurityAssociationDatabase sad = new SecurityAssociationDatabase();
    private final SaRegistry associations = new SaRegistry(sad, this::nanoTime);
    private final Binding binding = new Binding(sad);
    private final Transports transports;
    private final IkeService ike;
    private final SequenceNumbers sequences;
    private List<StateDirectory.Entry> recorded;

    Host(Platform platform, ControlThread control, StateDirectory state) throws ErrnoException, IOException {
        this.platform = platform;
        this.control = control;
        this.state = state;
        this.recorded = state.read();
        this.sequences = new SequenceNumbers(state);
        this.links = platform.openLinkConfigurer();
        try {
            this.routingTables = new RoutingTables(platform);
            PolicyInstaller installer = openSpd(platform, routingTables);
            this.kernelSpd = installer == null ? KernelSpd.absent(absence(platform)) : new KernelSpd(installer);
        } catch (ErrnoException e) {
            links.close();
            throw e;
        }
        this.ike = new IkeService(this);
        this.transports = new Transports(platform, routingTables, binding::table, ike);
    }

    private static @Nullable PolicyInstaller openSpd(Platform platform, RoutingTables opened) throws ErrnoException {
        try {
            return platform.openPolicyInstaller();
        } catch (ErrnoException e) {
            opened.close();
            throw e;
        }
    }

    private static String absence(Platform platform) {
        return "the kernel has " + platform.spdRequirement() + ", and so no SPD";
    }

    /** Why the kernel has no SPD, for users; empty if it has one. */
    String spdAbsence() {
        return kernelSpd.isThere() ? "" : absence(platform);
    }

    /** What the kernel's SPD can hold. */
    KernelCopies kernelCopies() {
        return kernelSpd.isThere()
                ? platform.kernelCopies()
                : (policies, facts) -> KernelCopy.none(policies, absence(platform));
    }

    /** Of the monotonic clock that everything in the daemon uses. */
    long nanoTime() {
        return System.nanoTime();
    }

    RoutingTables routingTables() {
        return routingTables;
    }

    /** Has outer packets from this address go by this routing table. */
    void setTunnelFib(IpAddress local, int fib) throws ErrnoException {
        int before = routingTables.of(local);
        if (before == fib) {
            return;
        }
        routingTables.set(local, fib);
        try {
            setOfSockets(local, fib);
        } catch (ErrnoException e) {
            routingTables.set(local, before);
            try {
                setOfSockets(local, before); // those that took it
            } catch (ErrnoException again) {
                e.addSuppressed(again);
            }
            throw e;
        }
    }

    private void setOfSockets(IpAddress local, int fib) throws ErrnoException {
        transports.setFib(local, fib);
        ike.setFib(local, fib);
    }

    Platform platform() {
        return platform;
    }

    ControlThread control() {
        return control;
    }

    LinkConfigurer links() {
        return links;
    }

    KernelSpd kernelSpd() {
        return kernelSpd;
    }

    SecurityAssociationDatabase sad() {
        return sad;
    }

    SaRegistry associations() {
        return associations;
    }

    Binding binding() {
        return binding;
    }

    /** Keys SAs, for interfaces that want it. */
    IkeService ike() {
        return ike;
    }

    Transports transports() {
        return transports;
    }

    /** Records all interfaces and kernel entries that exist or are about to, and what is in the kernel of interfaces that have gone. */
    void record(List<StateDirectory.Entry> ofInterfaces) throws RefusedException {
        List<StateDirectory.Entry> entries = new ArrayList<>(ofInterfaces);
        kernelSpd.kept().forEach((name, policies) -> {
            StateDirectory.Entry kept = StateDirectory.Entry.of(name, 0, 0, kernelSpd.lines(policies));
            if (!entries.contains(kept)) {
                entries.add(kept);
            }
        });
        if (entries.equals(recorded)) {
            return;
        }
        try {
            state.write(entries);
            recorded = List.copyOf(entries);
        } catch (IOException e) {
            throw new RefusedException("cannot write the state directory: " + e.getMessage());
        }
    }

    /** Makes sure that {@code entry} is recorded, before the kernel gets what it tells, lest a crash leave what nobody knows. */
    void recordToo(StateDirectory.Entry entry) throws RefusedException {
        if (recorded.stream().noneMatch(each -> each.covers(entry))) {
            List<StateDirectory.Entry> more = new ArrayList<>(recorded);
            more.add(entry);
            record(more);
        }
    }

    /** What was recorded last, by an earlier daemon at first. */
    List<StateDirectory.Entry> recorded() {
        return recorded;
    }

    SequenceNumbers sequences() {
        return sequences;
    }

    @Override
    public void close() {
        ike.close();
        kernelSpd.close();
        routingTables.close();
        links.close();
    }
}
