package org.ipsecif.platform.freebsd;

import java.util.HexFormat;
import org.ipsecif.platform.posix.DirectBuffer;
import org.ipsecif.platform.posix.Posix;

/**
 * sysctl {@code kern.boot_id} (kern/kern_mib.c, since FreeBSD 13): 16 random bytes, others after each boot. The time of the boot,
 * {@code kern.boottime}, would not do: it changes when the clock is set.
 */
final class BootIdentity {
    private static final String NAME = "kern.boot_id";
    private static final int BYTES = 16;

    private BootIdentity() {}

    /** In hexadecimal digits; empty where the kernel does not say, as one without randomness yet (ENXIO). */
    static String of(Posix posix) {
        DirectBuffer value = new DirectBuffer(BYTES);
        DirectBuffer length = new DirectBuffer(Long.BYTES);
        length.bytes().putLong(0, BYTES);
        int result = posix.libc().sysctlbyname(NAME, value.pointer(), length.pointer(), null, 0);
        if (result < 0 || length.bytes().getLong(0) != BYTES) {
            return "";
        }
        byte[] identity = new byte[BYTES];
        value.bytes().get(0, identity);
        return HexFormat.of().formatHex(identity);
    }
}
