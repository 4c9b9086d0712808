package org.ipsecif.load;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.HashMap;
import java.util.Map;
import org.ipsecif.ike.Path;
import org.ipsecif.sa.IpAddress;

/** UDP ports 500 and 4500 of many addresses, for one thread. */
final class UdpPorts implements AutoCloseable {
    private static final int MARKER = 4;
    private static final int BUFFER = 1 << 22;

    private record Port(IpAddress address, int port) {}

    /** Takes what came. */
    interface Receiver {
        void receive(Path path, byte[] bytes, int length);
    }

    private final Selector selector = Selector.open();
    private final Map<Port, DatagramChannel> channels = new HashMap<>();
    private final ByteBuffer incoming = ByteBuffer.allocate(1 << 16);

    UdpPorts() throws IOException {}

    void open(IpAddress address) throws IOException {
        for (int port : new int[] {Path.IKE_PORT, Path.NAT_PORT}) {
            Port key = new Port(address, port);
            if (!channels.containsKey(key)) {
                DatagramChannel channel = DatagramChannel.open();
                channel.setOption(StandardSocketOptions.SO_RCVBUF, BUFFER);
                channel.bind(new InetSocketAddress(InetAddress.getByAddress(address.toBytes()), port));
                channel.configureBlocking(false);
                channel.register(selector, SelectionKey.OP_READ, key);
                channels.put(key, channel);
            }
        }
    }

    void send(Path path, byte[] message) {
        DatagramChannel channel = channels.get(new Port(path.local(), path.localPort()));
        ByteBuffer datagram = ByteBuffer.allocate(MARKER + message.length);
        if (path.isFloated()) {
            datagram.putInt(0);
        }
        datagram.put(message).flip();
        try {
            channel.send(
                    datagram,
                    new InetSocketAddress(InetAddress.getByAddress(path.remote().toBytes()), path.remotePort()));
        } catch (IOException e) {
            // lost, as on the way
        }
    }

    /** Waits until something has come, at most so many milliseconds, and hands over all that is there. */
    void receive(long millis, Receiver receiver) throws IOException {
        selector.select(Math.max(1, millis));
        for (SelectionKey key : selector.selectedKeys()) {
            drain((DatagramChannel) key.channel(), (Port) key.attachment(), receiver);
        }
        selector.selectedKeys().clear();
    }

    private void drain(DatagramChannel channel, Port port, Receiver receiver) throws IOException {
        for (InetSocketAddress from = next(channel); from != null; from = next(channel)) {
            Path path = new Path(port.address, port.port, address(from.getAddress()), from.getPort());
            int marker = path.isFloated() ? MARKER : 0;
            if (incoming.remaining() > marker && (marker == 0 || incoming.getInt(0) == 0)) {
                byte[] bytes = new byte[incoming.remaining() - marker];
                incoming.position(marker).get(bytes);
                receiver.receive(path, bytes, bytes.length);
            }
        }
    }

    private InetSocketAddress next(DatagramChannel channel) throws IOException {
        incoming.clear();
        InetSocketAddress from = (InetSocketAddress) channel.receive(incoming);
        incoming.flip();
        return from;
    }

    private static IpAddress address(InetAddress address) {
        String text = address instanceof Inet4Address
                ? address.getHostAddress()
                : address.getHostAddress().split("%", 2)[0];
        return IpAddress.parse(text);
    }

    @Override
    public void close() throws IOException {
        for (DatagramChannel each : channels.values()) {
            each.close();
        }
        selector.close();
    }
}
