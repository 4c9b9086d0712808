package org.ipsecif.platform.freebsd;

import java.util.OptionalInt;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.IntSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.posix.DirectBuffer;
import org.ipsecif.platform.posix.LibC;
import org.ipsecif.platform.posix.Posix;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes and opens tun(4) devices (net/if_tuntap.c). An interface is made by SIOCIFCREATE2, which works also where devfs cloning is off
 * (net.link.tun.devfs_cloning), and gets its name while it is down and nobody knows it. Until then it is known by its number, drawn from
 * those that neither the kernel, which takes the least, nor people choose, and recorded ({@link NamelessTun}). Its device node keeps the driver's name, which the
 * kernel tells of any interface; so nothing has to be opened to find out whose interface that is, for the last close of a tun(4) device
 * takes its addresses away. Control thread only.
 */
final class TunOpener {
    /**
     * An open device.
     *
     * @param unit N of {@code /dev/tunN}
     */
    record Opened(int unit, int fd) {}

    private static final Logger LOG = LoggerFactory.getLogger(TunOpener.class);
    private static final String CLONER = "tun";
    /** The upper half of the numbers up to IF_MAXUNIT (net/if.h). */
    private static final int LEAST_UNIT = 0x4000;

    private static final int UNITS = 0x4000;
    private static final int DRAWS = 100;

    private static final Pattern TUN = Pattern.compile("tun([0-9]{1,5})");
    private static final int KIND = LinkAbi.IFF_POINTOPOINT | LinkAbi.IFF_BROADCAST | LinkAbi.IFF_MULTICAST;
    private static final int OURS = LinkAbi.IFF_POINTOPOINT | LinkAbi.IFF_MULTICAST;

    private final Posix posix;
    private final LibC libc;
    private final Interfaces interfaces;
    private final DriverNames drivers;
    private final InterfaceTable table;
    private final TunHolder holder;
    private final NamelessTun nameless;
    private final IntSupplier units;

    TunOpener(Posix posix, TunHolder holder, NamelessTun nameless) {
        this(
                posix,
                holder,
                nameless,
                () -> LEAST_UNIT + ThreadLocalRandom.current().nextInt(UNITS));
    }

    /** @param units draws N of a new {@code /dev/tunN} */
    TunOpener(Posix posix, TunHolder holder, NamelessTun nameless, IntSupplier units) {
        this.posix = posix;
        this.holder = holder;
        this.nameless = nameless;
        this.units = units;
        table = new InterfaceTable(posix);
        libc = posix.libc();
        interfaces = new Interfaces(posix);
        drivers = new DriverNames(posix);
    }

    /** @throws ErrnoException EEXIST if an interface has that name */
    Opened create(String name) throws ErrnoException {
        removeNameless();
        String made = make();
        Opened opened = openNew(made);
        try {
            prepare(opened.fd(), made);
            interfaces.rename(made, name);
            nameless.clear();
            holder.keep(name, opened.unit(), opened.fd());
            return opened;
        } catch (ErrnoException e) {
            String now = interfaceOf(opened.fd());
            libc.close(opened.fd());
            destroy(now);
            throw e;
        }
    }

    /** An interface with its driver's name. */
    private String make() throws ErrnoException {
        for (int draw = 1; ; draw++) {
            int unit = units.getAsInt();
            String device = CLONER + unit;
            if (libc.if_nametoindex(device) != 0 && draw < DRAWS) {
                continue; // so that what is recorded is nobody's
            }
            nameless.record(unit);
            try {
                return interfaces.create(device);
            } catch (ErrnoException e) {
                nameless.clear();
                if (e.errno() != ErrnoException.EEXIST
                        || draw == DRAWS) { // of one that was renamed, or is in another vnet(9)
                    throw e;
                }
            }
        }
    }

    /**
     * Destroys what a daemon that died has made and not named: if it is as it was made and nobody has it open, whose last close the
     * destroyer would wait for.
     */
    void removeNameless() {
        OptionalInt unit = nameless.recorded();
        if (unit.isEmpty()) {
            return;
        }
        String device = CLONER + unit.getAsInt();
        try {
            if (isAsMade(device)) {
                libc.close(open(unit.getAsInt()));
                destroy(device);
                LOG.info("{}: an earlier run's, which died when it had made it; removed", device);
            }
        } catch (ErrnoException e) {
            LOG.warn("{}: perhaps an earlier run's, but it stays: {}", device, e.getMessage());
        }
        nameless.clear();
    }

    private boolean isAsMade(String device) throws ErrnoException {
        InterfaceTable.Entry found = table.of(libc.if_nametoindex(device));
        return found != null
                && device.equals(drivers.of(device))
                && !found.is(LinkAbi.IFF_UP)
                && found.addresses().isEmpty()
                && interfaces.description(device).isEmpty();
    }

    private Opened openNew(String made) throws ErrnoException {
        try {
            int unit = unit(made);
            return new Opened(unit, open(unit));
        } catch (ErrnoException e) {
            if (e.errno() != ErrnoException.EBUSY) { // else somebody was faster, for whom the destroyer would wait
                destroy(made);
            }
            throw e;
        }
    }

    private int unit(String device) throws ErrnoException {
        Matcher tun = TUN.matcher(device);
        if (!tun.matches()) {
            throw posix.exception("SIOCIFCREATE2 gave " + device, ErrnoException.EINVAL);
        }
        return Integer.parseInt(tun.group(1));
    }

