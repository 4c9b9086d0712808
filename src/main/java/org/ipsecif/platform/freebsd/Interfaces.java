package org.ipsecif.platform.freebsd;

import java.lang.ref.Reference;
import java.nio.charset.StandardCharsets;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.posix.DirectBuffer;
import org.ipsecif.platform.posix.Posix;
import org.ipsecif.sa.Family;
import org.ipsecif.sa.InnerAddress;
import org.ipsecif.sa.IpAddress;

/**
 * The ioctls of interfaces, by name (netintro(4), net/if.c, netinet/in.c, netinet6/in6.c). Each opens a socket for itself. Any thread.
 */
final class Interfaces {
    /** Bytes with the NUL, of most descriptions; the kernel says if it has a longer one. */
    private static final int DESCRIPTION = 256;

    private final Posix posix;

    Interfaces(Posix posix) {
        this.posix = posix;
    }

    /**
     * Makes an interface.
     *
     * @param cloner its driver, or the name that it is to have there: with a number
     * @return the name that the kernel gave it
     * @throws ErrnoException ENOENT if the kernel does not have the driver
     */
    String create(String cloner) throws ErrnoException {
        DirectBuffer request = ifreq(cloner);
        try {
            control(Abi.AF_INET, LinkAbi.SIOCIFCREATE2, request, "SIOCIFCREATE2 " + cloner);
        } catch (ErrnoException e) {
            if (e.errno() == ErrnoException.EINVAL) {
                String driver = cloner.replaceFirst("[0-9]+$", "");
                throw new ErrnoException(
                        e.syscall(), ErrnoException.ENOENT, "the kernel has no " + driver + "(4): kldload if_tuntap");
            }
            throw e;
        }
        return request.text(LinkAbi.IFNAMSIZ);
    }

    /** Waits until nobody has the interface's device open. */
    void destroy(String name) throws ErrnoException {
        control(Abi.AF_INET, LinkAbi.SIOCIFDESTROY, ifreq(name), "SIOCIFDESTROY " + name);
    }

    /** @throws ErrnoException EEXIST if an interface has that name */
    void rename(String name, String to) throws ErrnoException {
        DirectBuffer request = ifreq(name);
        DirectBuffer text = named(LinkAbi.IFNAMSIZ, to);
        request.bytes().putLong(LinkAbi.IFREQ_IFR_DATA, text.pointer().address());
        try {
            control(Abi.AF_INET, LinkAbi.SIOCSIFNAME, request, "SIOCSIFNAME " + name + " " + to);
        } finally {
            Reference.reachabilityFence(text);
        }
    }

    /** IFF_*. */
    int flags(String name) throws ErrnoException {
        DirectBuffer request = ifreq(name);
        control(Abi.AF_INET, LinkAbi.SIOCGIFFLAGS, request, "SIOCGIFFLAGS " + name);
        return Short.toUnsignedInt(request.bytes().getShort(LinkAbi.IFREQ_IFR_FLAGS))
                | request.bytes().getShort(LinkAbi.IFREQ_IFR_FLAGSHIGH) << 16;
    }

    /** Changes IFF_UP alone. */
    void setUp(String name, boolean up) throws ErrnoException {
        int before = flags(name);
        int after = up ? before | LinkAbi.IFF_UP : before & ~LinkAbi.IFF_UP;
        DirectBuffer request = ifreq(name);
        request.bytes().putShort(LinkAbi.IFREQ_IFR_FLAGS, (short) after).putShort(LinkAbi.IFREQ_IFR_FLAGSHIGH, (short)
                (after >> 16));
        control(Abi.AF_INET, LinkAbi.SIOCSIFFLAGS, request, "SIOCSIFFLAGS " + name + (up ? " up" : " down"));
    }

    /** Whether its driver says if the link is up; what does not is taken to be (net/route.h, RT_LINK_IS_UP). */
    boolean tellsLinkState(String name) throws ErrnoException {
        DirectBuffer request = ifreq(name);
        control(Abi.AF_INET, LinkAbi.SIOCGIFCAP, request, "SIOCGIFCAP " + name);
        return (request.bytes().getInt(LinkAbi.IFREQ_IFR_REQCAP) & LinkAbi.IFCAP_LINKSTATE) != 0;
    }

