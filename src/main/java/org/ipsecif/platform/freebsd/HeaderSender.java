package org.ipsecif.platform.freebsd;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.ipsecif.platform.DatagramRun;
import org.ipsecif.platform.EspTransport;
import org.ipsecif.platform.UdpEndpoint;
import org.ipsecif.platform.posix.DirectBuffer;
import org.ipsecif.platform.posix.Posix;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.wire.Checksum;
import org.ipsecif.wire.IpProtocol;
import org.ipsecif.wire.OuterHeader;

/**
 * Sends over IPv4 by a raw socket, IP header included (IP_HDRINCL of ip(4)), for UDP its header too: FreeBSD's UDP sockets take the
 * traffic class with a datagram, but TTL and DF only for the whole socket. Length and offset are in network order, since FreeBSD 11. The
 * kernel makes the header's checksum, and the identification where it is 0, and fragments what has no DF and is too long.
 */
final class HeaderSender extends BsdSender {
    private static final int IP_HEADER = 20;
    private static final int UDP_HEADER = 8;
    private static final int STRIDE = 32;
    private static final int MAX_PACKET = 65_535;
    private static final int VERSION_AND_LENGTH = 0x4500_0000;
    private static final int DONT_FRAGMENT = 0x4000;

    /** RFC 3948 section 2.2: four bytes that no ESP packet begins with. */
    private static final int NON_ESP_MARKER = 4;

    private final BsdMessages messages = messages(2, Abi.SIZEOF_SOCKADDR_IN, 0);
    private final DirectBuffer headers = new DirectBuffer(DatagramRun.MAX_DATAGRAMS * STRIDE);
    private final ByteBuffer big = headers.bytes().duplicate().order(ByteOrder.BIG_ENDIAN);
    private final IpAddress local;
    private final int port;
    private final int size;
    private UdpEndpoint remote;
    private byte[] payload = new byte[0];

    // What the headers of one run say.
    private int trafficClass;
    private int hopLimit;
    private boolean dontFragment;
    private ByteBuffer source = ByteBuffer.allocate(0);
    private long sourceAddress;

    /** @param port local one of UDP, or 0: then it is ESP without */
    HeaderSender(Posix posix, int fd, boolean many, IpAddress local, int port) {
        super(posix, fd, many);
        this.local = local;
        this.port = port;
        size = port == 0 ? IP_HEADER : IP_HEADER + UDP_HEADER;
        remote = new UdpEndpoint(local, port);
        messages.setName(SocketAddresses.encode(local, 0));
    }

    @Override
    int send(DatagramRun run, UdpEndpoint to, OuterHeader outer) {
        if (!remote.equals(to)) {
            messages.setName(SocketAddresses.encode(to.address(), 0));
            remote = to;
        }
        if (size + run.firstLength() > MAX_PACKET) {
            return EspTransport.TOO_BIG;
        }
        trafficClass = outer.trafficClass();
        hopLimit = outer.hopLimit();
        dontFragment = outer.dontFragment();
        source = run.buffer().bytes();
        sourceAddress = run.buffer().address();
        return sendEach(messages, run);
    }

    @Override
    void describe(BsdMessages into, int message, long address, int length) {
        int at = message * STRIDE;
        big.putInt(at, VERSION_AND_LENGTH | trafficClass << 16 | (size + length));
        big.putInt(at + 4, dontFragment ? DONT_FRAGMENT : 0);
        big.putInt(at + 8, hopLimit << 24 | (port == 0 ? IpProtocol.ESP : IpProtocol.UDP) << 16);
        big.putInt(at + 12, (int) local.low());
        big.putInt(at + 16, (int) remote.address().low());
        if (port != 0) {
            big.putInt(at + IP_HEADER, port << 16 | remote.port());
            big.putInt(at + IP_HEADER + 4, (UDP_HEADER + length) << 16);
            int from = (int) (address - sourceAddress);
            if (!isEsp(from, length)) {
                big.putShort(at + IP_HEADER + 6, (short) udpChecksum(from, length));
            }
        }
        into.setPart(message, 0, headers.pointer().address() + at, size);
        into.setPart(message, 1, address, length);
    }

    /** Or a keepalive: RFC 3948 sections 2.1 and 2.3 want no checksum of these. */
    private boolean isEsp(int from, int length) {
        return port == EspTransport.UDP_PORT && (length < NON_ESP_MARKER || source.getInt(from) != 0);
    }

    /** RFC 768: 0 would mean that there is none. */
    private int udpChecksum(int from, int length) {
        if (payload.length < length) {
            payload = new byte[length];
        }
        source.get(from, payload, 0, length);
        long addresses = local.low() + remote.address().low();
        long fields = IpProtocol.UDP + 2L * (UDP_HEADER + length) + port + remote.port();
        int checksum = Checksum.finish(Checksum.sum(addresses + fields, payload, 0, length));
        return checksum == 0 ? 0xffff : checksum;
    }
}
