package org.ipsecif.platform.freebsd.sim;

import java.util.Arrays;
import java.util.List;
import org.ipsecif.platform.freebsd.sim.Message.Control;
import org.jspecify.annotations.Nullable;

/** What sockets of udp(4), ip(4) and ip6(4) share: addresses, options and control messages (netinet/ip_output.c, netinet6/ip6_output.c). */
abstract class InetSocket extends Socket {
    static final int IPPROTO_IP = 0;
    static final int IPPROTO_IPV6 = 41;
    static final int IP_HDRINCL = 2;
    static final int IP_TOS = 3;
    static final int IP_TTL = 4;
    static final int IP_RECVDSTADDR = 7;
    static final int IP_IPSEC_POLICY = 21;
    static final int IP_BINDANY = 24;
    static final int IP_RECVTTL = 65;
    static final int IP_MINTTL = 66;
    static final int IP_DONTFRAG = 67;
    static final int IP_RECVTOS = 68;
    static final int IPV6_UNICAST_HOPS = 4;
    static final int IPV6_V6ONLY = 27;
    static final int IPV6_IPSEC_POLICY = 28;
    static final int IPV6_RECVPKTINFO = 36;
    static final int IPV6_RECVHOPLIMIT = 37;
    static final int IPV6_USE_MIN_MTU = 42;
    static final int IPV6_PKTINFO = 46;
    static final int IPV6_HOPLIMIT = 47;
    static final int IPV6_RECVTCLASS = 57;
    static final int IPV6_TCLASS = 61;
    static final int IPV6_DONTFRAG = 62;
    static final int IPV6_BINDANY = 64;
    private static final int SADB_X_POLICY = 16;
    private static final int MIN_MTU = 1280;

    /** How one packet goes out. */
    static final class Manner {
        Address source;
        int trafficClass;
        int hopLimit;
        boolean dontFragment;
        boolean leastMtu;

        Manner(Address source) {
            this.source = source;
        }
    }

    final int domain;
    Address local;

    @Nullable
    Address remote;

    int port;
    int remotePort;
    boolean bindAny;
    private int trafficClass;
    private int hopLimit = IpStack.DEFAULT_TTL;
    private boolean dontFragment;
    private boolean leastMtu;
    private boolean bypassesInbound;
    private boolean bypassesOutbound;
    private boolean tellsDestination;
    private boolean tellsHopLimit;
    private boolean tellsTrafficClass;

    InetSocket(SimulatedFreeBsd host, int domain, int type, int space, int receiveSpace) {
        super(host, type, space, receiveSpace);
        this.domain = domain;
        local = Address.unspecified(domain);
        host.stack().sockets().add(this);
    }

    /** Takes the packet if it is for this socket. */
    abstract void offer(Ifnet from, IpPacket packet);

    final boolean isInet() {
        return domain == Address.AF_INET;
    }

    final boolean isForAll() {
        return local.isUnspecified();
    }

    /** The address in a name that bind(2), connect(2) or sendto(2) got. */
    final Address address(byte[] name) {
        KernelError.when(name.length != Address.sockaddrSize(domain), KernelError.EINVAL);
        KernelError.when(Words.u8(name, 1) != domain, KernelError.EAFNOSUPPORT);
        Address address = Address.in(name, 0);
        KernelError.when(address == null, KernelError.EAFNOSUPPORT);
        return address;
    }

    final void requireLocal(Address address) {
        boolean known = address.isUnspecified() || bindAny || host.interfaces().having(address) != null;
        KernelError.when(!known, KernelError.EADDRNOTAVAIL);
    }

    @Override
    byte[] name() {
        return local.sockaddr(port, 0);
    }

    @Override
    void setOption(int level, int option, byte[] value) {
        if (level == Message.SOL_SOCKET) {
            super.setOption(level, option, value);
        } else if (level == IPPROTO_IP && isInet()) {
            setInet(option, value);
        } else if (level == IPPROTO_IPV6 && !isInet()) {
            setInet6(option, value);
        } else {
            throw new KernelError(KernelError.ENOPROTOOPT);
        }
    }

