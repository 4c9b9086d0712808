package org.ipsecif.daemon;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.Executor;
import org.ipsecif.control.DaemonControl.RefusedException;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.LinkConfigurer;
import org.ipsecif.platform.Platform;
import org.ipsecif.sa.SecurityAssociationDatabase;

/**
 * All that a change of an interface acts on: the operating system, the kernel's SPD, the SAD, the state directory. One a
 * daemon; control thread only.
 */
final class Host implements AutoCloseable {
    private final Platform platform;
    private final Executor control;
    private final StateDirectory state;
    private final LinkConfigurer links;
    private final KernelSpd kernelSpd;
    private final SecurityAssociationDatabase sad = new SecurityAssociationDatabase();
    private final SaRegistry associations = new SaRegistry(sad, System::nanoTime);
    private final Binding binding = new Binding(sad);
    private final Transports transports;
    private List<StateDirectory.Entry> recorded = List.of();

    /** @param control runs tasks on the control thread */
    Host(Platform platform, Executor control, StateDirectory state) throws ErrnoException {
        this.platform = platform;
        this.control = control;
        this.state = state;
        this.links = platform.openLinkConfigurer();
        try {
            this.kernelSpd = new KernelSpd(platform.openPolicyInstaller());
        } catch (ErrnoException e) {
            links.close();
            throw e;
        }
        this.transports = new Transports(platform, binding::table);
    }

    Platform platform() {
        return platform;
    }

    Executor control() {
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

    /** Records the tags of all kernel entries that exist or are about to. */
    void record(List<StateDirectory.Entry> entries) throws RefusedException {
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

    /** Removes what a daemon that crashed left in the kernel. */
    void removeLeftovers() throws ErrnoException, IOException {
        kernelSpd.removeLeftovers(state.read());
    }

    @Override
    public void close() {
        kernelSpd.close();
        links.close();
    }
}