    private int open(int unit) throws ErrnoException {
        String node = "/dev/" + CLONER + unit;
        return posix.check(libc.open(node, Abi.O_RDWR | Abi.O_NONBLOCK | Abi.O_CLOEXEC), "open " + node);
    }

    /** A family before each packet, point-to-point with multicast, and this process as the one that has it. */
    private void prepare(int fd, String name) throws ErrnoException {
        set(fd, LinkAbi.TUNSIFHEAD, 1, "TUNSIFHEAD " + name);
        if ((interfaces.flags(name) & KIND) != OURS) {
            set(fd, LinkAbi.TUNSIFMODE, OURS, "TUNSIFMODE " + name);
        }
        libc.ioctl(fd, LinkAbi.TUNSIFPID, 0);
    }

    private void set(int fd, long request, int value, String call) throws ErrnoException {
        DirectBuffer argument = new DirectBuffer(4);
        argument.bytes().putInt(0, value);
        posix.check(libc.ioctl(fd, request, argument.pointer()), call);
    }

    /**
     * Opens the device of an interface that exists, of an earlier process or somebody else's.
     *
     * @throws ErrnoException EBUSY if a process has it open, EINVAL if it is no tun(4) device, with the way out
     */
    Opened adopt(String name) throws ErrnoException {
        Opened held = takeHeld(name);
        if (held != null) {
            return prepared(held, name);
        }
        int unit = unitOf(name);
        held = takeRenamed(name, unit);
        if (held != null) {
            return prepared(held, name);
        }
        Opened opened = new Opened(unit, open(unit));
        if (!name.equals(interfaceOf(opened.fd()))) { // renamed, or destroyed and made again meanwhile
            libc.close(opened.fd());
            throw posix.exception("open /dev/" + CLONER + unit + " for " + name, Abi.ENXIO);
        }
        prepared(opened, name);
        try {
            holder.keep(name, unit, opened.fd());
        } catch (ErrnoException e) {
            libc.close(opened.fd());
            throw e;
        }
        return opened;
    }

    private Opened prepared(Opened opened, String name) throws ErrnoException {
        try {
            prepare(opened.fd(), name);
            return opened;
        } catch (ErrnoException e) {
            libc.close(opened.fd());
            if (e.errno() == ErrnoException.EBUSY) {
                throw new ErrnoException(
                        e.syscall(), ErrnoException.EINVAL, "in broadcast mode and up: ifconfig " + name + " down");
            }
            throw e;
        }
    }

    /** Null also if what is held is another interface by now. */
    private @Nullable Opened takeHeld(String name) throws ErrnoException {
        TunHolder.Held held = holder.take(name);
        if (held == null) {
            return null;
        }
        if (name.equals(interfaceOf(held.fd()))) {
            return new Opened(held.unit(), held.fd());
        }
        libc.close(held.fd());
        return null;
    }

    /** One that is held under the name that its interface had before; null if there is none. */
    private @Nullable Opened takeRenamed(String name, int unit) throws ErrnoException {
        String before = holder.nameOf(unit);
        TunHolder.Held held = before == null ? null : holder.take(before);
        if (before == null || held == null) {
            return null;
        }
        try {
            if (name.equals(interfaceOf(held.fd()))) {
                holder.keep(name, held.unit(), held.fd());
                holder.drop(before);
                LOG.info("{}: held as {}, and renamed since", name, before);
                return new Opened(held.unit(), held.fd());
            }
        } catch (ErrnoException e) {
            libc.close(held.fd());
            throw e;
        }
        libc.close(held.fd());
        return null;
    }

    /** The name of the interface of an open device; empty if it has none any more. */
    String interfaceOf(int fd) {
        DirectBuffer request = new DirectBuffer(LinkAbi.SIZEOF_IFREQ);
        return libc.ioctl(fd, LinkAbi.TUNGIFNAME, request.pointer()) == 0 ? request.text(LinkAbi.IFNAMSIZ) : "";
    }

    private int unitOf(String name) throws ErrnoException {
        String driver = drivers.of(name);
        if (driver == null) {
            throw posix.exception("open tun(4) of " + name, Abi.ENXIO);
        }
        Matcher tun = TUN.matcher(driver);
        if (tun.matches()) {
            return Integer.parseInt(tun.group(1));
        }
        if (DriverNames.isKernelIpsec(driver)) {
            throw new ErrnoException("open tun(4) of " + name, ErrnoException.EINVAL, "it " + DriverNames.wayOut(name));
        }
        throw new ErrnoException(
                "open tun(4) of " + name, ErrnoException.EINVAL, "it is " + driver + ", no tun(4) device");
    }

    /** Has the holder close its duplicate of what an earlier process left, if there is any, and removes what has no name yet. */
    void abandon(String name) throws ErrnoException {
        removeNameless();
        TunHolder.Held held = holder.take(name);
        if (held != null) {
            libc.close(held.fd());
            holder.drop(name);
        }
    }

    /** Has the holder close its duplicate. */
    void drop(String name) {
        holder.drop(name);
    }

    /** Destroys an interface whose device nobody has open any more, or says why not in the log; somebody else may have been faster. */
    void destroy(String name) {
        try {
            interfaces.destroy(name);
        } catch (ErrnoException e) {
            if (e.errno() != Abi.ENXIO) {
                LOG.error("{}: not destroyed: {}", name, e.getMessage());
            }
        }
    }
}
