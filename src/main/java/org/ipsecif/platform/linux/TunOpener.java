package org.ipsecif.platform.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.posix.DirectBuffer;
import org.ipsecif.platform.posix.Errno;
import org.ipsecif.platform.posix.LibC;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Attaches to a TUN device (linux/if_tun.h): one queue, or two, of which a program in the kernel gives the second what is control
 * traffic ({@link Bpf#steering}). Each is a descriptor.
 *
 * <p>A device with several queues lets any process attach another, where one with a single queue refuses with EBUSY; so the kernel is
 * asked how many there are (IFLA_TUN_NUM_QUEUES of linux/if_link.h), before and after. It also has room for 256 from the beginning, and a
 * queueing discipline for each, 3.5 MB in all. They would be of no use, since a TUN device never makes a sender wait; {@code
 * noqueue} in their place leaves a quarter of a megabyte.
 *
 * <pre>
 * struct ifreq { char ifr_name[16]; short ifr_flags; ... };                                       // 40
 * struct tcmsg { u8 family, pad[3]; int ifindex; u32 handle, parent, info; };                      // 20
 * </pre>
 * <p>Control thread only, but for {@link #closed}.
 */
final class TunOpener {
    /** The descriptors of a device, {@code urgent} -1 if there is none. */
    record Queues(int ordinary, int urgent) {}

    private static final Logger LOG = LoggerFactory.getLogger(TunOpener.class);

    private static final String DEVICE = "/dev/net/tun";
    private static final int O_RDWR = 2;
    private static final int O_NONBLOCK = 0x800;
    private static final int O_CLOEXEC = 0x80000;
    private static final long TUNSETIFF = 0x400454ca;
    private static final long TUNSETSTEERINGEBPF = 0x800454e0L;
    private static final int IFREQ = 40;
    private static final int IFNAMSIZ = 16;

    private static final int IFF_TUN = 0x0001;

    /** Attaches without giving the device a carrier; kernels before 6.1 ignore it. */
    private static final int IFF_NO_CARRIER = 0x0040;

    private static final int IFF_MULTI_QUEUE = 0x0100;
    private static final int IFF_NO_PI = 0x1000;

    /** Refuses with EBUSY to attach to a device that exists. */
    private static final int IFF_TUN_EXCL = 0x8000;

    /**
     * Packets that wait in each queue of a device that is made here. The kernel's 500 last 3 ms at 160,000 a second, which is how long
     * another thread may have the processor.
     */
    private static final int QUEUE_LENGTH = 2_000;

    private static final int IFLA_TXQLEN = 13;
    private static final int RTM_NEWQDISC = 36;
    private static final int IFLA_LINKINFO = 18;
    private static final int IFLA_INFO_KIND = 1;
    private static final int IFLA_INFO_DATA = 2;
    private static final byte[] TUN = {'t', 'u', 'n', 0};
    private static final byte[] NO_QUEUE = "noqueue\0".getBytes(StandardCharsets.US_ASCII);
    private static final int IFLA_TUN_MULTI_QUEUE = 7;
    private static final int IFLA_TUN_NUM_QUEUES = 8;
    private static final int IFLA_TUN_NUM_DISABLED_QUEUES = 9;
    private static final int TCMSG = 20;
    private static final int TC_H_ROOT = -1;
    private static final int TCA_KIND = 1;

    private static final int NONE = -1;

    /** Devices with two queues at a time, lest thousands of interfaces cost the kernel hundreds of megabytes. */
    private static final int MOST = 256;

    private final AtomicInteger open = new AtomicInteger();
    private @Nullable Netlink netlink;
    private boolean said;

    /** @param flags more of them: IFF_VNET_HDR or 0 */
    Queues create(String name, int flags, boolean priority) throws ErrnoException {
        int program = priority ? load() : NONE;
        if (program == NONE) {
            return single(name, flags);
        }
        int ordinary = NONE;
        try {
            ordinary = attach(name, flags | IFF_TUN_EXCL | IFF_MULTI_QUEUE);
            setNoQueue(name);
            setQueueLength(name);
            return addUrgent(name, ordinary, flags, program);
        } catch (ErrnoException e) {
            if (ordinary == NONE) {
                throw e;
            }
            LibC.LIBC.close(ordinary); // it is not persistent yet, and gone with this
            say(e.getMessage());
            return single(name, flags);
        } finally {
            LibC.LIBC.close(program);
        }
    }

    private Queues single(String name, int flags) throws ErrnoException {
        int fd = attach(name, flags | IFF_TUN_EXCL);
        try {
            setQueueLength(name);
            return new Queues(fd, NONE);
        } catch (ErrnoException e) {
            LibC.LIBC.close(fd);
            throw e;
        }
    }

    /** @throws ErrnoException EBUSY if another process reads it */
    Queues adopt(String name, int flags, boolean priority) throws ErrnoException {
        boolean several = isSet(information(name).get(IFLA_TUN_MULTI_QUEUE));
        if (!several) {
            return new Queues(attach(name, flags), NONE);
        }
        refuseOthers(name, 0);
        int ordinary = attach(name, flags | IFF_MULTI_QUEUE);
        try {
            refuseOthers(name, 1);
        } catch (ErrnoException e) {
            LibC.LIBC.close(ordinary);
            throw e;
        }
        int program = priority ? load() : NONE;
        if (program == NONE) {
            return new Queues(ordinary, NONE);
        }
        try {
            return addUrgent(name, ordinary, flags, program);
        } catch (ErrnoException e) {
            say(e.getMessage());
            return new Queues(ordinary, NONE);
        } finally {
            LibC.LIBC.close(program);
        }
    }

    /** A device has been closed, or could not be opened. Any thread. */
    void closed(Queues queues) {
        if (queues.urgent() != NONE) {
            open.decrementAndGet();
        }
    }

    /** The program comes before the queue: without one the kernel would spread flows over both. */
    private Queues addUrgent(String name, int ordinary, int flags, int program) throws ErrnoException {
        DirectBuffer argument = new DirectBuffer(4);
        argument.bytes().putInt(0, program);
        Errno.check(LibC.LIBC.ioctl(ordinary, TUNSETSTEERINGEBPF, argument.pointer()), "TUNSETSTEERINGEBPF " + name);
        int urgent = attach(name, flags | IFF_MULTI_QUEUE);
        open.incrementAndGet();
        return new Queues(ordinary, urgent);
    }

    private int load() {
        if (open.get() >= MOST) {
            say(MOST + " interfaces have a queue for it");
            return NONE;
        }
        int program = Bpf.loadSteering();
        if (program < 0) {
            say("bpf: errno " + Errno.last());
        }
        return Math.max(program, NONE);
    }

    private void say(@Nullable String why) {
        if (!said) {
            said = true;
            LOG.info("control traffic (CS6, CS7) shares the queue of its interface with the rest: {}", why);
        }
    }

    private static int attach(String name, int flags) throws ErrnoException {
        int fd = Errno.check(LibC.LIBC.open(DEVICE, O_RDWR | O_NONBLOCK | O_CLOEXEC), "open " + DEVICE);
        try {
            DirectBuffer ifreq = new DirectBuffer(IFREQ);
            ifreq.bytes().put(0, name.getBytes(StandardCharsets.US_ASCII));
            ifreq.bytes().putShort(IFNAMSIZ, (short) (IFF_TUN | IFF_NO_PI | IFF_NO_CARRIER | flags));
            Errno.check(LibC.LIBC.ioctl(fd, TUNSETIFF, ifreq.pointer()), "TUNSETIFF " + name);
            return fd;
        } catch (ErrnoException e) {
            LibC.LIBC.close(fd);
            throw e;
        }
    }

    private void refuseOthers(String name, int expected) throws ErrnoException {
        Map<Integer, ByteBuffer> all = information(name);
        int attached = number(all.get(IFLA_TUN_NUM_QUEUES)) + number(all.get(IFLA_TUN_NUM_DISABLED_QUEUES));
        if (attached != expected) {
            throw Errno.exception("TUNSETIFF " + name, ErrnoException.EBUSY);
        }
    }

    private static boolean isSet(@Nullable ByteBuffer value) {
        return value != null && value.hasRemaining() && value.get(0) != 0;
    }

    private static int number(@Nullable ByteBuffer value) {
        return value == null || value.remaining() < 4 ? 0 : value.getInt(0);
    }

    /** What the kernel says of a TUN device; empty if it is none or the kernel says nothing (before Linux 4.16). */
    private Map<Integer, ByteBuffer> information(String name) throws ErrnoException {
        byte[] header = RtnetlinkLinkConfigurer.ifinfomsg(LibC.LIBC.if_nametoindex(name), 0, 0);
        return information(netlink()
                .query(new NetlinkWriter(RtnetlinkLinkConfigurer.RTM_GETLINK, 0, header), "RTM_GETLINK " + name));
    }

    private static Map<Integer, ByteBuffer> information(ByteBuffer link) {
        ByteBuffer about = NetlinkReader.attributes(link, RtnetlinkLinkConfigurer.IFINFOMSG)
                .get(IFLA_LINKINFO);
        if (about == null) {
            return Map.of();
        }
        Map<Integer, ByteBuffer> parts = NetlinkReader.attributes(about, 0);
        ByteBuffer kind = parts.get(IFLA_INFO_KIND);
        ByteBuffer data = parts.get(IFLA_INFO_DATA);
        boolean tun = kind != null && kind.equals(ByteBuffer.wrap(TUN));
        return tun && data != null ? NetlinkReader.attributes(data, 0) : Map.of();
    }

    private void setQueueLength(String name) throws ErrnoException {
        byte[] header = RtnetlinkLinkConfigurer.ifinfomsg(LibC.LIBC.if_nametoindex(name), 0, 0);
        NetlinkWriter message =
                new NetlinkWriter(RtnetlinkLinkConfigurer.RTM_NEWLINK, 0, header).attribute(IFLA_TXQLEN, QUEUE_LENGTH);
        netlink().request(message, "RTM_NEWLINK txqueuelen " + name);
    }

    private void setNoQueue(String name) throws ErrnoException {
        byte[] header = ByteBuffer.allocate(TCMSG)
                .order(ByteOrder.nativeOrder())
                .putInt(4, LibC.LIBC.if_nametoindex(name))
                .putInt(12, TC_H_ROOT)
                .array();
        NetlinkWriter message = new NetlinkWriter(RTM_NEWQDISC, Netlink.NLM_F_CREATE | Netlink.NLM_F_REPLACE, header)
                .attribute(TCA_KIND, NO_QUEUE);
        netlink().request(message, "RTM_NEWQDISC noqueue " + name);
    }

    private Netlink netlink() throws ErrnoException {
        Netlink known = netlink;
        if (known == null) {
            known = new Netlink(Netlink.NETLINK_ROUTE);
            netlink = known;
        }
        return known;
    }
}
