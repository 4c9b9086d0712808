package org.ipsecif.daemon;

import java.util.List;
import org.ipsecif.config.ConfigException;
import org.ipsecif.config.FibNumbers;
import org.ipsecif.config.InterfaceConfig;
import org.ipsecif.control.DaemonControl.RefusedException;
import org.ipsecif.daemon.ManagedInterface.Origin;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.LinkConfigurer;
import org.ipsecif.platform.TunDevice;
import org.ipsecif.sa.InnerAddress;
import org.ipsecif.tunnel.TunnelEvents;
import org.ipsecif.tunnel.TunnelInterface;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the devices of interfaces, takes over those of an earlier run or of somebody else as they are, and lets go of them. Control
 * thread only.
 */
final class Devices {
    private static final Logger LOG = LoggerFactory.getLogger(Devices.class);

    private final Host host;
    private final Leftovers leftovers;
    private final TunnelEvents events;

    Devices(Host host, Leftovers leftovers, TunnelEvents events) {
        this.host = host;
        this.leftovers = leftovers;
        this.events = events;
    }

    /** An interface of this name of which nothing else is configured yet, with all that its device already has. */
    ManagedInterface open(String name, boolean mayAdopt, Undo undo) throws ErrnoException, RefusedException {
        int index = host.links().indexOf(name);
        if (index == 0) {
            RoutingTables.Sender sender = sender(FibNumbers.PROCESS);
            TunnelInterface made = tunnel(host.platform().createTun(name), sender);
            undo.push("remove " + name, made::destroy);
            return new ManagedInterface(made, withFib(InterfaceConfig.named(name), made), Origin.CREATED, sender);
        }
        boolean left = leftovers.made(name, index);
        if (!left && !mayAdopt) {
            throw refusal(name, "");
        }
        RoutingTables.Sender sender =
                sender(left ? FibNumbers.PROCESS : host.links().fib(index));
        TunnelInterface adopted = tunnel(adopt(name), sender);
        undo.push("let go of " + name, left ? adopted::close : adopted::release);
        return takeOver(adopted, left ? Origin.LEFT : Origin.FOREIGN, sender);
    }

    /** Whether the device of this name is this daemon's own, or will be when it is opened. */
    boolean makes(String name) throws ErrnoException {
        int index = host.links().indexOf(name);
        return index == 0 || leftovers.made(name, index);
    }

    /** @param fib as {@link FibNumbers} have it */
    private RoutingTables.Sender sender(int fib) throws ErrnoException {
        RoutingTables tables = host.routingTables();
        return new RoutingTables.Sender(tables.sender(tables.number(fib)));
    }

    private TunnelInterface tunnel(TunDevice device, RoutingTables.Sender sender) {
        return new TunnelInterface(device, sender, events, host::nanoTime);
    }

    private TunDevice adopt(String name) throws ErrnoException, RefusedException {
        try {
            return host.platform().adoptTun(name);
        } catch (ErrnoException e) {
            if (e.errno() == ErrnoException.EBUSY) {
                throw new RefusedException(name
                        + ": another process reads the interface, or this one does under the name that it had before");
            }
            if (e.errno() == ErrnoException.EINVAL) {
                throw refusal(name, ", no tunnel device for bare IP (" + e.getMessage() + ")");
            }
            throw e;
        }
    }

    private RefusedException refusal(String name, String more) throws ErrnoException {
        String kernels = host.platform().kernelIpsec(name);
        return new RefusedException(
                name + (kernels == null ? ": the host has an interface of that name already" + more : " " + kernels));
    }

    /** What the device has is what a change starts from, so that only what differs is touched. */
    private ManagedInterface takeOver(TunnelInterface tunnel, Origin origin, RoutingTables.Sender sender)
            throws ErrnoException {
        LinkConfigurer.Link link = host.links().link(tunnel.index());
        List<InnerAddress> present = host.links().addresses(tunnel.index());
        InterfaceConfig found = InterfaceConfig.named(tunnel.name())
                .withUp(link.up())
                .withAddresses(leftovers.given(tunnel.name(), present));
        ManagedInterface adopted = new ManagedInterface(
                tunnel,
                origin == Origin.LEFT ? described(withFib(found, tunnel), link.description()) : found,
                origin,
                sender);
        adopted.setMtu(link.mtu());
        adopted.setHostAddresses(present);
        return adopted;
    }

    /** With the routing table that the device has, for a change to start from. The kernel makes one in table 0, whatever the process's is. */
    private InterfaceConfig withFib(InterfaceConfig config, TunnelInterface tunnel) throws ErrnoException {
        int fib = host.links().fib(tunnel.index());
        boolean own = fib == host.routingTables().number(FibNumbers.PROCESS);
        return own ? config : config.withFibs(new FibNumbers(fib, FibNumbers.PROCESS));
    }

    private static InterfaceConfig described(InterfaceConfig config, String description) {
        try {
            return config.withDescription(description);
        } catch (ConfigException e) {
            return config; // longer than ours may be, so not ours
        }
    }

    /** Removes a device, or leaves somebody else's without the addresses that we gave it. The worker ends. */
    void letGo(ManagedInterface subject) {
        if (subject.isMade()) {
            subject.tunnel().destroy();
            return;
        }
        for (InnerAddress address : subject.config().addresses()) {
            try {
                host.links().removeAddress(subject.tunnel().index(), address);
            } catch (ErrnoException e) {
                LOG.error("{}: cannot remove {}: {}", subject.name(), address, e.getMessage());
            }
        }
        subject.tunnel().release();
    }

    /** Removes the device of an earlier run, or gives it back to who made it. */
    void removeLeftover(String name) {
        try {
            int index = host.links().indexOf(name);
            if (index == 0 || !leftovers.made(name, index)) {
                host.platform().abandonTun(name);
            } else {
                TunDevice device = host.platform().adoptTun(name);
                device.remove();
                device.close();
                LOG.info("{}: an earlier run's, and not configured; removed", name);
            }
        } catch (ErrnoException e) {
            LOG.warn("{}: an earlier run's, and not configured, but it stays: {}", name, e.getMessage());
        }
    }
}
