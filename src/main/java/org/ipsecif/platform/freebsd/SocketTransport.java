package org.ipsecif.platform.freebsd;

import org.ipsecif.platform.Datagrams;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.PacketBuffer;
import org.ipsecif.platform.UdpEndpoint;
import org.ipsecif.platform.posix.Posix;

/**
 * ESP in UDP, or UDP at large, by udp(4), where the kernel leaves ESP alone as long as nobody sets UDP_ENCAP; and ESP without UDP by a raw
 * socket of protocol 50, which gets it from kernels without IPsec.
 */
final class SocketTransport extends BsdTransport {
    private final SocketReceiver receiver;

    /** @param fd which the receiver reads; taken over, and closed if there is an error */
    SocketTransport(Posix posix, int fd, SocketReceiver receiver, Plan plan) throws ErrnoException {
        super(posix, fd, NONE, plan);
        this.receiver = receiver;
    }

    @Override
    public int receiveSize() {
        return receiver.receiveSize();
    }

    @Override
    public int receiveCount() {
        return receiver.receiveCount();
    }

    @Override
    public int receive(PacketBuffer into, Datagrams datagrams) {
        return receiver.receive(into, datagrams);
    }

    @Override
    public UdpEndpoint source(int datagram) {
        return receiver.source(datagram);
    }

    @Override
    public boolean isFrom(int datagram, UdpEndpoint sender) {
        return receiver.isFrom(datagram, sender);
    }
}
