package org.ipsecif.platform.freebsd.sim;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.ipsecif.platform.freebsd.sim.Ifnet.Ifaddr;

/** What sysctl(3) answers (net/rtsock.c, net/if_mib.c, kern/kern_proc.c). */
final class Sysctls {
    private static final int CTL_KERN = 1;
    private static final int CTL_NET = 4;
    private static final int CTL_HW = 6;
    private static final int NET_RT_IFLIST = 3;
    private static final int NET_RT_IFLISTL = 5;
    private static final int PAGE = 4096;
    private static final int KINFO_PROC = 1088;

    /** Of every simulated process. */
    private static final long RESIDENT_PAGES = 1234;

    private final SimulatedFreeBsd host;

    Sysctls(SimulatedFreeBsd host) {
        this.host = host;
    }

    /** @throws KernelError ENOENT if there is no such name */
    byte[] value(SimulatedProcess by, int[] name) {
        if (is(name, 6, CTL_NET, Address.AF_ROUTE, 0)) {
            return list(name[3], name[4], name[5]);
        }
        if (is(name, 6, CTL_NET, Address.AF_LINK, 0, 2) && name[5] == 3) {
            return (host.interfaces().at(name[4]).driverName + "\0").getBytes(StandardCharsets.US_ASCII);
        }
        if (is(name, 2, CTL_HW, 7)) {
            return Words.put32(new byte[4], 0, PAGE);
        }
        if (is(name, 4, CTL_KERN, 14, 1)) {
            return process(name[3]);
        }
        throw new KernelError(KernelError.ENOENT);
    }

    /** sysctlbyname(3). */
    byte[] value(String name) {
        return switch (name) {
            case "kern.boot_id" -> host.bootIdentity();
            case "kern.osreldate" -> Words.put32(new byte[4], 0, host.release() * 100_000);
            case "net.fibs" -> Words.put32(new byte[4], 0, host.fibs());
            case "net.my_fibnum" -> Words.put32(new byte[4], 0, host.processFib());
            case "hw.pagesize" -> Words.put32(new byte[4], 0, PAGE);
            default -> throw new KernelError(KernelError.ENOENT);
        };
    }

    private static boolean is(int[] name, int length, int... first) {
        if (name.length != length) {
            return false;
        }
        for (int i = 0; i < first.length; i++) {
            if (name[i] != first[i]) {
                return false;
            }
        }
        return true;
    }

    /** sysctl_iflist. */
    private byte[] list(int family, int what, int index) {
        KernelError.when(what != NET_RT_IFLIST && what != NET_RT_IFLISTL, KernelError.EINVAL);
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (Ifnet each : host.interfaces().all()) {
            if (index != 0 && each.index != index) {
                continue;
            }
            boolean isLong = what == NET_RT_IFLISTL;
            all.writeBytes(isLong ? RouteMessages.longInformation(each) : RouteMessages.information(each, true));
            for (Ifaddr address : each.addresses) {
                if (family == 0 || address.local().family() == family) {
                    all.writeBytes(
                            isLong
                                    ? RouteMessages.longAddress(each, address)
                                    : RouteMessages.address(each, address, RouteMessages.RTM_NEWADDR, false));
                }
            }
        }
        return all.toByteArray();
    }

    /** struct kinfo_proc (sys/user.h): ki_structsize 0, ki_pid 72, ki_rssize 264. */
    private byte[] process(int pid) {
        KernelError.when(!host.isRunning(pid), KernelError.ESRCH);
        byte[] process = new byte[KINFO_PROC];
        Words.put32(process, 0, KINFO_PROC);
        Words.put32(process, 72, pid);
        return Words.put64(process, 264, RESIDENT_PAGES);
    }
}
