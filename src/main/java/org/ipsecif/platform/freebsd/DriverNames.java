package org.ipsecif.platform.freebsd;

import java.util.regex.Pattern;
import org.ipsecif.platform.posix.Posix;
import org.jspecify.annotations.Nullable;

/** Which driver an interface is of, whatever its name is now. Any thread. */
final class DriverNames {
    private static final Pattern IPSEC = Pattern.compile("ipsec[0-9]+");

    private final Posix posix;
    private final Sysctl sysctl;

    DriverNames(Posix posix) {
        this.posix = posix;
        sysctl = new Sysctl(posix);
    }

    /** The name that the driver gave it: {@code tun12}. Null if there is no such interface. */
    @Nullable
    String of(String name) {
        int index = posix.libc().if_nametoindex(name);
        return index == 0 ? null : sysctl.driverName(index);
    }

    /** Whether this one is of if_ipsec(4), the kernel's own IPsec. */
    static boolean isKernelIpsec(String driver) {
        return IPSEC.matcher(driver).matches();
    }

    /** For users, behind the name of such an interface. */
    static String wayOut(String name) {
        return "is the kernel's own if_ipsec(4), which makes every ipsecN of cloned_interfaces: list it in ipsecif_interfaces instead,"
                + " and ifconfig " + name + " destroy";
    }
}
