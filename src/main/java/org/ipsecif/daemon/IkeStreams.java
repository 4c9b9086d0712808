package org.ipsecif.daemon;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.ipsecif.control.DaemonControl.RefusedException;
import org.ipsecif.control.IkeEvent;
import org.ipsecif.control.IkeEventBatch;
import org.ipsecif.ike.Path;
import org.ipsecif.sa.TunnelEndpoints;
import org.jspecify.annotations.Nullable;

/**
 * Who follows IKE's events, or its messages. What nobody follows is not made; a reader that stays away for half a minute follows no
 * more. Any thread.
 */
final class IkeStreams {
    static final int MOST = 16;
    static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(30);

    /**
     * What a reader wants.
     *
     * @param trace messages rather than events
     * @param name of an interface, or null for all
     * @param endpoints of the interface, whose messages may come before anybody knows that they are its; or null
     */
    record Wish(
            boolean trace, @Nullable String name, @Nullable TunnelEndpoints endpoints) {
        boolean fits(String peer) {
            return name == null || name.equals(peer);
        }

        boolean fits(String peer, Path path) {
            return fits(peer)
                    || (endpoints != null
                            && endpoints.local().equals(path.local())
                            && endpoints.remote().equals(path.remote()));
        }
    }

    private static final class Reader {
        final Wish wish;
        final IkeStream stream = new IkeStream();
        long askedNanos;
        boolean asking;

        Reader(Wish wish, long now) {
            this.wish = wish;
            this.askedNanos = now;
        }

        boolean isGone(long now) {
            return !asking && now - askedNanos > IDLE_NANOS;
        }
    }

    private final LongSupplier clock;
    private final Map<String, Reader> readers = new LinkedHashMap<>();
    private long opened;

    /** So that what is not followed costs a look. */
    private volatile boolean followed;

    /** @param clock monotonic, nanoseconds */
    IkeStreams(LongSupplier clock) {
        this.clock = clock;
    }

    private void dropGone() {
        long now = clock.getAsLong();
        readers.values().removeIf(each -> each.isGone(now));
        followed = !readers.isEmpty();
    }

    /** @return the stream's name */
    synchronized String open(Wish wish) throws RefusedException {
        dropGone();
        if (readers.size() >= MOST) {
            throw new RefusedException(MOST + " others follow IKE already");
        }
        String name = Long.toString(++opened);
        readers.put(name, new Reader(wish, clock.getAsLong()));
        followed = true;
        return name;
    }

    /** What has come since the last call. @param millis to wait for something to come */
    IkeEventBatch next(String name, long millis) throws RefusedException, InterruptedException {
        Reader reader = find(name);
        try {
            return reader.stream.take(millis);
        } finally {
            synchronized (this) {
                reader.asking = false;
                reader.askedNanos = clock.getAsLong();
            }
        }
    }

    private synchronized Reader find(String name) throws RefusedException {
        dropGone();
        Reader reader = readers.get(name);
        if (reader == null) {
            throw new RefusedException("there is no stream " + name + ", or nobody asked for its events for too long");
        }
        if (reader.asking) {
            throw new RefusedException("somebody waits for stream " + name + " already");
        }
        reader.asking = true;
        return reader;
    }

    /** Hands an event to those who want it. */
    void event(IkeEvent event) {
        if (followed) {
            synchronized (this) {
                dropGone();
                readers.values().stream()
                        .filter(each -> !each.wish.trace && each.wish.fits(event.peer()))
                        .forEach(each -> each.stream.add(event));
            }
        }
    }

    /** Hands a message to those who want it. @param event made only if somebody does */
    void message(String peer, Path path, Supplier<IkeEvent> event) {
        if (followed) {
            synchronized (this) {
                dropGone();
                List<Reader> wanted = readers.values().stream()
                        .filter(each -> each.wish.trace && each.wish.fits(peer, path))
                        .toList();
                if (!wanted.isEmpty()) {
                    IkeEvent made = event.get();
                    wanted.forEach(each -> each.stream.add(made));
                }
            }
        }
    }
}
