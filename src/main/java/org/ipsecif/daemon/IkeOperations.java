package org.ipsecif.daemon;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.ipsecif.config.InterfaceConfig;
import org.ipsecif.control.DaemonControl.RefusedException;
import org.ipsecif.control.IkeControl;
import org.ipsecif.control.IkeEvent;
import org.ipsecif.control.IkeEventBatch;
import org.ipsecif.control.IkeKeyFile;
import org.ipsecif.control.IkeSaStatus;
import org.ipsecif.crypto.WiresharkTable;
import org.ipsecif.ike.Attempt;
import org.ipsecif.ike.ChildStatus;
import org.ipsecif.ike.IkeEndpoint;
import org.ipsecif.ike.IkeStatus;
import org.ipsecif.sa.Family;
import org.ipsecif.sa.SaParameters;
import org.jspecify.annotations.Nullable;

/** The commands of the control protocol about IKE. On the connections' threads: what waits here holds up nobody else. */
final class IkeOperations implements IkeControl {
    /** What is not told as an event is seen after so long. */
    private static final long POLL_MILLIS = 200;

    private final Host host;
    private final InterfaceRegistry registry;
    private final IkeService ike;
    private final IkeJournal journal;
    private final IkeReport report;

    IkeOperations(Host host, InterfaceRegistry registry) {
        this.host = host;
        this.registry = registry;
        this.ike = host.ike();
        this.journal = ike.events().journal();
        this.report = new IkeReport(host);
    }

    /** What there is, as its callers saw it. */
    List<IkeStatus> snapshot(@Nullable String name) throws RefusedException {
        return ike.snapshot(name);
    }

    IkeReport report() {
        return report;
    }

