package org.ipsecif.daemon;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.ipsecif.sa.SecurityAssociation;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends SAs (RFC 4301 section 4.4.2.1): a soft lifetime asks whoever keys for a new one, a hard one removes the SA. Bytes and packets are
 * watched by the workers, seconds by {@link #tick}. Control thread only.
 */
final class SaLifetimes {
    private static final Logger LOG = LoggerFactory.getLogger(SaLifetimes.class);

    private final Host host;
    private final Runnable settle;
    private final List<Consumer<SecurityAssociation>> rekeyers = new CopyOnWriteArrayList<>();
    private final List<Consumer<SecurityAssociation>> mourners = new CopyOnWriteArrayList<>();

    /** @param settle publishes a changed SAD to the workers */
    SaLifetimes(Host host, Runnable settle) {
        this.host = host;
        this.settle = settle;
    }

    /** Has {@code rekeyer} told once of each SA that is to be replaced. */
    void onExpiring(Consumer<SecurityAssociation> rekeyer) {
        rekeyers.add(rekeyer);
    }

    /** Likewise of each SA that was removed. */
    void onExpired(Consumer<SecurityAssociation> mourner) {
        mourners.add(mourner);
    }

    void expiring(SecurityAssociation sa) {
        if (host.associations().contains(sa)) {
            LOG.warn("SA {}: soft lifetime reached; a new SA is wanted", sa.parameters());
            rekeyers.forEach(rekeyer -> rekeyer.accept(sa));
        }
    }

    void expire(SecurityAssociation sa) {
        if (remove(sa)) {
            settle.run();
        }
    }

    private boolean remove(SecurityAssociation sa) {
        if (!host.associations().contains(sa)) {
            return false;
        }
        host.associations().remove(sa, new Undo());
        LOG.warn("SA {}: hard lifetime reached; removed", sa.parameters());
        mourners.forEach(mourner -> mourner.accept(sa));
        return true;
    }

    /** Looks for SAs that are too old. */
    void tick() {
        long now = host.nanoTime();
        boolean removed = false;
        for (SecurityAssociation sa : host.sad().all()) {
            if (sa.isOverAge(now)) {
                removed |= remove(sa);
            } else if (sa.reachesSoftAge(now)) {
                expiring(sa);
            }
        }
        if (removed) {
            settle.run();
        }
    }
}
