package org.ipsecif.daemon;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.Security;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.ipsecif.sa.Family;
import org.ipsecif.sa.IpAddress;
import org.jspecify.annotations.Nullable;

/**
 * Addresses of hosts, by the system's resolver: on threads where it may take its time. Who asks again within a few seconds gets the
 * same answer, and of several addresses the next.
 */
final class HostNames {
    /** What a host name stands for. */
    interface Lookup {
        List<IpAddress> addresses(String name) throws UnknownHostException;
    }

    /** For which an answer is kept, so that nobody who fails fast asks a name server all the time. */
    static final long KEPT_NANOS = 5_000_000_000L;

    private static final class Answer {
        final List<IpAddress> addresses;
        final long atNanos;
        int given;

        Answer(List<IpAddress> addresses, long atNanos, int given) {
            this.addresses = addresses;
            this.atNanos = atNanos;
            this.given = given;
        }
    }

    private final Lookup lookup;
    private final Executor executor;
    private final LongSupplier clock;
    private final Map<String, Answer> answers = new HashMap<>();

    /** @param executor where the look-up waits for its answer */
    HostNames(Lookup lookup, Executor executor, LongSupplier clock) {
        this.lookup = lookup;
        this.executor = executor;
        this.clock = clock;
    }

    /** The system's, without the JVM's cache, which would keep what failed and what has changed. */
    static List<IpAddress> system(String name) throws UnknownHostException {
        Security.setProperty("networkaddress.cache.ttl", "0");
        Security.setProperty("networkaddress.cache.negative.ttl", "0");
        return Arrays.stream(InetAddress.getAllByName(name))
                .map(each -> IpAddress.ofBytes(each.getAddress()))
                .toList();
    }

    /** @param done called on any thread, with null if no such address is known */
    void resolve(String name, Family family, Consumer<@Nullable IpAddress> done) {
        try {
            executor.execute(() -> done.accept(next(name, family)));
        } catch (RejectedExecutionException e) {
            done.accept(null); // the daemon is ending
        }
    }

    private @Nullable IpAddress next(String name, Family family) {
        Answer known = known(name);
        if (known == null) {
            known = ask(name);
        }
        List<IpAddress> suitable =
                known.addresses.stream().filter(each -> each.family() == family).toList();
        synchronized (this) {
            return suitable.isEmpty() ? null : suitable.get(known.given++ % suitable.size());
        }
    }

    private synchronized @Nullable Answer known(String name) {
        Answer known = answers.get(name);
        return known != null && clock.getAsLong() - known.atNanos < KEPT_NANOS ? known : null;
    }

    private Answer ask(String name) {
        List<IpAddress> addresses;
        try {
            addresses = lookup.addresses(name);
        } catch (UnknownHostException e) {
            addresses = List.of();
        }
        synchronized (this) {
            Answer before = answers.get(name);
            Answer answer = new Answer(addresses, clock.getAsLong(), before == null ? 0 : before.given);
            answers.put(name, answer);
            return answer;
        }
    }

    /** Whether the last answer was that there is no address. */
    synchronized boolean isUnknown(String name) {
        Answer known = answers.get(name);
        return known != null && known.addresses.isEmpty();
    }
}
