package org.ipsecif.platform.freebsd;

import org.ipsecif.platform.DatagramRun;
import org.ipsecif.platform.UdpEndpoint;
import org.ipsecif.platform.posix.Posix;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.wire.OuterHeader;

/**
 * Sends over IPv6, where a control message says each thing (RFC 3542 section 6.1, 6.3, 6.5, 11.1, 11.2, ip6(4)) but the flow label: there the
 * kernel has its own, which is 0 for a socket that is not connected. What the path is too short for is cut for the least MTU, since
 * an error about a fragment names no SPI, so that nothing could be learned from one about a longer.
 */
final class ControlSender extends BsdSender {
    private static final int INTEGER = BsdMessages.space(Integer.BYTES);
    private static final int PACKET_INFO = 20;

    /** Values of IPV6_USE_MIN_MTU (RFC 3542 section 11.1): for multicast only, which is the default, and always. */
    private static final int USUAL = -1;

    private static final int ALWAYS = 1;

    private final BsdMessages messages;
    private final int trafficClass;
    private final int hopLimit;
    private final int dontFragment;
    private final int leastMtu;
    private final boolean ports;
    private UdpEndpoint remote;

    /** @param port local one of UDP, which the socket is bound to, or 0: then each packet says its source, and has no port */
    ControlSender(Posix posix, int fd, boolean many, IpAddress local, int port) {
        super(posix, fd, many);
        ports = port != 0;
        int size = 4 * INTEGER + (ports ? 0 : BsdMessages.space(PACKET_INFO));
        messages = messages(1, Abi.SIZEOF_SOCKADDR_IN6, size);
        trafficClass = messages.describe(0, Abi.IPPROTO_IPV6, Abi.IPV6_TCLASS, Integer.BYTES);
        hopLimit = messages.describe(INTEGER, Abi.IPPROTO_IPV6, Abi.IPV6_HOPLIMIT, Integer.BYTES);
        dontFragment = messages.describe(2 * INTEGER, Abi.IPPROTO_IPV6, Abi.IPV6_DONTFRAG, Integer.BYTES);
        leastMtu = messages.describe(3 * INTEGER, Abi.IPPROTO_IPV6, WireAbi.IPV6_USE_MIN_MTU, Integer.BYTES);
        if (!ports) {
            int at = messages.describe(4 * INTEGER, Abi.IPPROTO_IPV6, Abi.IPV6_PKTINFO, PACKET_INFO);
            messages.controls().put(at, local.toBytes());
        }
        remote = new UdpEndpoint(local, port);
        messages.setName(SocketAddresses.encode(local, port));
    }

    @Override
    int send(DatagramRun run, UdpEndpoint to, OuterHeader outer) {
        if (!remote.equals(to)) {
            messages.setName(SocketAddresses.encode(to.address(), ports ? to.port() : 0));
            remote = to;
        }
        messages.controls()
                .putInt(trafficClass, outer.trafficClass())
                .putInt(hopLimit, outer.hopLimit())
                .putInt(dontFragment, outer.dontFragment() && !outer.cut() ? 1 : 0)
                .putInt(leastMtu, outer.cut() ? ALWAYS : USUAL);
        return sendEach(messages, run);
    }

    @Override
    void describe(BsdMessages into, int message, long address, int length) {
        into.setPart(message, 0, address, length);
    }
}
