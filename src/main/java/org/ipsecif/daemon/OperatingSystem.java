package org.ipsecif.daemon;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.ipsecif.config.ConfigException;
import org.ipsecif.config.Configuration;
import org.ipsecif.config.GivenSpdAccess;
import org.ipsecif.config.SpdAccess;
import org.ipsecif.platform.OffloadSettings;
import org.ipsecif.platform.Platform;
import org.ipsecif.platform.freebsd.FreeBsdPlatform;
import org.ipsecif.platform.linux.LinuxPlatform;
import org.ipsecif.platform.linux.LinuxSpd;

/** The one place that asks which operating system this is. */
enum OperatingSystem {
    LINUX(List.of(Path.of("/etc/ipsecif/rc.conf")), Path.of("/etc/ipsecif"), Path.of("/var/run/ipsecif")) {
        @Override
        SpdAccess spdAccess(Configuration configuration) {
            GivenSpdAccess given = configuration.kernelSpd();
            return given == null ? SpdAccess.XFRM : given.access();
        }

        @Override
        Platform open(OffloadSettings offloads, SpdAccess spd, Path stateDirectory) {
            return new LinuxPlatform(offloads, spd == SpdAccess.PFKEY ? LinuxSpd.PFKEY : LinuxSpd.XFRM);
        }
    },
    FREEBSD(
            List.of(Path.of("/etc/rc.conf"), Path.of("/etc/rc.conf.local"), Path.of("/etc/rc.conf.d/ipsecif")),
            Path.of("/usr/local/etc/ipsecif"),
            Path.of("/var/db/ipsecif")) {
        @Override
        SpdAccess spdAccess(Configuration configuration) throws ConfigException {
            GivenSpdAccess given = configuration.kernelSpd();
            if (given != null && given.access() != SpdAccess.PFKEY) {
                throw given.error("FreeBSD's SPD is reached by pfkey alone, not by "
                        + given.access().word());
            }
            return SpdAccess.PFKEY;
        }

        @Override
        Platform open(OffloadSettings offloads, SpdAccess spd, Path stateDirectory) {
            return FreeBsdPlatform.open(offloads, stateDirectory);
        }
    };

    private final List<Path> rcConfs;
    private final Path configuration;
    private final Path state;

    /**
     * hier(7), or the Filesystem Hierarchy Standard.
     *
     * @param configuration directory of what else is configured
     * @param state directory of what outlives the daemon
     */
    OperatingSystem(List<Path> rcConfs, Path configuration, Path state) {
        this.rcConfs = rcConfs;
        this.configuration = configuration;
        this.state = state;
    }

    /** Where executables to run after changes of interfaces are, unless the command line says otherwise. */
    Path hooks() {
        return configuration.resolve("hooks.d");
    }

    /** Where ipsecif.conf is, if there is one and the command line names no file at all. */
    Path conf() {
        return configuration.resolve("ipsecif.conf");
    }

    /** Where the daemon keeps its records, unless the command line says otherwise. */
    Path state() {
        return state;
    }

    /** Where rc.conf entries are looked for when the command line names no file. */
    List<Path> rcConfs() {
        return rcConfs;
    }

    /** As templates name it. */
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * The way to the kernel's SPD that the files choose, or the system's own if they say none.
     *
     * @throws ConfigException with its place if the system does not have that one
     */
    abstract SpdAccess spdAccess(Configuration configuration) throws ConfigException;

    /**
     * Asks nothing of the kernel yet.
     *
     * @param spd the way to the kernel's, as {@link #spdAccess} has it
     * @param stateDirectory of the daemon
     */
    abstract Platform open(OffloadSettings offloads, SpdAccess spd, Path stateDirectory);

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
