package org.ipsecif.platform.freebsd.sim;

import java.util.Arrays;
import java.util.List;
import org.ipsecif.platform.freebsd.sim.Ifnet.Ifaddr;
import org.jspecify.annotations.Nullable;

/** ioctls of datagram sockets on interfaces: ifioctl of net/if.c, in_control of netinet/in.c, in6_control of netinet6/in6.c. */
final class InterfaceControl {
    private static final long SIOCIFCREATE = 0xc020697aL;
    private static final long SIOCIFCREATE2 = 0xc020697cL;
    private static final long SIOCIFDESTROY = 0x80206979L;
    private static final long SIOCSIFNAME = 0x80206928L;
    private static final long SIOCSIFMTU = 0x80206934L;
    private static final long SIOCGIFMTU = 0xc0206933L;
    private static final long SIOCSIFFLAGS = 0x80206910L;
    private static final long SIOCGIFFLAGS = 0xc0206911L;
    private static final long SIOCSIFDESCR = 0x80206929L;
    private static final long SIOCGIFDESCR = 0xc020692aL;
    private static final long SIOCGIFCAP = 0xc020691fL;
    private static final long SIOCSIFFIB = 0x8020695dL;
    private static final long SIOCGIFFIB = 0xc020695cL;
    private static final long SIOCAIFGROUP = 0x80286987L;
    private static final long SIOCGIFGROUP = 0xc0286988L;
    private static final long SIOCAIFADDR = 0x8044692bL;
    private static final long SIOCDIFADDR = 0x80206919L;
    private static final long SIOCAIFADDR_IN6 = 0x8088691bL;
    private static final long SIOCDIFADDR_IN6 = 0x81206919L;

    private static final int MAX_DESCRIPTION = 1024;
    private static final int IFCAP_LINKSTATE = 0x80000;

    private InterfaceControl() {}

    static void ioctl(SimulatedProcess by, int domain, long request, byte[] data) {
        KernelError.when(data.length < Ifnet.NAME_SIZE || request >> 8 % 0x100 == 0, KernelError.ENOTTY);
        SimulatedFreeBsd host = by.host;
        if (request == SIOCIFCREATE || request == SIOCIFCREATE2) {
            create(host, data);
            return;
        }
        Ifnet which = host.interfaces().find(Words.text(data, 0, Ifnet.NAME_SIZE));
        if (request == SIOCIFDESTROY) {
            host.devices().destroy(by, which);
            return;
        }
        boolean wasUp = which.is(Ifnet.IFF_UP);
        if (!hardware(which, request, data)) {
            address(which, domain, request, data);
        }
        if (!wasUp && which.is(Ifnet.IFF_UP)) {
            host.interfaces().up(which);
        }
        host.changed();
    }

    private static void create(SimulatedFreeBsd host, byte[] data) {
        String name = Words.text(data, 0, Ifnet.NAME_SIZE);
        KernelError.when(!name.matches("tun[0-9]{0,5}"), KernelError.EINVAL); // no cloner of that name
        Tun made = host.devices().create(name.substring(3));
        Arrays.fill(data, 0, Ifnet.NAME_SIZE, (byte) 0);
        Words.putText(data, 0, made.name, Ifnet.NAME_SIZE);
    }

    /** ifhwioctl. @return false if it is none of its requests */
    private static boolean hardware(Ifnet which, long request, byte[] data) {
        Interfaces interfaces = which.host.interfaces();
        if (request == SIOCGIFFLAGS) {
            Words.put16(data, 16, which.flags);
            Words.put16(data, 18, which.flags >> 16);
        } else if (request == SIOCSIFFLAGS) {
            setFlags(which, Words.u16(data, 16) | Words.u16(data, 18) << 16);
        } else if (request == SIOCGIFMTU) {
            Words.put32(data, 16, which.mtu);
        } else if (request == SIOCSIFMTU) {
            setMtu(which, Words.i32(data, 16));
        } else if (request == SIOCSIFNAME) {
            byte[] name = Words.read(MessageMemory.at(Words.i64(data, 16)), Ifnet.NAME_SIZE);
            KernelError.when(name[15] != 0 && Words.text(name, 0, 16).length() == 16, KernelError.ENAMETOOLONG);
            interfaces.rename(which, Words.text(name, 0, 16));
        } else if (request == SIOCSIFDESCR) {
            setDescription(which, Words.i64(data, 16), Words.i64(data, 24));
        } else if (request == SIOCGIFDESCR) {
            getDescription(which, data);
        } else if (request == SIOCGIFCAP) {
            Words.put32(data, 16, which instanceof Tun ? IFCAP_LINKSTATE : 0);
            Words.put32(data, 20, which instanceof Tun ? IFCAP_LINKSTATE : 0);
        } else if (request == SIOCGIFFIB) {
            Words.put32(data, 16, which.fib);
        } else if (request == SIOCSIFFIB) {
            KernelError.when(Integer.compareUnsigned(Words.i32(data, 16), which.host.fibs()) >= 0, KernelError.EINVAL);
            which.fib = Words.i32(data, 16);
        } else if (request == SIOCAIFGROUP) {
            addGroup(which, Words.text(data, 24, Ifnet.NAME_SIZE));
        } else if (request == SIOCGIFGROUP) {
            getGroups(which, data);
        } else {
            return false;
        }
        return true;
    }

