package org.ipsecif.daemon;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.ipsecif.ike.ChildSa;
import org.ipsecif.ike.ChildSaSink;
import org.ipsecif.ike.Path;
import org.ipsecif.sa.SaParameters;
import org.ipsecif.tunnel.InboundTable;
import org.jspecify.annotations.Nullable;

/** Brings the SAs that IKE keys to the SAD and out of it, on the control thread; answers go back to IKE's. */
final class IkeSad implements ChildSaSink {
    /** RFC 4303 section 2.1: those below are reserved. */
    private static final int FIRST_SPI = 256;

    /** Nanoseconds for which an inbound SA stays that the peer has given up. */
    private static final long ON_THE_WAY = 2_000_000_000L;

    /** Does what is wanted of an interface, on the control thread. */
    interface Interfaces {
        /** Packets see it after {@link #settle}. @return null, or why it cannot be */
        @Nullable
        String add(ChildSa child, SaParameters sa);

        void remove(SaParameters sa);

        void readdress(SaParameters before, SaParameters after);

        /** Has packets see what was added and removed. */
        void settle();

        /** The peer of an interface is elsewhere. */
        void moved(String name, Path path, boolean inUdp);
    }

    private final Host host;
    private final IkeService ike;
    private final SecureRandom random;

    /** Inbound SPIs in use. IKE's thread. */
    private final Set<Integer> given = new HashSet<>();

    /** Changes that wait for the control thread: what has come together is done together, for the last step costs as much as interfaces are many. */
    private final Queue<Supplier<Runnable>> changes = new ConcurrentLinkedQueue<>();

    private final AtomicBoolean planned = new AtomicBoolean();

    private volatile @Nullable Interfaces interfaces;

    IkeSad(Host host, IkeService ike, SecureRandom random) {
        this.host = host;
        this.ike = ike;
        this.random = random;
    }

    void setInterfaces(Interfaces next) {
        interfaces = next;
    }

    @Override
    public int allocateSpi() {
        int spi;
        do {
            spi = random.nextInt();
        } while (Integer.compareUnsigned(spi, FIRST_SPI) < 0 || given.contains(spi));
        return spi;
    }

    @Override
    public void add(ChildSa child, SaParameters sa, Consumer<@Nullable String> done) {
        if (sa.spi() == child.inbound().spi()) {
            given.add(sa.spi());
        }
        change(() -> {
            Interfaces known = interfaces;
            String refused = known == null ? "there are no interfaces" : known.add(child, sa);
            return () -> ike.execute(() -> done.accept(refused));
        });
    }

    @Override
    public void readdress(SaParameters before, SaParameters after) {
        change(() -> {
            Interfaces known = interfaces;
            if (known != null) {
                known.readdress(before, after);
            }
            return () -> {};
        });
    }

    @Override
    public long packets(SaParameters sa) {
        InboundTable.Entry entry = host.binding().table().find(sa.spi(), sa.destination());
        return entry == null ? 0 : entry.sa().traffic().packets();
    }

    @Override
    public void moved(ChildSa child, Path path) {
        host.control().execute(() -> {
            Interfaces known = interfaces;
            if (known != null) {
                known.moved(child.config().name(), path, child.inUdp());
            }
        });
    }

    @Override
    public void remove(ChildSa child, SaParameters sa) {
        if (sa.spi() == child.inbound().spi()) {
            given.remove(sa.spi());
        }
        change(() -> {
            Interfaces known = interfaces;
            if (known != null) {
                known.remove(sa);
            }
            return () -> {};
        });
    }

    /** Its packets may wait in a socket's buffer while the message that ended it did not. */
    @Override
    public void retire(ChildSa child, SaParameters sa) {
        ike.endpoint().timers().after(ON_THE_WAY, () -> remove(child, sa));
    }

    @Override
    public void settled(Runnable done) {
        change(() -> () -> ike.execute(done));
    }

    /** @param next done on the control thread; what it returns, when packets see it */
    private void change(Supplier<Runnable> next) {
        changes.add(next);
        if (planned.compareAndSet(false, true)) {
            host.control().execute(this::doChanges);
        }
    }

    private void doChanges() {
        planned.set(false); // what comes from now on plans the next time
        List<Runnable> afterwards = new ArrayList<>();
        for (Supplier<Runnable> next = changes.poll(); next != null; next = changes.poll()) {
            afterwards.add(next.get());
        }
        Interfaces known = interfaces;
        if (known != null && !afterwards.isEmpty()) {
            known.settle();
        }
        afterwards.forEach(Runnable::run);
    }
}
