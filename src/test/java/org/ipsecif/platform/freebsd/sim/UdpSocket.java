package org.ipsecif.platform.freebsd.sim;

/** A socket of udp(4) (netinet/udp_usrreq.c, netinet6/udp6_usrreq.c). */
final class UdpSocket extends InetSocket {
    /** net.inet.udp.maxdgram and recvspace */
    private static final int SEND_SPACE = 9216;

    private static final int RECEIVE_SPACE = 42_080;
    private static final int HEADER = 8;
    private static final int FIRST_EPHEMERAL = 10_000;

    UdpSocket(SimulatedFreeBsd host, int domain) {
        super(host, domain, 2, SEND_SPACE, RECEIVE_SPACE);
    }

    @Override
    void bind(byte[] name) {
        KernelError.when(port != 0, KernelError.EINVAL);
        Address address = address(name);
        requireLocal(address);
        int wanted = Words.net16(name, 2);
        KernelError.when(wanted != 0 && isTaken(address, wanted), KernelError.EADDRINUSE);
        local = address;
        port = wanted == 0 ? ephemeral() : wanted;
    }

    private boolean isTaken(Address address, int wanted) {
        for (InetSocket each : host.stack().sockets()) {
            boolean same = each != this && each instanceof UdpSocket && each.domain == domain && each.port == wanted;
            boolean both = each.local.equals(address) || each.isForAll() || address.isUnspecified();
            boolean shared = (reuse & each.reuse & SO_REUSEPORT) != 0
                    || (reuse & SO_REUSEADDR) != 0 && !each.local.equals(address);
            if (same && both && !shared) {
                return true;
            }
        }
        return false;
    }

    private int ephemeral() {
        int found = FIRST_EPHEMERAL;
        while (isTaken(local, found)) {
            found++;
        }
        return found;
    }

    @Override
    void connect(SimulatedProcess by, byte[] name) {
        KernelError.when(remote != null, KernelError.EISCONN);
        Address to = address(name);
        Address source = host.stack().sourceFor(to, fib);
        KernelError.when(source == null, KernelError.EHOSTUNREACH);
        local = local.isUnspecified() ? source : local;
        port = port == 0 ? ephemeral() : port;
        remote = to;
        remotePort = Words.net16(name, 2);
    }

    @Override
    int send(SimulatedProcess by, Message message, boolean dontWait) {
        byte[] data = message.data;
        KernelError.when(data.length > sendBuffer || data.length > 65_507, KernelError.EMSGSIZE);
        KernelError.when(remote != null && message.name.length > 0, KernelError.EISCONN);
        KernelError.when(remote == null && message.name.length == 0, KernelError.EDESTADDRREQ);
        Address to = remote != null ? remote : address(message.name);
        int toPort = remote != null ? remotePort : Words.net16(message.name, 2);
        KernelError.when(toPort == 0, KernelError.EADDRNOTAVAIL);
        port = port == 0 ? ephemeral() : port;
        Manner manner = manner(message);
        manner.source = sourceOf(manner, to);
        byte[] datagram = new byte[HEADER + data.length];
        Words.putNet16(datagram, 0, port);
        Words.putNet16(datagram, 2, toPort);
        Words.putNet16(datagram, 4, datagram.length);
        Words.copy(data, datagram, HEADER);
        int sum = IpPacket.checksum(manner.source, to, IpPacket.UDP, datagram);
        Words.putNet16(datagram, 6, sum == 0 ? 0xffff : sum);
        output(manner, to, IpPacket.UDP, datagram);
        return data.length;
    }

    /** Whether this is who a datagram is for. */
    boolean hears(IpPacket packet) {
        byte[] bytes = packet.bytes;
        return packet.isInet() == isInet()
                && Words.net16(bytes, packet.payloadAt + 2) == port
                && (isForAll() || local.equals(packet.destination))
                && (remote == null
                        || remote.equals(packet.source) && remotePort == Words.net16(bytes, packet.payloadAt));
    }

    @Override
    void offer(Ifnet from, IpPacket packet) {
        if (packet.protocol != IpPacket.UDP || !hears(packet)) {
            return;
        }
        byte[] datagram = packet.payload();
        byte[] data = Words.cut(datagram, HEADER, Words.net16(datagram, 4) - HEADER);
        Message message = new Message(data, packet.source.sockaddr(Words.net16(datagram, 0), from.index));
        tell(message, from, packet);
        enqueue(message);
    }
}