    /** @param mtu bytes */
    void setMtu(String name, int mtu) throws ErrnoException {
        DirectBuffer request = ifreq(name);
        request.bytes().putInt(LinkAbi.IFREQ_IFR_MTU, mtu);
        control(Abi.AF_INET, LinkAbi.SIOCSIFMTU, request, "SIOCSIFMTU " + name + " " + mtu);
    }

    /** The routing table that what comes out of it goes by. */
    int fib(String name) throws ErrnoException {
        DirectBuffer request = ifreq(name);
        control(Abi.AF_INET, LinkAbi.SIOCGIFFIB, request, "SIOCGIFFIB " + name);
        return request.bytes().getInt(LinkAbi.IFREQ_IFR_IFRU);
    }

    /** @throws ErrnoException EINVAL if there is no such table (net.fibs) */
    void setFib(String name, int fib) throws ErrnoException {
        DirectBuffer request = ifreq(name);
        request.bytes().putInt(LinkAbi.IFREQ_IFR_IFRU, fib);
        control(Abi.AF_INET, LinkAbi.SIOCSIFFIB, request, "SIOCSIFFIB " + name + " " + fib);
    }

    /** Empty if there is none. */
    String description(String name) throws ErrnoException {
        int room = DESCRIPTION;
        while (true) {
            DirectBuffer request = ifreq(name);
            DirectBuffer text = new DirectBuffer(room);
            putBuffer(request, text);
            try {
                control(Abi.AF_INET, LinkAbi.SIOCGIFDESCR, request, "SIOCGIFDESCR " + name);
            } catch (ErrnoException e) {
                if (e.errno() == Abi.ENOMSG) {
                    return "";
                }
                throw e;
            }
            long length = request.bytes().getLong(LinkAbi.IFREQ_IFR_BUFFER_LENGTH);
            if (length <= room) {
                return text(text, (int) length);
            }
            room = (int) Math.min(length, 1 << 16);
        }
    }

