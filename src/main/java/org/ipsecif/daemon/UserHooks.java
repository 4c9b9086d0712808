package org.ipsecif.daemon;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The executables of a directory, run in the order of their names after an interface and its policies were made, changed or removed. They
 * run one after another on a thread of their own: neither packets nor the control thread wait for them.
 */
final class UserHooks implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(UserHooks.class);
    private static final int MOST_QUEUED = 4_096;
    private static final Set<PosixFilePermission> OTHERS_MAY_WRITE =
            Set.of(PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE);

    private final Path directory;
    private final long limitMillis;
    private final ThreadPoolExecutor executor;

    /** Files that were refused, each said once; the hooks' thread only. */
    private final Set<String> refused = new HashSet<>();

    /**
     * @param directory need not exist
     * @param limitMillis that each executable may take
     */
    UserHooks(Path directory, long limitMillis) {
        this.directory = directory;
        this.limitMillis = limitMillis;
        executor = new ThreadPoolExecutor(
                1,
                1,
                0,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(MOST_QUEUED),
                UserHooks::thread,
                UserHooks::overflow);
    }

    private static Thread thread(Runnable task) {
        Thread thread = new Thread(task, "hooks");
        thread.setDaemon(true);
        return thread;
    }

    private static void overflow(Runnable task, ThreadPoolExecutor pool) {
        if (!pool.isShutdown()) {
            LOG.warn("hooks: {} runs wait already; one is left out", MOST_QUEUED);
        }
    }

    /** Queues a run; returns at once. */
    void run(Map<String, String> facts) {
        if (Files.exists(directory)) {
            executor.execute(() -> runAll(facts));
        }
    }

    private void runAll(Map<String, String> facts) {
        try {
            if (mayRun(directory)) {
                for (Path each : executables()) {
                    if (mayRun(each)) {
                        runOne(each, facts);
                    }
                }
            }
        } catch (IOException e) {
            LOG.warn("hooks: {}", e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the daemon ends
        }
    }

    private List<Path> executables() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(Files::isRegularFile)
                    .filter(Files::isExecutable)
                    .sorted()
                    .toList();
        }
    }

    private boolean mayRun(Path path) throws IOException {
        String problem = problem(path);
        if (problem == null) {
            refused.remove(path.toString());
            return true;
        }
        if (refused.add(path.toString())) {
            LOG.error("hooks: {} is not run: {}", path, problem);
        }
        return false;
    }

    /** Whoever could write there would run as the daemon. Null if nobody else can. */
    private static @Nullable String problem(Path path) throws IOException {
        PosixFileAttributes attributes = Files.readAttributes(path.toRealPath(), PosixFileAttributes.class);
        String owner = attributes.owner().getName();
        Set<PosixFilePermission> loose = new HashSet<>(attributes.permissions());
        loose.retainAll(OTHERS_MAY_WRITE);
        if (!loose.isEmpty()) {
            return "others than its owner may write to it (chmod go-w)";
        }
        return owner.equals("root") || owner.equals(System.getProperty("user.name"))
                ? null
                : "it belongs to " + owner + ", neither root nor the daemon's user";
    }

    private void runOne(Path executable, Map<String, String> facts) throws InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(executable.toString())
                .directory(new File("/"))
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD);
        Map<String, String> environment = builder.environment();
        String path = environment.getOrDefault("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
        environment.clear();
        environment.put("PATH", path);
        environment.putAll(facts);
        String what = facts.get(HookFacts.EVENT) + " " + facts.get(HookFacts.INTERFACE);
        try {
            await(builder.start(), executable, what);
        } catch (IOException e) {
            LOG.warn("hook {}: {}", executable, e.getMessage());
        }
    }

    private void await(Process process, Path executable, String what) throws InterruptedException {
        try {
            if (!process.waitFor(limitMillis, TimeUnit.MILLISECONDS)) {
                LOG.warn("hook {}: more than {} ms for {}; killed", executable, limitMillis, what);
            } else if (process.exitValue() != 0) {
                LOG.warn("hook {}: exit status {} for {}", executable, process.exitValue(), what);
            }
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    /** Lets what is queued run for as long as one executable may take. */
    @Override
    public void close() {
        executor.shutdown();
        try {
            if (!executor.awaitTermination(limitMillis, TimeUnit.MILLISECONDS)) {
                LOG.warn("hooks: {} runs are left out", executor.shutdownNow().size());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
