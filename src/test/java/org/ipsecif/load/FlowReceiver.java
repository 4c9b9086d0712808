package org.ipsecif.load;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Takes the datagrams of many flows and one TCP stream, and says to the senders what came. */
final class FlowReceiver {
    private static final int ROOM = 1 << 22;
    private static final int ANSWER_EVERY = 4;
    private static final int HIGHEST = 1 << 28;
    private static final long SILENCE_MILLIS = 300;

    private final Selector selector = Selector.open();
    private final DatagramChannel datagrams = DatagramChannel.open();
    private final ServerSocketChannel server = ServerSocketChannel.open();
    private final Map<Integer, FlowTally> flows = new TreeMap<>();
    private final ByteBuffer incoming = ByteBuffer.allocateDirect(1 << 16);
    private final ByteBuffer answer = ByteBuffer.allocateDirect(NumberedFlow.ANSWER);
    private @Nullable NumberedStream stream;
    private long damaged;
    private volatile boolean ending;

    FlowReceiver(InetSocketAddress at) throws IOException {
        datagrams.setOption(StandardSocketOptions.SO_RCVBUF, ROOM);
        LinuxOptions.enlarge(datagrams, ROOM);
        datagrams.bind(at);
        datagrams.configureBlocking(false);
        datagrams.register(selector, SelectionKey.OP_READ);
        server.bind(at);
        server.configureBlocking(false);
        server.register(selector, SelectionKey.OP_ACCEPT);
    }

    /** Until something comes on standard input, and then no datagrams any more. */
    void run() throws IOException {
        Thread end = new Thread(this::awaitEnd, "end");
        end.setDaemon(true);
        end.start();
        System.out.println("ready");
        while (true) {
            int ready = selector.select(SILENCE_MILLIS);
            if (ready == 0 && ending) {
                break;
            }
            for (SelectionKey key : selector.selectedKeys()) {
                take(key);
            }
            selector.selectedKeys().clear();
        }
        print();
    }

    private void awaitEnd() {
        try {
            System.in.read();
        } catch (IOException e) {
            // nothing more will be said
        }
        ending = true;
    }

    private void take(SelectionKey key) throws IOException {
        if (key.isAcceptable()) {
            SocketChannel channel = server.accept();
            channel.configureBlocking(false);
            stream = new NumberedStream(channel);
            channel.register(selector, SelectionKey.OP_READ, stream);
        } else if (key.attachment() instanceof NumberedStream numbered) {
            if (!numbered.receive()) {
                numbered.close();
            }
        } else {
            takeDatagrams();
        }
    }

    private void takeDatagrams() throws IOException {
        incoming.clear();
        for (SocketAddress from = datagrams.receive(incoming); from != null; from = datagrams.receive(incoming)) {
            incoming.flip();
            int number = NumberedDatagram.isWhole(incoming) ? NumberedDatagram.number(incoming) : -1;
            if (number < 0 || number >= HIGHEST) {
                damaged++;
            } else {
                FlowTally tally = flows.computeIfAbsent(NumberedDatagram.flow(incoming), each -> new FlowTally());
                tally.add(number);
                if (number % ANSWER_EVERY == 0) {
                    answer.clear().putInt(tally.received()).putInt(tally.next());
                    datagrams.send(answer.flip(), from);
                }
            }
            incoming.clear();
        }
    }

    private void print() {
        flows.forEach((flow, tally) -> System.out.printf(
                "flow %d: received %d missing %d late %d twice %d%n",
                flow, tally.received(), tally.missing(), tally.late(), tally.twice()));
        System.out.printf(
                "received %d late %d twice %d damaged %d stream %d wrong %d%n",
                flows.values().stream().mapToInt(FlowTally::received).sum(),
                flows.values().stream().mapToInt(FlowTally::late).sum(),
                flows.values().stream().mapToInt(FlowTally::twice).sum(),
                damaged,
                stream == null ? 0 : stream.numbers(),
                stream == null ? 0 : stream.wrong());
    }
}
