package org.ipsecif.daemon;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.ipsecif.sa.SecurityPolicy;
import org.jspecify.annotations.Nullable;

/**
 * {@code --state-dir}: what must survive a crash, so that the next start finds and removes this daemon's own entries in
 * the kernel. Holds a lock while open, so that two daemons never share one.
 */
final class StateDirectory implements AutoCloseable {
    private static final String INTERFACES = "interfaces.json";
    private static final String LOCK = "lock";
    private static final String PID = "ipsecifd.pid";

    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * The tags of one interface's kernel entries.
     *
     * @param reqid unsigned
     * @param ifId unsigned
     * @param ifIndex of its device; 0 if it is not known yet
     * @param policies the entries that no if_id marks, a line each: see {@link RecordedPolicies}
     */
    record Entry(
            String name,
            long reqid,
            long ifId,
            int ifIndex,
            @Nullable List<String> policies) {
        /** @param policies null in the record of a version that made none of that kind */
        Entry {
            policies = policies == null ? List.of() : List.copyOf(policies);
        }

        /** Of an interface all of whose entries have its if_id. */
        Entry(String name, long reqid, long ifId) {
            this(name, reqid, ifId, 0, List.of());
        }

        /**
         * Of an interface with these policies: while they change, those before and those after together.
         *
         * @param ids reqid and if_id
         */
        static Entry of(String name, int ids, int ifIndex, List<SecurityPolicy> policies) {
            long unsigned = Integer.toUnsignedLong(ids);
            return new Entry(name, unsigned, unsigned, ifIndex, RecordedPolicies.linesFor(policies));
        }

        boolean records(String line) {
            return policies != null && policies.contains(line);
        }
    }

    private record Contents(List<Entry> interfaces) {}

    private final Path directory;
    private final FileChannel lockChannel;
    private final FileLock lock;

    private StateDirectory(Path directory, FileChannel lockChannel, FileLock lock) {
        this.directory = directory;
        this.lockChannel = lockChannel;
        this.lock = lock;
    }

    /** Makes the directory (mode 0700) if need be, and locks it. @throws IOException with a message for the user */
    static StateDirectory open(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            Files.createDirectories(directory);
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
        }
        FileChannel channel =
                FileChannel.open(directory.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = tryLock(channel);
        if (lock == null) {
            channel.close();
            throw new IOException("another ipsecifd uses the state directory " + directory + " (see --state-dir)");
        }
        Files.writeString(directory.resolve(PID), ProcessHandle.current().pid() + "\n");
        return new StateDirectory(directory, channel, lock);
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }

    /** What the last daemon recorded and did not clear. */
    List<Entry> read() throws IOException {
        try {
            return JSON.readValue(Files.readString(directory.resolve(INTERFACES)), Contents.class)
                    .interfaces();
        } catch (NoSuchFileException e) {
            return List.of();
        }
    }

    /** Replaces the record; atomically, since a crash may come at any time. */
    void write(List<Entry> entries) throws IOException {
        Path next = directory.resolve(INTERFACES + ".new");
        Files.writeString(next, JSON.writeValueAsString(new Contents(entries)));
        Files.move(next, directory.resolve(INTERFACES), StandardCopyOption.ATOMIC_MOVE);
    }

    /**
     * Removes the record, unless some of what it tells of stays in the kernel, and gives up the lock, whose empty file stays: removing
     * it would race with the next daemon.
     */
    @Override
    public void close() throws IOException {
        if (read().isEmpty()) {
            Files.deleteIfExists(directory.resolve(INTERFACES));
        }
        Files.deleteIfExists(directory.resolve(PID));
        lock.release();
        lockChannel.close();
    }
}
