package org.ipsecif.control;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Where the daemon and its commands meet. */
public final class ControlSocket {
    /** Of {@link #DEFAULT_PATH}. hier(7): empty after a boot. */
    public static final Path DEFAULT_DIRECTORY = Path.of("/var/run/ipsecif");

    public static final Path DEFAULT_PATH = DEFAULT_DIRECTORY.resolve("ipsecif.sock");

    /** {@code sun_path} less the NUL: unix(4) of FreeBSD has 104, unix(7) of Linux 108. */
    static final int MAX_PATH = 103;

    /** Bytes of the longest request. */
    static final int MAX_LINE = 4 << 20;

    /** Bytes of the longest answer that is read: thousands of interfaces in all their detail. */
    static final int MAX_ANSWER = 64 << 20;

    private ControlSocket() {}

    static void checkPath(Path path) throws IOException {
        if (path.toString().getBytes(StandardCharsets.UTF_8).length > MAX_PATH) {
            throw new IOException("the socket's path is longer than " + MAX_PATH + " bytes: " + path);
        }
    }
}
