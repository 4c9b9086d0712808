package org.ipsecif.ike;

import java.util.HashMap;
import java.util.Map;
import org.ipsecif.sa.IpAddress;
import org.jspecify.annotations.Nullable;

/** Finds out, for each attempt to connect, where peers are that are known by a host's name. */
final class Locator {
    private static final long SECOND = 1_000_000_000L;

    /** Until a name that leads nowhere is looked up again, at first and at most; each time it is twice as long. */
    private static final long FIRST_WAIT = 5 * SECOND;

    private static final long LONGEST_WAIT = 300 * SECOND;

    private final IkeEndpoint endpoint;
    private final Map<String, Wants> asking = new HashMap<>();
    private final Map<String, Long> waits = new HashMap<>();
    private final Map<String, Timers.Timer> waiting = new HashMap<>();

    Locator(IkeEndpoint endpoint) {
        this.endpoint = endpoint;
    }

    /** Connects to a peer, to one with a host name as soon as its address is known. Nothing is done about one with neither. */
    void connect(PeerConfig peer, Wants wants) {
        IpAddress remote = peer.remote();
        String host = peer.host();
        if (remote != null) {
            endpoint.connectTo(peer, remote, wants);
        } else if (host != null && asking.put(peer.name(), wants) == null) {
            ask(peer, host, wants);
        }
    }

    private void ask(PeerConfig peer, String host, Wants wants) {
        String name = peer.name();
        stopWaiting(name);
        endpoint.host().resolve(host, peer.local().family(), address -> {
            Wants newest = asking.getOrDefault(name, wants);
            asking.remove(name);
            PeerConfig now = endpoint.peers().find(name);
            if (now == null || !host.equals(now.host())) {
                if (now != null && now.start()) {
                    endpoint.connect(name); // it was given another meanwhile
                }
            } else if (address == null) {
                unknown(now, host);
            } else {
                waits.remove(name);
                endpoint.connectTo(now, address, newest);
            }
        });
    }

    private void unknown(PeerConfig peer, String host) {
        String name = peer.name();
        long wait = waits.getOrDefault(name, FIRST_WAIT);
        waits.put(name, Math.min(LONGEST_WAIT, 2 * wait));
        String again = peer.start() ? "; trying again in " + wait / SECOND + " s" : "";
        endpoint.host()
                .events()
                .warn(name, "no " + peer.local().family().word() + " address of " + host + " is known" + again);
        if (peer.start()) {
            waiting.put(name, endpoint.timers().after(wait, () -> endpoint.connect(name)));
        }
    }

    private void stopWaiting(String name) {
        Timers.@Nullable Timer timer = waiting.remove(name);
        if (timer != null) {
            timer.cancel();
        }
    }

    /** There is no such peer any more. */
    void forget(String name) {
        stopWaiting(name);
        waits.remove(name);
    }
}
