package org.ipsecif.platform.freebsd;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.OptionalInt;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The record of a tun(4) device that is being made and has not got its interface's name yet, for a daemon that dies meanwhile: a file in
 * the state directory, one line, the identity of the boot and N of {@code tunN}. It is written before the device is made. Control thread
 * only.
 */
final class NamelessTun {
    private static final Logger LOG = LoggerFactory.getLogger(NamelessTun.class);
    private static final String FILE = "tun-nameless";
    private static final Pattern LINE = Pattern.compile("([0-9a-f]+) ([0-9]{1,5})\n");

    private final Path file;
    private final Supplier<String> boot;

    /** @param boot {@link BootIdentity}; without one nothing is recorded */
    NamelessTun(Path stateDirectory, Supplier<String> boot) {
        file = stateDirectory.resolve(FILE);
        this.boot = boot;
    }

    /** Without a record all works, but a crash leaves the device: so a failure is only told. */
    void record(int unit) {
        String now = boot.get();
        if (now.isEmpty()) {
            return;
        }
        Path next = file.resolveSibling(FILE + ".new");
        try {
            Files.writeString(next, now + " " + unit + "\n");
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            LOG.warn("{}: not written, so a crash now leaves tun{}: {}", file, unit, e.toString());
        }
    }

    /** N of the device that a daemon of this boot was making; empty if there is none. */
    OptionalInt recorded() {
        try {
            Matcher line = LINE.matcher(Files.readString(file));
            if (line.matches() && line.group(1).equals(boot.get())) {
                return OptionalInt.of(Integer.parseInt(line.group(2)));
            }
        } catch (NoSuchFileException | CharacterCodingException e) {
            return OptionalInt.empty();
        } catch (IOException e) {
            LOG.warn("{}: not read: {}", file, e.toString());
        }
        return OptionalInt.empty();
    }

    void clear() {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            LOG.warn("{}: not removed: {}", file, e.toString());
        }
    }
}
