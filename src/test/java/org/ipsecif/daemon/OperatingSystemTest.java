package org.ipsecif.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.nio.file.Files;
import java.nio.file.Path;
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
}
