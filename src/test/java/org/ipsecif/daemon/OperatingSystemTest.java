package org.ipsecif.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.ipsecif.config.SpdAccess;
import org.ipsecif.platform.OffloadSettings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OperatingSystemTest {
    /** {@code ipsecifd --check} does so, for users who may do nothing else. */
    @Test
    void eachOpensItsPlatformWithoutAskingTheKernel(@TempDir Path directory) {
        OffloadSettings offloads = new OffloadSettings(true, true, true, true);
        Path state = directory.resolve("state");
        for (OperatingSystem each : OperatingSystem.values()) {
            assertEquals(each.word(), each.open(offloads, null, state).system());
        }
        assertFalse(Files.exists(state));
    }

    @Test
    void freeBsdRefusesAWayToTheSpdThatItDoesNotHave(@TempDir Path state) {
        UnsupportedOperationException refusal = assertThrows(
                UnsupportedOperationException.class,
                () -> OperatingSystem.FREEBSD.open(OffloadSettings.NONE, SpdAccess.XFRM, state));
        assertEquals("kernel-spd = xfrm: FreeBSD's SPD is reached by pfkey alone", refusal.getMessage());
        assertEquals(
                "freebsd",
                OperatingSystem.FREEBSD
                        .open(OffloadSettings.NONE, SpdAccess.PFKEY, state)
                        .system());
    }

    @Test
    void pathsAreThoseOfTheSystemsHierarchy() {
        assertEquals(Path.of("/var/db/ipsecif"), OperatingSystem.FREEBSD.state());
        assertEquals(Path.of("/usr/local/etc/ipsecif/ipsecif.conf"), OperatingSystem.FREEBSD.conf());
        assertEquals(Path.of("/usr/local/etc/ipsecif/hooks.d"), OperatingSystem.FREEBSD.hooks());
        assertEquals(
                List.of(Path.of("/etc/rc.conf"), Path.of("/etc/rc.conf.local"), Path.of("/etc/rc.conf.d/ipsecif")),
                OperatingSystem.FREEBSD.rcConfs());
        assertEquals(Path.of("/var/run/ipsecif"), OperatingSystem.LINUX.state());
        assertEquals(Path.of("/etc/ipsecif/ipsecif.conf"), OperatingSystem.LINUX.conf());
        assertEquals(Path.of("/etc/ipsecif/hooks.d"), OperatingSystem.LINUX.hooks());
    }
}