    private static void setFlags(Ifnet which, int wanted) {
        Interfaces interfaces = which.host.interfaces();
        boolean up = (wanted & Ifnet.IFF_UP) != 0;
        if (which.is(Ifnet.IFF_UP) && !up) {
            interfaces.down(which);
        }
        boolean goesUp = up && !which.is(Ifnet.IFF_UP);
        which.flags =
                which.flags & (Ifnet.IFF_CANTCHANGE | Ifnet.IFF_UP) | wanted & ~(Ifnet.IFF_CANTCHANGE | Ifnet.IFF_UP);
        if (goesUp) {
            interfaces.up(which);
        }
    }

    static void setMtu(Ifnet which, int mtu) {
        KernelError.when(mtu < 72 || mtu > 65_535, KernelError.EINVAL);
        if (which.mtu != mtu) {
            which.mtu = mtu;
            which.host.routing().changed(which);
        }
    }

    private static void setDescription(Ifnet which, long length, long address) {
        KernelError.when(length > MAX_DESCRIPTION, KernelError.ENAMETOOLONG);
        if (length == 0) {
            which.description = null;
            return;
        }
        // The last byte is the kernel's NUL, whatever it was.
        which.description = Words.text(Words.read(MessageMemory.at(address), length - 1), 0, (int) length - 1);
    }

    private static void getDescription(Ifnet which, byte[] data) {
        KernelError.when(which.description == null, KernelError.ENOMSG);
        byte[] text = Words.join(which.description.getBytes(java.nio.charset.StandardCharsets.UTF_8), new byte[1]);
        if (Words.i64(data, 16) < text.length) {
            Words.put64(data, 24, 0);
        } else {
            Words.write(text, MessageMemory.at(Words.i64(data, 24)));
        }
        Words.put64(data, 16, text.length);
    }

    private static void addGroup(Ifnet which, String group) {
        KernelError.when(group.isEmpty() || Character.isDigit(group.charAt(group.length() - 1)), KernelError.EINVAL);
        KernelError.when(!which.groups.add(group), KernelError.EEXIST);
    }

    /** struct ifgroupreq: name, u_int length at 16, pointer to names of 16 bytes each at 24. */
    private static void getGroups(Ifnet which, byte[] data) {
        int needed = Ifnet.NAME_SIZE * which.groups.size();
        if (Words.i32(data, 16) == 0) {
            Words.put32(data, 16, needed);
            return;
        }
        int room = Words.i32(data, 16);
        byte[] names = new byte[needed];
        int at = 0;
        for (String group : which.groups) {
            Words.putText(names, at, group, Ifnet.NAME_SIZE);
            at += Ifnet.NAME_SIZE;
        }
        KernelError.when(room < needed, KernelError.EINVAL);
        Words.write(names, MessageMemory.at(Words.i64(data, 24)));
        Words.put32(data, 16, needed);
    }

    private static void address(Ifnet which, int domain, long request, byte[] data) {
        if (domain == Address.AF_INET && request == SIOCAIFADDR) {
            addInet(which, data);
        } else if (domain == Address.AF_INET && request == SIOCDIFADDR) {
            removeInet(which, data);
        } else if (domain == Address.AF_INET6 && request == SIOCAIFADDR_IN6) {
            addInet6(which, data);
        } else if (domain == Address.AF_INET6 && request == SIOCDIFADDR_IN6) {
            removeInet6(which, data);
        } else {
            // in_control passes it to the driver, as does AF_UNIX: EINVAL of tunifioctl.
            throw new KernelError(domain == Address.AF_UNIX ? KernelError.EOPNOTSUPP : KernelError.EINVAL);
        }
    }

    private static boolean isSockaddr(byte[] data, int at, int family) {
        return Words.u8(data, at) == Address.sockaddrSize(family) && Words.u8(data, at + 1) == family;
    }

    private static Address inet(byte[] data, int at) {
        return Address.of(Words.cut(data, at + 4, 4));
    }

    private static Address inet6(byte[] data, int at) {
        return Address.of(Words.cut(data, at + 8, 16));
    }

