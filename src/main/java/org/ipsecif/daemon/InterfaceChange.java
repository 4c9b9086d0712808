package org.ipsecif.daemon;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.ipsecif.config.FibNumbers;
import org.ipsecif.config.InterfaceConfig;
import org.ipsecif.control.DaemonControl.RefusedException;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.EspTransport;
import org.ipsecif.platform.EspTransport.Encapsulation;
import org.ipsecif.platform.KernelCopy;
import org.ipsecif.platform.LinkConfigurer;
import org.ipsecif.platform.PacketSender;
import org.ipsecif.sa.Family;
import org.ipsecif.sa.InnerAddress;
import org.ipsecif.sa.PathMtu;
import org.ipsecif.sa.SaParameters;
import org.ipsecif.sa.SecurityPolicy;
import org.ipsecif.sa.SecurityPolicyDatabase;
import org.ipsecif.sa.TunnelEndpoints;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One change of one interface on the host, in place: only what differs is touched, and every step can be taken back. The
 * order is that of the design page: MTU and addresses, then policies and SAs, UP last.
 */
final class InterfaceChange {
    /**
     * What the change amounts to, worked out before anything is touched.
     *
     * @param config what is wanted, reqid filled in
     * @param addresses what the interface will have: those of the configuration, and others' that it has already
     * @param policies the template's rendering, empty while no endpoints are set
     * @param copy what the kernel's SPD is to hold of them
     * @param associations the SA file's
     */
    record Plan(
            InterfaceConfig config,
            List<InnerAddress> addresses,
            List<SecurityPolicy> policies,
            KernelCopy copy,
            List<SaParameters> associations) {}

    private static final Logger LOG = LoggerFactory.getLogger(InterfaceChange.class);

    private final ManagedInterface subject;
    private final Plan plan;
    private final Undo undo;
    private final int index;

    InterfaceChange(ManagedInterface subject, Plan plan, Undo undo) {
        this.subject = subject;
        this.plan = plan;
        this.undo = undo;
        this.index = subject.tunnel().index();
    }

    /** The routing table of outer packets. */
    private void setTunnelFib(Host host) throws ErrnoException {
        TunnelEndpoints endpoints = plan.config().tunnel();
        if (endpoints != null) {
            RoutingTables tables = host.routingTables();
            int before = tables.of(endpoints.local());
            host.setTunnelFib(
                    endpoints.local(), tables.number(plan.config().fibs().tunnel()));
            undo.push(
                    "put back the tunnelfib of " + subject.name(), () -> host.setTunnelFib(endpoints.local(), before));
        }
    }

    /** The path to the peer, as far as the host's routes tell. */
    void findPath(Host host, PathMtus paths) throws ErrnoException {
        setTunnelFib(host);
        PathMtu before = subject.pathMtu();
        TunnelEndpoints endpoints = plan.config().tunnel();
        if (endpoints == null
                || !endpoints.equals(subject.config().tunnel())
                || plan.config().fibs().tunnel() != subject.config().fibs().tunnel()
                || before == null) {
            subject.setPathMtu(endpoints == null ? null : paths.find(endpoints));
            undo.push("put back the path of " + subject.name(), () -> subject.setPathMtu(before));
        }
    }

    /**
     * The routing table of what comes out of the interface. Where it is not said, it is the process's, or that of somebody else's device as it
     * came. Its addresses are given anew, for what they brought into the table before stays there.
     */
    private void setFib(LinkConfigurer links, RoutingTables tables) throws ErrnoException {
        int said = plan.config().fibs().inner();
        int saidBefore = subject.config().fibs().inner();
        if (said == FibNumbers.PROCESS && saidBefore == FibNumbers.PROCESS) {
            return;
        }
        int before = links.fib(index);
        int after = tables.number(said);
        if (before != after) {
            List<InnerAddress> present = links.addresses(index);
            for (InnerAddress address : present) {
                if (links.removeAddress(index, address)) {
                    undo.push("put back " + address + " on " + subject.name(), () -> links.addAddress(index, address));
                }
            }
            links.setFib(index, after);
            undo.push("put back the fib of " + subject.name(), () -> links.setFib(index, before));
            for (InnerAddress address : present) {
                addNew(links, address);
            }
        }
        PacketSender replies = subject.replies().now();
        subject.replies().set(tables.sender(after));
        undo.push(
                "put back what answers for " + subject.name(),
                () -> subject.replies().set(replies));
    }

    /** Routing table, MTU, description, inner addresses. Others may have changed the link since we did. */
    void configureLink(Host host, int mtu) throws ErrnoException {
        LinkConfigurer links = host.links();
        setFib(links, host.routingTables());
        InterfaceConfig from = subject.config();
        InterfaceConfig to = plan.config();
        int mtuBefore = links.link(index).mtu();
        int known = subject.mtu();
        if (mtuBefore != mtu) {
            links.setMtu(index, mtu);
            undo.push("put back the MTU of " + subject.name(), () -> links.setMtu(index, mtuBefore));
        }
        subject.setMtu(mtu);
        undo.push("put back the MTU known of " + subject.name(), () -> subject.setMtu(known));
        if (!from.description().equals(to.description())) {
            links.setDescription(index, to.description());
            undo.push(
                    "put back the description of " + to.name(), () -> links.setDescription(index, from.description()));
        }
        changeAddresses(links);
    }

