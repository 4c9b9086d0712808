package org.ipsecif.daemon;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.ipsecif.platform.OffloadSettings;
import org.ipsecif.platform.Platform;
import org.ipsecif.platform.linux.LinuxPlatform;

/** The one place that asks which operating system this is. */
enum OperatingSystem {
    LINUX(List.of(Path.of("/etc/ipsecif/rc.conf")), Path.of("/etc/ipsecif/hooks.d")) {
        @Override
        Platform open(OffloadSettings offloads) {
            return new LinuxPlatform(offloads);
        }
    },
    FREEBSD(
            List.of(Path.of("/etc/rc.conf"), Path.of("/etc/rc.conf.local"), Path.of("/etc/rc.conf.d/ipsecif")),
            Path.of("/usr/local/etc/ipsecif/hooks.d")) {
        @Override
        Platform open(OffloadSettings offloads) {
            throw new UnsupportedOperationException("this version runs on Linux only; FreeBSD's part is not in it yet");
        }
    };

    private final List<Path> rcConfs;
    private final Path hooks;

    OperatingSystem(List<Path> rcConfs, Path hooks) {
        this.rcConfs = rcConfs;
        this.hooks = hooks;
    }

    /** Where executables to run after changes of interfaces are, unless the command line says otherwise. */
    Path hooks() {
        return hooks;
    }

    /** Where rc.conf entries are looked for when the command line names no file. */
    List<Path> rcConfs() {
        return rcConfs;
    }

    /** As templates name it. */
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    abstract Platform open(OffloadSettings offloads);

    /** The running one. @throws UnsupportedOperationException with words for the user on any other */
    static OperatingSystem current() {
        String name = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
        return switch (name) {
            case "linux" -> LINUX;
            case "freebsd" -> FREEBSD;
            default -> throw new UnsupportedOperationException("ipsecifd does not run on " + name);
        };
    }
}