    private static String text(DirectBuffer buffer, int length) {
        byte[] bytes = new byte[Math.max(0, length - 1)];
        buffer.bytes().get(0, bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** @param description empty to remove it */
    void setDescription(String name, String description) throws ErrnoException {
        DirectBuffer request = ifreq(name);
        DirectBuffer text = DirectBuffer.of((description + "\0").getBytes(StandardCharsets.UTF_8));
        if (!description.isEmpty()) {
            putBuffer(request, text);
        }
        try {
            control(Abi.AF_INET, LinkAbi.SIOCSIFDESCR, request, "SIOCSIFDESCR " + name);
        } finally {
            Reference.reachabilityFence(text);
        }
    }

    private static void putBuffer(DirectBuffer request, DirectBuffer buffer) {
        request.bytes()
                .putLong(LinkAbi.IFREQ_IFR_BUFFER_LENGTH, buffer.size())
                .putLong(LinkAbi.IFREQ_IFR_BUFFER_BUFFER, buffer.pointer().address());
    }

    /**
     * Adds an address, or changes one that the interface has: the kernel knows no refusal. A point-to-point interface has to have an
     * IPv4 destination, which without one is the address itself.
     *
     * @throws ErrnoException EINVAL for an IPv6 destination with a prefix length other than 128
     */
    void addAddress(String name, InnerAddress address) throws ErrnoException {
        if (address.family() == Family.INET) {
            control(Abi.AF_INET, LinkAbi.SIOCAIFADDR, inAliasreq(name, address), "SIOCAIFADDR " + name + " " + address);
            return;
        }
        String call = "SIOCAIFADDR_IN6 " + name + " " + address;
        try {
            control(Abi.AF_INET6, LinkAbi.SIOCAIFADDR_IN6, in6Aliasreq(name, address), call);
        } catch (ErrnoException e) {
            if (e.errno() == ErrnoException.EINVAL && address.remote() != null && address.prefixLength() != 128) {
                throw new ErrnoException(
                        call, e.errno(), "FreeBSD wants prefix length 128 for an IPv6 address with a destination");
            }
            throw e;
        }
    }

    private DirectBuffer inAliasreq(String name, InnerAddress address) throws ErrnoException {
        DirectBuffer request = named(LinkAbi.SIZEOF_IN_ALIASREQ, name);
        IpAddress remote = address.remote();
        Sockaddr.put(request.bytes(), LinkAbi.IN_ALIASREQ_IFRA_ADDR, address.local(), 0);
        Sockaddr.put(request.bytes(), LinkAbi.IN_ALIASREQ_IFRA_DSTADDR, remote == null ? address.local() : remote, 0);
        Sockaddr.put(request.bytes(), LinkAbi.IN_ALIASREQ_IFRA_MASK, mask(address), 0);
        return request;
    }

    private DirectBuffer in6Aliasreq(String name, InnerAddress address) throws ErrnoException {
        DirectBuffer request = named(LinkAbi.SIZEOF_IN6_ALIASREQ, name);
        IpAddress remote = address.remote();
        Sockaddr.put(request.bytes(), LinkAbi.IN6_ALIASREQ_IFRA_ADDR, address.local(), 0);
        if (remote != null) {
            Sockaddr.put(request.bytes(), LinkAbi.IN6_ALIASREQ_IFRA_DSTADDR, remote, 0);
        }
        Sockaddr.put(request.bytes(), LinkAbi.IN6_ALIASREQ_IFRA_PREFIXMASK, mask(address), 0);
        int lifetime = LinkAbi.IN6_ALIASREQ_IFRA_LIFETIME;
        request.bytes()
                .putInt(LinkAbi.IN6_ALIASREQ_IFRA_FLAGS, LinkAbi.IN6_IFF_NODAD)
                .putInt(lifetime + LinkAbi.IN6_ADDRLIFETIME_IA6T_VLTIME, LinkAbi.ND6_INFINITE_LIFETIME)
                .putInt(lifetime + LinkAbi.IN6_ADDRLIFETIME_IA6T_PLTIME, LinkAbi.ND6_INFINITE_LIFETIME);
        return request;
    }

    private static IpAddress mask(InnerAddress address) {
        byte[] mask = new byte[address.family().addressLength()];
        for (int bit = 0; bit < address.prefixLength(); bit++) {
            mask[bit / 8] |= (byte) (0x80 >> bit % 8);
        }
        return IpAddress.ofBytes(address.family(), mask, 0);
    }

    /** @throws ErrnoException EADDRNOTAVAIL if the interface does not have it */
    void removeAddress(String name, IpAddress address) throws ErrnoException {
        if (address.family() == Family.INET) {
            DirectBuffer request = ifreq(name);
            Sockaddr.put(request.bytes(), LinkAbi.IFREQ_IFR_IFRU, address, 0);
            control(Abi.AF_INET, LinkAbi.SIOCDIFADDR, request, "SIOCDIFADDR " + name + " " + address);
        } else {
            DirectBuffer request = named(LinkAbi.SIZEOF_IN6_IFREQ, name);
            Sockaddr.put(request.bytes(), LinkAbi.IN6_IFREQ_IFR_ADDR, address, 0);
            control(Abi.AF_INET6, LinkAbi.SIOCDIFADDR_IN6, request, "SIOCDIFADDR_IN6 " + name + " " + address);
        }
    }

    private void control(int domain, long request, DirectBuffer argument, String call) throws ErrnoException {
        int fd = posix.check(posix.libc().socket(domain, Abi.SOCK_DGRAM | Abi.SOCK_CLOEXEC, 0), call + ": socket");
        try {
            posix.check(posix.libc().ioctl(fd, request, argument.pointer()), call);
        } finally {
            posix.libc().close(fd);
        }
    }

    /** A struct ifreq; all of them begin with a name. */
    private DirectBuffer ifreq(String name) throws ErrnoException {
        return named(LinkAbi.SIZEOF_IFREQ, name);
    }

    private DirectBuffer named(int size, String name) throws ErrnoException {
        byte[] bytes = name.getBytes(StandardCharsets.US_ASCII);
        if (bytes.length >= LinkAbi.IFNAMSIZ) {
            throw posix.exception("interface " + name, Abi.ENAMETOOLONG);
        }
        DirectBuffer request = new DirectBuffer(size);
        request.bytes().put(0, bytes);
        return request;
    }
}
