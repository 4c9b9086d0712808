package org.ipsecif.daemon;

import java.util.concurrent.Executor;
import org.ipsecif.sa.Flow;
import org.ipsecif.sa.SecurityAssociation;
import org.ipsecif.tunnel.QuotedEsp;
import org.ipsecif.tunnel.TunnelEvents;
import org.ipsecif.tunnel.TunnelInterface;

/** Brings what workers notice to the control thread. */
final class WorkerEvents implements TunnelEvents {
    private final Executor control;
    private final InterfaceRegistry registry;

    WorkerEvents(Executor control, InterfaceRegistry registry) {
        this.control = control;
        this.registry = registry;
    }

    @Override
    public void expiring(SecurityAssociation sa) {
        control.execute(() -> registry.lifetimes().expiring(sa));
    }

    @Override
    public void expired(SecurityAssociation sa) {
        control.execute(() -> registry.lifetimes().expire(sa));
    }

    @Override
    public void acquire(TunnelInterface tunnel, Flow packet) {
        control.execute(() -> registry.acquire(tunnel.name(), packet));
    }

    @Override
    public void mismatch(TunnelInterface tunnel, SecurityAssociation sa, byte[] start) {
        control.execute(
                () -> registry.peers().mismatch(tunnel.name(), sa.parameters().spi(), start));
    }

    @Override
    public void routeTooSmall(TunnelInterface tunnel) {
        control.execute(() -> registry.refreshPath(tunnel.name()));
    }

    @Override
    public void gone(TunnelInterface tunnel) {
        control.execute(() -> registry.vanished(tunnel.name()));
    }

    @Override
    public void outerTooBig(QuotedEsp quoted, int mtu) {
        control.execute(() -> registry.paths().outerTooBig(quoted, mtu));
    }
}
