package org.ipsecif.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.ipsecif.config.ConfigException;
import org.ipsecif.config.Configuration;
import org.ipsecif.config.GivenSpdAccess;
import org.ipsecif.config.SpdAccess;
import org.ipsecif.platform.OffloadSettings;
import org.ipsecif.platform.Platform;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OperatingSystemTest {
    /** {@code ipsecifd --check} does so, for users who may do nothing else. */
    @Test
    void eachOpensItsPlatformWithoutAskingTheKernel(@TempDir Path directory) throws Exception {
        OffloadSettings offloads = new OffloadSettings(true, true, true, true);
        Path state = directory.resolve("state");
        for (OperatingSystem each : OperatingSystem.values()) {
            Platform platform = each.open(offloads, each.spdAccess(Configuration.NONE), state);
            assertEquals(each.word(), platform.system());
        }
        assertFalse(Files.exists(state));
    }

    @Test
    void freeBsdRefusesAWayToTheSpdThatItDoesNotHave() throws Exception {
        ConfigException refusal =
                assertThrows(ConfigException.class, () -> OperatingSystem.FREEBSD.spdAccess(choosing(SpdAccess.XFRM)));
        assertEquals(
                "ipsecif.conf:7: kernel-spd: FreeBSD's SPD is reached by pfkey alone, not by xfrm",
                refusal.getMessage());
        assertEquals(SpdAccess.PFKEY, OperatingSystem.FREEBSD.spdAccess(choosing(SpdAccess.PFKEY)));
        assertEquals(SpdAccess.PFKEY, OperatingSystem.FREEBSD.spdAccess(Configuration.NONE));
    }

    @Test
    void linuxHasBothAndXfrmUnlessTold() throws Exception {
        assertEquals(SpdAccess.XFRM, OperatingSystem.LINUX.spdAccess(choosing(SpdAccess.XFRM)));
        assertEquals(SpdAccess.PFKEY, OperatingSystem.LINUX.spdAccess(choosing(SpdAccess.PFKEY)));
        assertEquals(SpdAccess.XFRM, OperatingSystem.LINUX.spdAccess(Configuration.NONE));
    }

    private static Configuration choosing(SpdAccess access) {
        Configuration none = Configuration.NONE;
        return new Configuration(
                false,
                none.interfaces(),
                none.warnings(),
                none.adopt(),
                none.adopted(),
                none.dynamic(),
                new GivenSpdAccess(access, "ipsecif.conf", 7));
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
