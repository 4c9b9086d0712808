package org.ipsecif.daemon.freebsd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.ipsecif.config.ConfigException;
import org.ipsecif.daemon.RunningDaemon;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** kernel-spd where there is one way to the kernel's SPD. */
class SpdWayTest {
    private static final String REFUSED = "kernel-spd: FreeBSD's SPD is reached by pfkey alone, not by xfrm";

    @TempDir
    private Path directory;

    private TwoHosts.End end;
    private Path conf;

    @BeforeEach
    void setUp() throws Exception {
        end = new TwoHosts(directory).one;
        conf = end.directory.resolve("ipsecif.conf");
    }

    @Test
    void startWithAnotherWayIsRefusedWithItsPlace() throws Exception {
        Files.writeString(conf, "# how\nkernel-spd = xfrm\n");
        Exception refused = assertThrows(ConfigException.class, () -> end.start(end.manualRcConf()));
        assertEquals(conf + ":2: " + REFUSED, refused.getMessage());
        assertEquals(0, end.process.openDescriptors());
    }

    @Test
    void soIsAReloadWhichThenChangesNothing() throws Exception {
        Files.writeString(conf, "\n");
        try (RunningDaemon daemon = end.start(end.manualRcConf())) {
            Files.writeString(conf, "kernel-spd = xfrm\n");
            IOException refused = assertThrows(IOException.class, () -> daemon.reload(""));
            assertTrue(String.valueOf(refused.getMessage()).contains(conf + ":1: " + REFUSED), refused.getMessage());
            assertTrue(end.host.interfaceNames().contains("ipsec0"));
        }
    }

    @Test
    void sayingTheOnlyWayIsNoChange() throws Exception {
        Files.writeString(conf, "\n");
        try (RunningDaemon daemon = end.start(end.manualRcConf())) {
            Files.writeString(conf, "kernel-spd = pfkey\n");
            assertEquals(0, daemon.call("reload", "{}").get("changes").size());
        }
    }
}