    private <T> T onControlThread(Callable<T> task) throws RefusedException {
        try {
            return host.control().call(task);
        } catch (RefusedException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private InterfaceConfig require(String name) throws RefusedException {
        return onControlThread(() -> registry.require(name).config());
    }

    private InterfaceConfig requireKeyed(String name) throws RefusedException {
        InterfaceConfig config = require(name);
        if (!config.ike().isUsed()) {
            throw new RefusedException(name + ": IKE does not key it");
        }
        return config;
    }

    @Override
    public List<IkeSaStatus> list(@Nullable String name) throws RefusedException {
        if (name != null) {
            require(name);
        }
        List<IkeStatus> snapshot = ike.snapshot(name);
        return onControlThread(() -> report.of(snapshot));
    }

    @Override
    public void up(String name, int seconds) throws RefusedException {
        InterfaceConfig config = requireKeyed(name);
        if (!config.up() || config.tunnel() == null) {
            throw new RefusedException(name + ": " + (config.up() ? "no tunnel endpoints" : "it is down"));
        }
        long since = journal.last();
        if (!ike.call(() -> ike.endpoint().complete(name), false)) {
            IkeEvent last = journal.lastOf(name, IkeEvent.WARNING, 0);
            throw new RefusedException(
                    name + ": " + (last == null ? "the peer has no address here; it has to connect" : last.text()));
        }
        await(name, seconds, since, seen -> seen.complete, seen -> seen.problem);
    }

    @Override
    public void down(String name) throws RefusedException {
        requireKeyed(name);
        ike.call(
                () -> {
                    ike.endpoint().disconnect(name);
                    return true;
                },
                true);
    }

    @Override
    public void rekey(String name, @Nullable String what, int seconds) throws RefusedException {
        if (what != null && !what.equals("ike") && !what.equals("child")) {
            throw new RefusedException("rekey " + what + ": expected ike or child");
        }
        requireKeyed(name);
        if (!"child".equals(what)) {
            rekeyIke(name, seconds);
        }
        if (!"ike".equals(what)) {
            rekeyChildren(name, seconds);
        }
    }

    private void rekeyIke(String name, int seconds) throws RefusedException {
        long since = journal.last();
        Set<Long> before = established(ike.snapshot(name));
        Attempt attempt = new Attempt();
        if (!ike.call(() -> ike.endpoint().rekeyIke(name, attempt), false)) {
            throw new RefusedException(name + ": no IKE SA");
        }
        await(name, seconds, since, seen -> isReplaced(before, established(seen.all)), seen -> attempt.problem());
    }

    private void rekeyChildren(String name, int seconds) throws RefusedException {
        long since = journal.last();
        Set<Integer> before = active(ike.snapshot(name));
        Attempt attempt = new Attempt();
        if (!ike.call(() -> ike.endpoint().rekeyChildren(name, attempt), false)) {
            throw new RefusedException(name + ": no CHILD_SA");
        }
        await(name, seconds, since, seen -> isReplaced(before, active(seen.all)), seen -> attempt.problem());
    }

    private static <T> boolean isReplaced(Set<T> before, Set<T> now) {
        Set<T> left = new HashSet<>(now);
        left.retainAll(before);
        return left.isEmpty() && !now.isEmpty();
    }

    private static Set<Long> established(List<IkeStatus> all) {
        return all.stream()
                .filter(IkeStatus::isEstablished)
                .map(IkeStatus::initiatorSpi)
                .collect(Collectors.toSet());
    }

    private static Set<Integer> active(List<IkeStatus> all) {
        return all.stream()
                .flatMap(sa -> sa.children().stream())
                .filter(ChildStatus::isActive)
                .map(ChildStatus::inboundSpi)
                .collect(Collectors.toSet());
    }

    /**
     * What there is, at one moment.
     *
     * @param complete whether all is there that is configured, and not refused
     * @param problem why something that was asked for is missing
     */
    private record Seen(
            List<IkeStatus> all, boolean complete, @Nullable String problem) {}

    private Seen look(String name) throws RefusedException {
        IkeEndpoint endpoint = ike.endpoint();
        return ike.call(
                () -> new Seen(endpoint.snapshot(name), endpoint.isComplete(name), endpoint.problem(name)),
                new Seen(List.of(), false, null));
    }

    /**
     * Until it is so; else says why not, in the log's words.
     *
     * @param failure of what was asked for, and of nothing else
     */
    private void await(
            String name, int seconds, long since, Predicate<Seen> done, Function<Seen, @Nullable String> failure)
            throws RefusedException {
        long end = host.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        while (true) {
            long last = journal.last();
            Seen seen = look(name);
            if (done.test(seen)) {
                return;
            }
            boolean gone = seen.all.stream().noneMatch(sa -> sa.isConnecting() || sa.isEstablished());
            String problem = gone ? end(name, since) : failure.apply(seen);
            long left = TimeUnit.NANOSECONDS.toMillis(end - host.nanoTime());
            if (problem == null && left <= 0) {
                IkeEvent event = journal.lastOf(name, null, since);
                problem = "not within " + seconds + " s" + (event == null ? "" : "; " + event.text());
            }
            if (problem != null) {
                throw new RefusedException(name + ": " + problem);
            }
            awaitEvent(last, Math.min(left, POLL_MILLIS));
        }
    }

    /** Why there is no IKE SA any more. */
    private String end(String name, long since) {
        IkeEvent warning = journal.lastOf(name, IkeEvent.WARNING, since);
        return warning == null ? "the IKE SA is gone" : warning.text();
    }

    private void awaitEvent(long seen, long millis) throws RefusedException {
        try {
            journal.await(seen, Math.max(1, millis));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RefusedException("interrupted");
        }
    }

    @Override
    public List<IkeEvent> log(@Nullable String name, int most) throws RefusedException {
        if (name != null) {
            require(name);
        }
        return journal.events(name, most);
    }

    @Override
    public String follow(boolean trace, @Nullable String name) throws RefusedException {
        InterfaceConfig config = name == null ? null : trace ? requireKeyed(name) : require(name);
        return ike.events().streams().open(new IkeStreams.Wish(trace, name, config == null ? null : config.tunnel()));
    }

    @Override
    public IkeEventBatch next(String stream, int seconds) throws RefusedException {
        try {
            return ike.events().streams().next(stream, TimeUnit.SECONDS.toMillis(seconds));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RefusedException("interrupted");
        }
    }

    @Override
    public IkeKeyFile keys(String name, String table, String file) throws RefusedException {
        InterfaceConfig config = require(name);
        List<Optional<byte[]>> lines = switch (table) {
            case "ike" -> ike.call(() -> ike.endpoint().keyTable(name), List.of());
            case "esp" -> onControlThread(() -> espTable(config.reqid()));
            default -> throw new RefusedException("keys " + table + ": expected ike or esp");
        };
        List<byte[]> known = lines.stream().flatMap(Optional::stream).toList();
        try {
            return write(name, path(file), known, lines.size() - known.size());
        } finally {
            known.forEach(line -> Arrays.fill(line, (byte) 0));
        }
    }

    private IkeKeyFile write(String name, Path file, List<byte[]> known, int unknown) throws RefusedException {
        if (known.isEmpty()) {
            throw new RefusedException(
                    name + ": " + (unknown == 0 ? "no SA" : "Wireshark has no name for its algorithms"));
        }
        PrivateOutput.write(file, known);
        ike.events().warn(name, "keys of " + known.size() + " SAs were written to " + file);
        return new IkeKeyFile(known.size(), unknown);
    }

    private static Path path(String file) throws RefusedException {
        try {
            return Path.of(file);
        } catch (InvalidPathException e) {
            throw new RefusedException("the file's name has a NUL byte");
        }
    }

    private List<Optional<byte[]>> espTable(int reqid) {
        List<Optional<byte[]>> lines = new ArrayList<>();
        host.sad().select(sa -> sa.reqid() == reqid).forEach(sa -> lines.add(espLine(sa.parameters())));
        return lines;
    }

    private static Optional<byte[]> espLine(SaParameters sa) {
        return WiresharkTable.esp(
                sa.source().family() == Family.INET ? "IPv4" : "IPv6",
                sa.source().toString(),
                sa.destination().toString(),
                sa.spi(),
                sa.encryption(),
                sa.encryptionKey(),
                sa.integrity(),
                sa.integrityKey());
    }
}
