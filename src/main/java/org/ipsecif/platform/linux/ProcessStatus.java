package org.ipsecif.platform.linux;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What the kernel says of a process in {@code /proc/PID/status} (proc(5)). */
final class ProcessStatus {
    private static final Path SELF = Path.of("/proc/self/status");
    private static final Pattern RESIDENT = Pattern.compile("VmRSS:\\s*([0-9]{1,15}) kB");
    private static final long KIB = 1024;

    private ProcessStatus() {}

    /** Bytes of this process in memory, or null where /proc is not mounted or hidden. */
    static @Nullable Long residentBytes() {
        try {
            return residentBytes(Files.readAllLines(SELF, StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            return null;
        }
    }

    static @Nullable Long residentBytes(List<String> lines) {
        for (String line : lines) {
            Matcher resident = RESIDENT.matcher(line);
            if (resident.matches()) {
                return Long.parseLong(resident.group(1)) * KIB;
            }
        }
        return null;
    }
}
