package org.ipsecif.daemon;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.ipsecif.config.ConfigException;
import org.ipsecif.config.FibNumbers;
import org.ipsecif.config.InterfaceConfig;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.PacketSender;
import org.ipsecif.platform.Platform;
import org.ipsecif.sa.Family;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.sa.TunnelEndpoints;
import org.jspecify.annotations.Nullable;

/**
 * By which of the host's routing tables packets go ({@link FibNumbers}): outer packets by one for each local address, whose interfaces share its
 * sockets, and answers to inner senders by that of the interface. Control thread only.
 */
final class RoutingTables implements AutoCloseable {
    private final Platform platform;
    private final int own;
    private final Map<IpAddress, Integer> ofLocal = new HashMap<>();
    private final Map<Integer, PacketSender> senders = new HashMap<>();

    RoutingTables(Platform platform) throws ErrnoException {
        this.platform = platform;
        this.own = platform.fibs().own();
        senders.put(own, platform.openPacketSender());
    }

    /** The number that is meant. @param given as {@link FibNumbers} have it */
    int number(int given) {
        return number(given, own);
    }

    private static int number(int given, int own) {
        return given == FibNumbers.PROCESS ? own : given;
    }

    /** Of outer packets from this address. */
    int of(IpAddress local) {
        return ofLocal.getOrDefault(local, own);
    }

    /** Of those sockets that are not open yet: {@link Host#setTunnelFib} tells the others. */
    void set(IpAddress local, int fib) {
        ofLocal.put(local, fib);
    }

    /** What sends answers to inner senders by this table. */
    PacketSender sender(int fib) throws ErrnoException {
        PacketSender known = senders.get(fib);
        if (known == null) {
            known = platform.openPacketSender(fib);
            senders.put(fib, known);
        }
        return known;
    }

    /** One interface's, whose table may change. Any thread sends. */
    static final class Sender implements PacketSender {
        private volatile PacketSender now;

        Sender(PacketSender first) {
            now = first;
        }

        PacketSender now() {
            return now;
        }

        void set(PacketSender next) {
            now = next;
        }

        @Override
        public int send(Family family, byte[] packet, int length) {
            return now.send(family, packet, length);
        }

        /** It is not the interface's own. */
        @Override
        public void close() {}
    }

    /** @throws ConfigException if the host has no such tables */
    static void check(InterfaceConfig config, Platform platform) throws ConfigException {
        check(config.name(), "fib", config.fibs().inner(), platform);
        check(config.name(), "tunnelfib", config.fibs().tunnel(), platform);
    }

    private static void check(String name, String word, int fib, Platform platform) throws ConfigException {
        if (fib > 0) {
            Platform.Fibs fibs = platform.fibs();
            if (fib >= fibs.count()) {
                String most = fibs.count() == 1 ? "0" : "0 to " + (fibs.count() - 1);
                throw new ConfigException(
                        name + ": " + word + " " + fib + ": expected " + most + ", for " + fibs.limit());
            }
        }
    }

    /**
     * Whether an interface can be beside others.
     *
     * @throws ConfigException if one has the same local outer address, and another table
     */
    void checkBeside(InterfaceConfig wanted, Collection<InterfaceConfig> kinds, Collection<ManagedInterface> interfaces)
            throws ConfigException {
        List<InterfaceConfig> all = new ArrayList<>(kinds);
        interfaces.forEach(each -> all.add(each.config()));
        all.removeIf(each -> each.name().equals(wanted.name()) || !Objects.equals(local(each), local(wanted)));
        all.add(wanted);
        checkTogether(all, own);
    }

    /** Likewise all of these, as they will be. */
    static void checkTogether(Collection<InterfaceConfig> wanted, Platform platform) throws ConfigException {
        checkTogether(wanted, platform.fibs().own());
    }

    private static void checkTogether(Collection<InterfaceConfig> wanted, int own) throws ConfigException {
        Map<IpAddress, InterfaceConfig> first = new HashMap<>();
        for (InterfaceConfig each : wanted) {
            check(each, first, own);
        }
    }

    /** @param first of each local address */
    private static void check(InterfaceConfig config, Map<IpAddress, InterfaceConfig> first, int own)
            throws ConfigException {
        IpAddress local = local(config);
        InterfaceConfig before = local == null ? null : first.putIfAbsent(local, config);
        int fib = number(config.fibs().tunnel(), own);
        int others = before == null ? fib : number(before.fibs().tunnel(), own);
        if (before != null && fib != others) {
            throw new ConfigException(config.name() + ": tunnelfib " + fib + ": " + before.name() + " has tunnelfib "
                    + others + " with the same local address " + local + ", whose sockets both share");
        }
    }

    private static @Nullable IpAddress local(InterfaceConfig config) {
        TunnelEndpoints endpoints = config.tunnel();
        return endpoints == null ? null : endpoints.local();
    }

    @Override
    public void close() {
        senders.values().forEach(PacketSender::close);
    }
}