    void setInet(int option, byte[] value) {
        switch (option) {
            case IP_TOS -> trafficClass = i32(value) & 0xff;
            case IP_TTL -> hopLimit = ranged(i32(value), 1, 255);
            case IP_DONTFRAG -> dontFragment = i32(value) != 0;
            case IP_RECVDSTADDR -> tellsDestination = i32(value) != 0;
            case IP_RECVTTL -> tellsHopLimit = i32(value) != 0;
            case IP_RECVTOS -> tellsTrafficClass = i32(value) != 0;
            case IP_MINTTL -> ranged(i32(value), 0, 255);
            case IP_BINDANY -> bindAny = i32(value) != 0;
            case IP_IPSEC_POLICY -> setPolicy(value);
            default -> throw new KernelError(KernelError.ENOPROTOOPT);
        }
    }

    void setInet6(int option, byte[] value) {
        switch (option) {
            case IPV6_TCLASS -> trafficClass = Math.max(0, ranged(i32(value), -1, 255));
            case IPV6_UNICAST_HOPS -> {
                int hops = ranged(i32(value), -1, 255);
                hopLimit = hops < 0 ? IpStack.DEFAULT_TTL : hops;
            }
            case IPV6_DONTFRAG -> dontFragment = i32(value) != 0;
            case IPV6_USE_MIN_MTU -> leastMtu = ranged(i32(value), -1, 1) == 1;
            case IPV6_RECVPKTINFO -> tellsDestination = i32(value) != 0;
            case IPV6_RECVHOPLIMIT -> tellsHopLimit = i32(value) != 0;
            case IPV6_RECVTCLASS -> tellsTrafficClass = i32(value) != 0;
            case IPV6_V6ONLY -> KernelError.when(port != 0 || !local.isUnspecified(), KernelError.EINVAL);
            case IPV6_BINDANY -> bindAny = i32(value) != 0;
            case IPV6_IPSEC_POLICY -> setPolicy(value);
            default -> throw new KernelError(KernelError.ENOPROTOOPT);
        }
    }

    private static int ranged(int value, int least, int most) {
        KernelError.when(value < least || value > most, KernelError.EINVAL);
        return value;
    }

    /** struct sadb_x_policy (net/pfkeyv2.h): len 0, exttype 2, type 4, dir 6; of a kernel that has IPsec. */
    private void setPolicy(byte[] value) {
        KernelError.when(host.keyKernel() == null, KernelError.ENOPROTOOPT);
        KernelError.when(value.length < SADB_X_POLICY, KernelError.EINVAL);
        KernelError.when(8 * Words.u16(value, 0) != value.length, KernelError.EINVAL);
        KernelError.when(Words.u16(value, 2) != 18, KernelError.EINVAL);
        int type = Words.u16(value, 4);
        KernelError.when(type != 2 && type != 3 && type != 4, KernelError.EINVAL); // ipsec, entrust, bypass
        int direction = Words.u8(value, 6);
        KernelError.when(direction != 1 && direction != 2, KernelError.EINVAL);
        if (direction == 1) {
            bypassesInbound = type == 4;
        } else {
            bypassesOutbound = type == 4;
        }
    }

    /** What control messages say of one packet, over what the socket says. */
    final Manner manner(Message message) {
        Manner manner = new Manner(local);
        manner.trafficClass = trafficClass;
        manner.hopLimit = hopLimit;
        manner.dontFragment = dontFragment;
        manner.leastMtu = leastMtu;
        for (Control control : message.controls) {
            if (isInet()) {
                applyInet(manner, control);
            } else {
                applyInet6(manner, control);
            }
        }
        return manner;
    }

    /** udp_output: IP_SENDSRCADDR, IP_TOS. */
    private void applyInet(Manner manner, Control control) {
        KernelError.when(
                control.level() != IPPROTO_IP || port == 0 && control.type() == IP_RECVDSTADDR, KernelError.EINVAL);
        switch (control.type()) {
            case IP_RECVDSTADDR -> {
                KernelError.when(control.data().length != 4 || !local.isUnspecified(), KernelError.EINVAL);
                manner.source = Address.of(control.data());
                KernelError.when(host.interfaces().having(manner.source) == null, KernelError.EADDRNOTAVAIL);
            }
            case IP_TOS -> {
                KernelError.when(control.data().length != 1, KernelError.EINVAL);
                manner.trafficClass = Words.u8(control.data(), 0);
            }
            default -> throw new KernelError(KernelError.ENOPROTOOPT);
        }
    }

