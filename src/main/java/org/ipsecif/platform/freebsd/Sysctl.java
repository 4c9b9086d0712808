package org.ipsecif.platform.freebsd;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.Platform.Fibs;
import org.ipsecif.platform.posix.DirectBuffer;
import org.ipsecif.platform.posix.Errno;
import org.ipsecif.platform.posix.Posix;
import org.jspecify.annotations.Nullable;

/** sysctl(3). Any thread. */
final class Sysctl {
    /** More than the kernel said it needs, for what may be added before it is asked again. */
    private static final int SLACK = 4096;

    private static final int TRIES = 10;
    private static final int DRIVER_NAME = 64;

    private final Posix posix;

    Sysctl(Posix posix) {
        this.posix = posix;
    }

    /** The value, in native order, as long as it is. @param what its name, for errors */
    ByteBuffer read(String what, int... name) throws ErrnoException {
        for (int tries = 0; tries < TRIES; tries++) {
            DirectBuffer length = new DirectBuffer(8);
            posix.check(call(name, null, length), "sysctl " + what);
            DirectBuffer value = new DirectBuffer((int) length.bytes().getLong(0) + SLACK);
            length.bytes().putLong(0, value.size());
            if (call(name, value, length) == 0) {
                return value.bytes().limit((int) length.bytes().getLong(0));
            }
            if (Errno.last() != Abi.ENOMEM) { // it has grown meanwhile
                throw posix.exception("sysctl " + what, Errno.last());
            }
        }
        throw posix.exception("sysctl " + what, Abi.ENOMEM);
    }

    /** Of known size. @return null if it cannot be had */
    private @Nullable DirectBuffer read(int size, int... name) {
        DirectBuffer length = new DirectBuffer(8);
        length.bytes().putLong(0, size);
        DirectBuffer value = new DirectBuffer(size);
        return call(name, value, length) == 0 ? value : null;
    }

    private int call(int[] name, @Nullable DirectBuffer old, DirectBuffer length) {
        DirectBuffer mib = new DirectBuffer(4 * name.length);
        for (int i = 0; i < name.length; i++) {
            mib.bytes().putInt(4 * i, name[i]);
        }
        return posix.libc()
                .sysctl(mib.pointer(), name.length, old == null ? null : old.pointer(), length.pointer(), null, 0);
    }

    /** {@code net.fibs} and {@code net.my_fibnum} (net/route/route_tables.c). Where the kernel does not say there is one. */
    Fibs fibs() {
        int count = Math.max(1, number("net.fibs", 1));
        return new Fibs(count, number("net.my_fibnum", 0), "the kernel has " + count + ": sysctl net.fibs");
    }

    /** @param unknown what it is where the kernel has no such name */
    private int number(String name, int unknown) {
        DirectBuffer value = new DirectBuffer(Integer.BYTES);
        DirectBuffer length = new DirectBuffer(Long.BYTES);
        length.bytes().putLong(0, Integer.BYTES);
        int result = posix.libc().sysctlbyname(name, value.pointer(), length.pointer(), null, 0);
        return result < 0 || length.bytes().getLong(0) != Integer.BYTES
                ? unknown
                : value.bytes().getInt(0);
    }

    /**
     * The name that an interface's driver gave it, whatever it is called now (net/if_mib.h).
     *
     * @return null if there is no such interface
     */
    @Nullable
    String driverName(int index) {
        DirectBuffer name = read(
                DRIVER_NAME,
                RouteAbi.CTL_NET,
                Abi.AF_LINK,
                RouteAbi.NETLINK_GENERIC,
                RouteAbi.IFMIB_IFDATA,
                index,
                RouteAbi.IFDATA_DRIVERNAME);
        if (name == null) {
            return null;
        }
        byte[] bytes = new byte[DRIVER_NAME];
        name.bytes().get(0, bytes);
        String text = new String(bytes, StandardCharsets.US_ASCII);
        return text.substring(0, Math.max(0, text.indexOf('\0')));
    }

    /** Bytes of this process that are in memory, or null if the kernel's record of a process is not the one that we know. */
    @Nullable
    Long residentBytes() {
        int self = posix.libc().getpid();
        DirectBuffer process =
                read(RouteAbi.SIZEOF_KINFO_PROC, RouteAbi.CTL_KERN, RouteAbi.KERN_PROC, RouteAbi.KERN_PROC_PID, self);
        DirectBuffer page = read(4, RouteAbi.CTL_HW, RouteAbi.HW_PAGESIZE);
        if (process == null
                || page == null
                || process.bytes().getInt(RouteAbi.KINFO_PROC_KI_STRUCTSIZE) != RouteAbi.SIZEOF_KINFO_PROC
                || process.bytes().getInt(RouteAbi.KINFO_PROC_KI_PID) != self) {
            return null;
        }
        return process.bytes().getLong(RouteAbi.KINFO_PROC_KI_RSSIZE)
                * page.bytes().getInt(0);
    }
}
