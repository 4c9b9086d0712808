package org.ipsecif.platform.freebsd.sim;

/** A raw socket of ip(4) or ip6(4) (netinet/raw_ip.c, netinet6/raw_ip6.c). */
final class RawSocket extends InetSocket {
    /** net.inet.raw.maxdgram and recvspace */
    private static final int SPACE = 9216;

    private static final int ICMP6_FILTER = 18;
    private static final int IPV6_CHECKSUM = 26;

    private final int protocol;
    private boolean headerIncluded;
    private int checksumAt = -1;

    /** A bit a type: set passes. Empty passes all. */
    private byte[] filter = new byte[0];

    RawSocket(SimulatedFreeBsd host, int domain, int protocol) {
        super(host, domain, 3, SPACE, SPACE);
        this.protocol = protocol;
    }

    /** IPv6's raw sockets know no IPV6_BINDANY here: rip6_bind asks for an address of an interface. */
    @Override
    void bind(byte[] name) {
        Address address = address(name);
        if (isInet()) {
            requireLocal(address);
        } else {
            boolean known = address.isUnspecified() || host.interfaces().having(address) != null;
            KernelError.when(!known, KernelError.EADDRNOTAVAIL);
        }
        local = address;
    }

    @Override
    void connect(SimulatedProcess by, byte[] name) {
        remote = address(name);
    }

    @Override
    void setInet(int option, byte[] value) {
        if (option == IP_HDRINCL) {
            headerIncluded = i32(value) != 0;
        } else {
            super.setInet(option, value);
        }
    }

    @Override
    void setInet6(int option, byte[] value) {
        if (option == IPV6_CHECKSUM) {
            int at = i32(value);
            KernelError.when(at > 0 && at % 2 != 0 || protocol == IpPacket.ICMPV6, KernelError.EINVAL);
            checksumAt = at;
        } else {
            super.setInet6(option, value);
        }
    }

    @Override
    void setOption(int level, int option, byte[] value) {
        if (level == IpPacket.ICMPV6 && protocol == IpPacket.ICMPV6 && !isInet()) {
            KernelError.when(option != ICMP6_FILTER, KernelError.ENOPROTOOPT);
            KernelError.when(value.length != 32, KernelError.EINVAL);
            filter = value;
        } else {
            super.setOption(level, option, value);
        }
    }

    @Override
    int send(SimulatedProcess by, Message message, boolean dontWait) {
        byte[] data = message.data;
        KernelError.when(data.length > sendBuffer, KernelError.EMSGSIZE);
        KernelError.when(remote != null && message.name.length > 0, KernelError.EISCONN);
        KernelError.when(remote == null && message.name.length == 0, KernelError.ENOTCONN);
        Address to = remote != null ? remote : address(message.name);
        if (headerIncluded) {
            KernelError.when(!message.controls.isEmpty(), KernelError.EINVAL);
            sendWhole(data);
            return data.length;
        }
        KernelError.when(isInet() && data.length + 20 > 65_535, KernelError.EMSGSIZE);
        KernelError.when(isInet() && !message.controls.isEmpty(), KernelError.EINVAL);
        Manner manner = manner(message);
        if (!isInet()) {
            manner.source = sourceOf(manner, to);
            data = summed(manner.source, to, data.clone());
        }
        output(manner, to, protocol, data);
        return data.length;
    }

    /** rip_output of IP_HDRINCL: the header's own destination counts. */
    private void sendWhole(byte[] packet) {
        KernelError.when(packet.length < IpPacket.IPV4_HEADER, KernelError.EINVAL);
        int header = (packet[0] & 0xf) * 4;
        KernelError.when(header < IpPacket.IPV4_HEADER || header > packet.length, KernelError.EINVAL);
        KernelError.when(Words.net16(packet, 2) != packet.length, KernelError.EINVAL);
        send(packet, true);
    }

    private byte[] summed(Address source, Address to, byte[] data) {
        int at = protocol == IpPacket.ICMPV6 ? 2 : checksumAt;
        if (at >= 0) {
            KernelError.when(at + 2 > data.length, KernelError.EINVAL);
            Words.putNet16(data, at, 0);
            Words.putNet16(data, at, IpPacket.checksum(source, to, protocol, data));
        }
        return data;
    }

    /** IPv4's gets the packet from its header on, IPv6's what is behind all headers. */
    @Override
    void offer(Ifnet from, IpPacket packet) {
        if (packet.isInet() != isInet()
                || protocol != 0 && protocol != packet.protocol
                || !isForAll() && !local.equals(packet.destination)
                || remote != null && !remote.equals(packet.source)
                || !passes(packet)) {
            return;
        }
        byte[] data = isInet() ? packet.bytes : packet.payload();
        Message message = new Message(data.clone(), packet.source.sockaddr(0, from.index));
        tell(message, from, packet);
        enqueue(message);
    }

    private boolean passes(IpPacket packet) {
        if (filter.length == 0) {
            return true;
        }
        int kind = Words.u8(packet.bytes, packet.payloadAt);
        return (Words.i32(filter, kind / 32 * 4) & 1 << kind % 32) != 0;
    }
}