    /** ip6_setpktopts (RFC 3542). */
    private void applyInet6(Manner manner, Control control) {
        KernelError.when(control.level() != IPPROTO_IPV6, KernelError.EINVAL);
        switch (control.type()) {
            case IPV6_PKTINFO -> {
                KernelError.when(control.data().length != 20, KernelError.EINVAL);
                Address source = Address.of(Words.cut(control.data(), 0, 16));
                requireLocal(source);
                manner.source = source.isUnspecified() ? manner.source : source;
            }
            case IPV6_HOPLIMIT -> {
                int hops = ranged(control.i32(), -1, 255);
                manner.hopLimit = hops < 0 ? IpStack.DEFAULT_TTL : hops;
            }
            case IPV6_TCLASS -> manner.trafficClass = Math.max(0, ranged(control.i32(), -1, 255));
            case IPV6_DONTFRAG -> manner.dontFragment = control.i32() != 0;
            case IPV6_USE_MIN_MTU -> manner.leastMtu = ranged(control.i32(), -1, 1) == 1;
            default -> throw new KernelError(KernelError.ENOPROTOOPT);
        }
    }

    /** Sends what the protocol gives. */
    final void output(Manner manner, Address to, int protocol, byte[] payload) {
        int flags = manner.dontFragment ? IpPacket.DONT_FRAGMENT : 0;
        byte[] packet =
                IpPacket.make(manner.source, to, protocol, manner.trafficClass, manner.hopLimit, flags, payload);
        boolean whole = manner.dontFragment && !manner.leastMtu;
        if (!isInet() && manner.leastMtu && packet.length > MIN_MTU) {
            Fragments.cut(packet, MIN_MTU, Arrays.hashCode(packet)).forEach(part -> send(part, false));
            return;
        }
        send(packet, !whole);
    }

    /** @throws KernelError as ip_output says */
    final void send(byte[] packet, boolean mayFragment) {
        refuse(host.stack().output(packet, mayFragment, bypassesOutbound, fib));
    }

    /** Whether the kernel's inbound policies are not for what comes here. */
    final boolean bypassesInbound() {
        return bypassesInbound;
    }

    private static void refuse(int errno) {
        KernelError.when(errno != 0, errno);
    }

    /** The source that it will have, for sums over it. */
    final Address sourceOf(Manner manner, Address to) {
        if (!manner.source.isUnspecified()) {
            return manner.source;
        }
        Address found = host.stack().sourceFor(to, fib);
        KernelError.when(found == null, KernelError.EHOSTUNREACH);
        return found;
    }

    /** ip_savecontrol, ip6_savecontrol. */
    final void tell(Message message, Ifnet from, IpPacket packet) {
        List<Control> controls = message.controls;
        if (isInet()) {
            byte[] destination = packet.destination.bytes();
            addIf(tellsDestination, controls, IPPROTO_IP, IP_RECVDSTADDR, destination);
            addIf(tellsTrafficClass, controls, IPPROTO_IP, IP_RECVTOS, new byte[] {(byte) packet.trafficClass()});
            addIf(tellsHopLimit, controls, IPPROTO_IP, IP_RECVTTL, new byte[] {(byte) packet.hopLimit()});
            return;
        }
        byte[] info = Words.put32(new byte[20], 16, from.index);
        Words.copy(packet.destination.bytes(), info, 0);
        addIf(tellsDestination, controls, IPPROTO_IPV6, IPV6_PKTINFO, info);
        addIf(tellsHopLimit, controls, IPPROTO_IPV6, IPV6_HOPLIMIT, word(packet.hopLimit()));
        addIf(tellsTrafficClass, controls, IPPROTO_IPV6, IPV6_TCLASS, word(packet.trafficClass()));
    }

    private static byte[] word(int value) {
        return Words.put32(new byte[4], 0, value);
    }

    private static void addIf(boolean wanted, List<Control> to, int level, int type, byte[] data) {
        if (wanted) {
            to.add(new Control(level, type, data));
        }
    }

    @Override
    void ioctl(SimulatedProcess by, long request, byte[] data) {
        if ((request & 0xff00) == 'i' << 8) {
            InterfaceControl.ioctl(by, domain, request, data);
        } else if (request != 0x8004667eL) {
            throw new KernelError(KernelError.ENOTTY);
        }
    }

    @Override
    void lastClose(SimulatedProcess by) {
        host.stack().sockets().remove(this);
    }
}
