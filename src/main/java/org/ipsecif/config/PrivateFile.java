package org.ipsecif.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;

/** Files that hold keys: secrets, private keys, manual SAs. */
public final class PrivateFile {
    private static final Set<PosixFilePermission> OWNERS =
            Set.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE, PosixFilePermission.OWNER_EXECUTE);

    private PrivateFile() {}

    /**
     * All of a file that nobody but its owner (and root) may read or write. The caller wipes it.
     *
     * @param most bytes
     * @param content what is missed if it is empty: {@code secrets}
     * @throws ConfigException if it cannot be read, is longer, empty, or open to others
     */
    public static byte[] read(Path file, int most, String content) throws ConfigException {
        try {
            byte[] bytes = InputFile.read(file, most);
            String problem = bytes.length == 0
                    ? "empty: no " + content
                    : isOpenToOthers(file)
                            ? "holds keys and is open to others than its owner; chmod 600 " + file
                            : null;
            if (problem != null) {
                Arrays.fill(bytes, (byte) 0);
                throw new ConfigException(file.toString(), 0, null, problem);
            }
            return bytes;
        } catch (IOException e) {
            throw new ConfigException(file.toString(), 0, null, InputFile.reason(e));
        }
    }

    private static boolean isOpenToOthers(Path file) throws IOException {
        Set<PosixFilePermission> others = new HashSet<>(Files.getPosixFilePermissions(file));
        others.removeAll(OWNERS);
        return !others.isEmpty();
    }
}
