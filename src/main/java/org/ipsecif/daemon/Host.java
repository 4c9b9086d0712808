package org.ipsecif.daemon;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.ipsecif.control.DaemonControl.RefusedException;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.LinkConfigurer;
import org.ipsecif.platform.PacketSender;
import org.ipsecif.platform.Platform;
import org.ipsecif.sa.SecurityAssociationDatabase;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All that a change of an interface acts on: the operating system, the kernel's SPD, the SAD, the state directory. One a
 * daemon; control thread only.
 */
final class Host implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Host.class);

    private final Platform platform;
    private final ControlThread control;
    private final StateDirectory state;
    private final LinkConfigurer links;
    private final KernelSpd kernelSpd;
    private final PacketSender packetSender;
    private final SecurityAssociationDatabase sad = new SecurityAssociationDatabase();
    private final SaRegistry associations = new SaRegistry(sad, this::nanoTime);
    private final Binding binding = new Binding(sad);
    private final Transports transports;
    private List<StateDirectory.Entry> recorded = List.of();

    /** What the record of an earlier run says, as long as some of it may be in the kernel. */
    private List<StateDirectory.Entry> inherited = List.of();

    Host(Platform platform, ControlThread control, StateDirectory state) throws ErrnoException {
        this.platform = platform;
        this.control = control;
        this.state = state;
        this.links = platform.openLinkConfigurer();
        try {
            this.packetSender = platform.openPacketSender();
            this.kernelSpd = openKernelSpd(platform, packetSender);
        } catch (ErrnoException e) {
            links.close();
            throw e;
        }
        this.transports = new Transports(platform, binding::table);
    }

    private static KernelSpd openKernelSpd(Platform platform, PacketSender sender) throws ErrnoException {
        try {
            return new KernelSpd(platform.openPolicyInstaller());
        } catch (ErrnoException e) {
            sender.close();
            throw e;
        }
    }

    /** Of the monotonic clock that everything in the daemon uses. */
    long nanoTime() {
        return System.nanoTime();
    }

    PacketSender packetSender() {
        return packetSender;
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

    Transports transports() {
        return transports;
    }

    /** Records the tags of all kernel entries that exist or are about to: of these interfaces, and of those that have gone. */
    void record(List<StateDirectory.Entry> ofInterfaces) throws RefusedException {
        List<StateDirectory.Entry> entries = new ArrayList<>(ofInterfaces);
        entries.addAll(inherited);
        kernelSpd.kept().forEach((name, policies) -> entries.add(StateDirectory.Entry.of(name, 0, 0, policies)));
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

    /** Takes charge of what an earlier run left in the kernel, until interfaces take it over. */
    void adoptLeftovers() throws ErrnoException, IOException {
        inherited = state.read();
        kernelSpd.adopt(inherited);
    }

    /** Removes what an earlier run left and no interface has taken over. */
    void removeLeftovers() {
        inherited = List.of();
        int removed = kernelSpd.removeLeftovers();
        if (removed > 0) {
            LOG.info("removed {} policies that an earlier run left in the kernel's SPD", removed);
        }
    }

    @Override
    public void close() {
        kernelSpd.close();
        packetSender.close();
        links.close();
    }
}
