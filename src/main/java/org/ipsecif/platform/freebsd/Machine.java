package org.ipsecif.platform.freebsd;

import java.nio.ByteOrder;
import java.util.List;
import java.util.Locale;
import org.ipsecif.platform.posix.LibC;

/** What the layouts of {@link Abi} hold on: all others would read and write the wrong bytes of the kernel's structures. */
final class Machine {
    private static final List<String> KNOWN = List.of("amd64", "x86_64", "aarch64", "arm64");

    private Machine() {}

    /** @throws UnsupportedOperationException with words for the user, if this is another */
    static void requireKnown() {
        requireKnown(System.getProperty("os.arch", ""), ByteOrder.nativeOrder(), LibC.RUNTIME.addressSize());
    }

    /**
     * @param architecture as Java names it
     * @param pointer bytes
     */
    static void requireKnown(String architecture, ByteOrder order, int pointer) {
        boolean known = KNOWN.contains(architecture.toLowerCase(Locale.ROOT));
        if (!known || pointer != 8 || order != ByteOrder.LITTLE_ENDIAN) {
            throw new UnsupportedOperationException(
                    "ipsecifd runs on FreeBSD/amd64 and FreeBSD/arm64 (64 bits, little-endian),"
                            + " whose kernel's structures it knows, not on " + architecture + " with " + 8 * pointer
                            + " bits, "
                            + (order == ByteOrder.LITTLE_ENDIAN ? "little" : "big") + "-endian");
        }
    }
}