    /** What is new comes first, for Linux forgets an interface's routes with its last address; then what replaces another in place. */
    private void changeAddresses(LinkConfigurer links) throws ErrnoException {
        List<InnerAddress> before = subject.hostAddresses();
        List<InnerAddress> after = plan.addresses();
        for (InnerAddress address : after) {
            if (before.stream().noneMatch(each -> each.local().equals(address.local()))) {
                addNew(links, address);
            }
        }
        for (InnerAddress address : before) {
            if (!after.contains(address) && links.removeAddress(index, address)) {
                undo.push("put back " + address + " on " + subject.name(), () -> links.addAddress(index, address));
            }
        }
        for (InnerAddress address : after) {
            if (!before.contains(address)
                    && before.stream().anyMatch(each -> each.local().equals(address.local()))) {
                addNew(links, address);
            }
        }
        subject.setHostAddresses(after);
        undo.push("put back the addresses known of " + subject.name(), () -> subject.setHostAddresses(before));
    }

    private void addNew(LinkConfigurer links, InnerAddress address) throws ErrnoException {
        if (add(links, address)) {
            undo.push("remove " + address + " from " + subject.name(), () -> links.removeAddress(index, address));
        }
    }

    /** @return false if the interface has it already */
    private boolean add(LinkConfigurer links, InnerAddress address) throws ErrnoException {
        try {
            links.addAddress(index, address);
            return true;
        } catch (ErrnoException e) {
            if (e.errno() != ErrnoException.EEXIST) {
                throw e;
            }
            return false;
        }
    }

    /** The transport for the local endpoint and encapsulation. */
    void switchTransport(Transports transports) throws ErrnoException {
        EspTransport before = subject.transport();
        TunnelEndpoints endpoints = plan.config().tunnel();
        Encapsulation encapsulation = subject.encapsulation(plan.config());
        if (serves(before, endpoints, encapsulation)) {
            return;
        }
        EspTransport after = endpoints == null ? null : transports.acquire(endpoints.local(), encapsulation);
        subject.setTransport(after);
        undo.push("put back the transport of " + subject.name(), () -> {
            subject.setTransport(before);
            if (after != null) {
                transports.release(after);
            }
        });
    }

    private static boolean serves(
            @Nullable EspTransport transport, @Nullable TunnelEndpoints endpoints, Encapsulation encapsulation) {
        if (transport == null || endpoints == null) {
            return transport == null && endpoints == null;
        }
        return transport.local().equals(endpoints.local()) && transport.encapsulation() == encapsulation;
    }

    /** In-process SPD and its copy in the kernel. */
    void replacePolicies(KernelSpd kernel) throws ErrnoException, RefusedException {
        SecurityPolicyDatabase before = subject.policies();
        KernelCopy copied = subject.copy();
        boolean same = before.policies().equals(plan.policies());
        if (same && copied.equals(plan.copy())) {
            return;
        }
        kernel.replace(subject.name(), copied.entries(), plan.copy().entries(), undo);
        subject.setPolicies(same ? before : new SecurityPolicyDatabase(plan.policies()), plan.copy());
        undo.push("put back the policies of " + subject.name(), () -> subject.setPolicies(before, copied));
        if (kernel.isThere()) {
            tellWhatIsAbsent(copied.absent(), plan.copy().absent());
        }
    }

    /** Once, until it changes. */
    private void tellWhatIsAbsent(Map<String, List<String>> before, Map<String, List<String>> after) {
        after.forEach((reason, names) -> {
            if (!names.equals(before.get(reason))) {
                LOG.info("{}: not in the kernel's SPD: {}: {}", subject.name(), String.join(", ", names), reason);
            }
        });
    }

    /**
     * The SAs of the SA file. Those that did not change there stay as they are: with their sequence numbers, and gone if they have
     * been deleted or have ended since, for they would begin anew with the same keys.
     */
    void replaceAssociations(SaRegistry registry) throws RefusedException {
        List<FiledAssociation> before = subject.fromSaFile();
        List<FiledAssociation> after = new ArrayList<>();
        List<SaParameters> fresh = new ArrayList<>();
        for (SaParameters wanted : plan.associations()) {
            before.stream()
                    .filter(filed -> filed.isOf(wanted))
                    .findFirst()
                    .ifPresentOrElse(after::add, () -> fresh.add(wanted));
        }
        for (FiledAssociation filed : before) {
            if (!after.contains(filed)) {
                registry.remove(filed.sa(), undo);
            }
        }
        for (SaParameters wanted : fresh) {
            int keyCheck = SaRegistry.keyCheck(wanted);
            after.add(new FiledAssociation(registry.add(wanted, undo), keyCheck));
        }
        subject.setFromSaFile(after);
        undo.push("put back the SAs of " + subject.name(), () -> subject.setFromSaFile(before));
    }

    /** UP or DOWN, last. Linux forgets IPv6 addresses while an interface is down, and the routes to their destinations when it comes up. */
    void setState(LinkConfigurer links) throws ErrnoException {
        boolean up = plan.config().up();
        if (up != links.link(index).up()) {
            links.setUp(index, up);
            undo.push("put back the state of " + subject.name(), () -> links.setUp(index, !up));
            if (up) {
                restoreAddresses(links);
            }
        }
    }

    private void restoreAddresses(LinkConfigurer links) throws ErrnoException {
        for (InnerAddress address : plan.addresses()) {
            if (address.family() == Family.INET6 && address.remote() != null) {
                links.removeAddress(index, address);
            }
            add(links, address);
        }
    }
}