    /** struct in_aliasreq: address at 16, destination or broadcast at 32, mask at 48, vhid at 64. */
    private static void addInet(Ifnet which, byte[] data) {
        int inet = Address.AF_INET;
        KernelError.when(!isSockaddr(data, 16, inet), KernelError.EINVAL);
        KernelError.when(Words.u8(data, 32) != 0 && !isSockaddr(data, 32, inet), KernelError.EINVAL);
        KernelError.when(Words.u8(data, 48) != 0 && !isSockaddr(data, 48, inet), KernelError.EINVAL);
        boolean pointToPoint = which.is(Ifnet.IFF_POINTOPOINT);
        Address destination = inet(data, 32);
        KernelError.when(
                pointToPoint && (Words.u8(data, 32) != 16 || destination.isUnspecified()), KernelError.EDESTADDRREQ);
        KernelError.when(Words.i32(data, 64) != 0, KernelError.EPROTONOSUPPORT); // no carp(4)
        Address local = inet(data, 16);
        int length =
                Words.u8(data, 48) == 0 ? classLength(local) : inet(data, 48).prefixLength();
        KernelError.when(length < 0, KernelError.EINVAL);
        Ifaddr before = which.find(local);
        if (before != null) {
            which.host.interfaces().removeAddress(which, before);
        }
        Address other = broadcast(local, length);
        boolean given = Words.u8(data, 32) != 0;
        which.addressSet();
        which.host
                .interfaces()
                .addAddress(
                        which,
                        new Ifaddr(
                                local,
                                length,
                                pointToPoint || given ? destination : which.is(Ifnet.IFF_BROADCAST) ? other : null));
    }

    private static int classLength(Address local) {
        int first = local.bytes()[0] & 0xff;
        return first < 128 ? 8 : first < 192 ? 16 : 24;
    }

    private static Address broadcast(Address local, int length) {
        byte[] bytes = local.bytes();
        byte[] mask = Address.mask(Address.AF_INET, length).bytes();
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] |= (byte) ~mask[i];
        }
        return Address.of(bytes);
    }

    /** struct ifreq. */
    private static void removeInet(Ifnet which, byte[] data) {
        KernelError.when(Words.u8(data, 16) != 0 && !isSockaddr(data, 16, Address.AF_INET), KernelError.EADDRNOTAVAIL);
        Ifaddr found = Words.u8(data, 16) == 0 ? first(which) : which.find(inet(data, 16));
        KernelError.when(found == null, KernelError.EADDRNOTAVAIL);
        which.host.interfaces().removeAddress(which, found);
    }

    private static @Nullable Ifaddr first(Ifnet which) {
        return which.addresses.stream()
                .filter(each -> each.local().family() == Address.AF_INET)
                .findFirst()
                .orElse(null);
    }

    /** struct in6_aliasreq: address at 16, destination at 44, mask at 72, flags at 100, lifetimes at 104 (valid at 16, preferred at 20 of it). */
    private static void addInet6(Ifnet which, byte[] data) {
        int family = Words.u8(data, 45);
        boolean pointToPoint = which.is(Ifnet.IFF_POINTOPOINT);
        KernelError.when(
                pointToPoint && family != Address.AF_INET6 && family != Address.AF_UNSPEC, KernelError.EAFNOSUPPORT);
        KernelError.when(!isSockaddr(data, 16, Address.AF_INET6), KernelError.EINVAL);
        KernelError.when(Words.u8(data, 72) > 28 || Words.u8(data, 72) == 0, KernelError.EINVAL);
        int length = inet6(data, 72).prefixLength();
        KernelError.when(length <= 0, KernelError.EINVAL);
        boolean hasDestination = family == Address.AF_INET6;
        KernelError.when(hasDestination && !pointToPoint && !which.is(Ifnet.IFF_LOOPBACK), KernelError.EINVAL);
        KernelError.when(hasDestination && length != 128, KernelError.EINVAL);
        long valid = Integer.toUnsignedLong(Words.i32(data, 120));
        KernelError.when(Integer.toUnsignedLong(Words.i32(data, 124)) > valid, KernelError.EINVAL);
        Address local = inet6(data, 16);
        KernelError.when(local.isMulticast() || local.isUnspecified(), KernelError.EADDRNOTAVAIL);
        Ifaddr before = which.find(local);
        if (before != null) {
            KernelError.when(before.prefixLength() != length, KernelError.EINVAL);
            return; // lifetimes and flags only
        }
        if (valid == 0) {
            return;
        }
        if (which.addresses.stream().noneMatch(each -> each.local().family() == Address.AF_INET6)) {
            which.addressSet();
        }
        which.host.interfaces().addAddress(which, new Ifaddr(local, length, hasDestination ? inet6(data, 44) : null));
    }

    /** struct in6_ifreq: address at 16. */
    private static void removeInet6(Ifnet which, byte[] data) {
        KernelError.when(!isSockaddr(data, 16, Address.AF_INET6), KernelError.EADDRNOTAVAIL);
        Ifaddr found = which.find(inet6(data, 16));
        KernelError.when(found == null, KernelError.EADDRNOTAVAIL);
        which.host.interfaces().removeAddress(which, found);
    }

    /** For tests: addresses without the ones that the kernel made itself. */
    static List<Ifaddr> configured(Ifnet which) {
        return which.addresses.stream()
                .filter(each -> !each.local().isLinkLocal())
                .toList();
    }
}
