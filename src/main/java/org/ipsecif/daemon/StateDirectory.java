package org.ipsecif.daemon;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.ipsecif.platform.Platform;
import org.ipsecif.sa.InnerAddress;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code --state-dir}: what must survive a crash, so that the next start takes over or removes this daemon's own interfaces and
 * entries in the kernel. Holds a lock while open, so that two daemons never share one.
 */
final class StateDirectory implements AutoCloseable {
    private static final String INTERFACES = "interfaces.json";
    private static final String SEQUENCES = "sequences.json";
    private static final String LOCK = "lock";
    private static final String PID = "ipsecifd.pid";

    private static final Logger LOG = LoggerFactory.getLogger(StateDirectory.class);
    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * One interface: the tags of its kernel entries, and what of its device is this daemon's.
     *
     * @param reqid unsigned
     * @param ifId unsigned
     * @param ifIndex of its device; 0 if it is not known yet
     * @param policies the entries that no if_id marks, a line each: see {@link RecordedPolicies}
     * @param made whether the device is this daemon's to remove
     * @param addresses those that this daemon gave it, as {@link InnerAddress#toString()} has them
     */
    record Entry(
            String name,
            long reqid,
            long ifId,
            int ifIndex,
            @Nullable List<String> policies,
            boolean made,
            @Nullable List<String> addresses) {
        /** Lists are null in the record of a version that did not have them. */
        Entry {
            policies = policies == null ? List.of() : List.copyOf(policies);
            addresses = addresses == null ? List.of() : List.copyOf(addresses);
        }

        /** Of an interface all of whose entries have its if_id. */
        Entry(String name, long reqid, long ifId) {
            this(name, reqid, ifId, 0, List.of(), false, List.of());
        }

        /**
         * Of an interface with these entries in the kernel: while they change, those before and those after together.
         *
         * @param ids reqid and if_id
         * @param lines as {@link KernelSpd#lines}
         */
        static Entry of(String name, int ids, int ifIndex, List<String> lines) {
            long unsigned = Integer.toUnsignedLong(ids);
            return new Entry(name, unsigned, unsigned, ifIndex, lines, false, List.of());
        }

        Entry withDevice(boolean isMade, Collection<InnerAddress> given) {
            List<String> words = given.stream().map(InnerAddress::toString).toList();
            return new Entry(name, reqid, ifId, ifIndex, policies, isMade, words);
        }

        /** Whether whoever reads this one knows all that {@code other} tells, but perhaps the device's index. */
        boolean covers(Entry other) {
            return name.equals(other.name)
                    && reqid == other.reqid
                    && ifId == other.ifId
                    && made == other.made
                    && containsAll(policies, other.policies)
                    && containsAll(addresses, other.addresses);
        }

        private static boolean containsAll(@Nullable List<String> lines, @Nullable List<String> others) {
            return others == null || (lines != null && lines.containsAll(others));
        }

        boolean gave(InnerAddress address) {
            return addresses != null && addresses.contains(address.toString());
        }

        boolean recordsPolicies() {
            return policies != null && !policies.isEmpty();
        }

        boolean records(String line) {
            return policies != null && policies.contains(line);
        }
    }

    /** @param boot {@link Platform#bootIdentity()} when it was written; null in the record of a version that did not have it */
    private record Contents(@Nullable String boot, @Nullable List<Entry> interfaces) {
        /** Unless one of the two is not known. */
        boolean isOfAnother(String now) {
            return boot != null && !boot.isEmpty() && !now.isEmpty() && !boot.equals(now);
        }
    }

    private record Numbers(@Nullable Map<String, Long> sequences) {}

    private final Path directory;
    private final String boot;
    private final FileChannel lockChannel;
    private final FileLock lock;

    private StateDirectory(Path directory, String boot, FileChannel lockChannel, FileLock lock) {
        this.directory = directory;
        this.boot = boot;
        this.lockChannel = lockChannel;
        this.lock = lock;
    }

    /**
     * Makes the directory (mode 0700) if need be, and locks it.
     *
     * @param boot {@link Platform#bootIdentity()}
     * @throws IOException with a message for the user
     */
    static StateDirectory open(Path directory, String boot) throws IOException {
        makePrivate(directory);
        FileChannel channel =
                FileChannel.open(directory.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = tryLock(channel);
        if (lock == null) {
            channel.close();
            throw new IOException("another ipsecifd uses the state directory " + directory + " (see --state-dir)");
        }
        Files.writeString(directory.resolve(PID), ProcessHandle.current().pid() + "\n");
        return new StateDirectory(directory, boot, channel, lock);
    }

    /** Makes a directory (mode 0700) unless there is one. */
    static void makePrivate(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            Files.createDirectories(directory);
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
        }
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }

    /**
     * What the last daemon recorded and did not clear. Nothing if the kernel was booted since: all that it made is gone, and what now has the
     * same name, index or words is somebody else's.
     */
    List<Entry> read() throws IOException {
        Contents contents = read(INTERFACES, Contents.class);
        if (contents == null || contents.interfaces() == null) {
            return List.of();
        }
        if (contents.isOfAnother(boot)) {
            LOG.info("{}: of before the host was booted; nothing of it is left", directory.resolve(INTERFACES));
            return List.of();
        }
        return contents.interfaces();
    }

    /** A record that a power failure has damaged is put aside: without it a daemon starts as on a host that has none of its own. */
    private <T> @Nullable T read(String name, Class<T> form) throws IOException {
        Path file = directory.resolve(name);
        try {
            T contents = JSON.readValue(Files.readString(file), form);
            if (contents != null) {
                return contents;
            }
        } catch (NoSuchFileException e) {
            return null;
        } catch (JsonProcessingException | CharacterCodingException e) {
            LOG.debug("{}: {}", file, e.getMessage());
        }
        Path aside = directory.resolve(name + ".damaged");
        Files.move(file, aside, StandardCopyOption.REPLACE_EXISTING);
        LOG.warn("{}: damaged, and put aside as {}; what an earlier run left in the kernel is not known", file, aside);
        return null;
    }

    /** Replaces the record. */
    void write(List<Entry> entries) throws IOException {
        replace(INTERFACES, JSON.writeValueAsString(new Contents(boot, entries)));
    }

    /** Atomically, since a crash may come at any time. */
    private void replace(String name, String text) throws IOException {
        Path next = directory.resolve(name + ".new");
        Files.writeString(next, text);
        Files.move(next, directory.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    }

    /** Nothing of this daemon's is left on the host. */
    void clear() throws IOException {
        Files.deleteIfExists(directory.resolve(INTERFACES));
    }

    /** What {@link #writeSequences} wrote last, by this or an earlier daemon. */
    Map<String, Long> readSequences() throws IOException {
        Numbers numbers = read(SEQUENCES, Numbers.class);
        return numbers == null || numbers.sequences() == null ? Map.of() : numbers.sequences();
    }

    void writeSequences(Map<String, Long> sequences) throws IOException {
        replace(SEQUENCES, JSON.writeValueAsString(new Numbers(sequences)));
    }

    /** Gives up the lock, whose empty file stays: removing it would race with the next daemon. So do the records. */
    @Override
    public void close() throws IOException {
        Files.deleteIfExists(directory.resolve(PID));
        lock.release();
        lockChannel.close();
    }
}
