package org.ipsecif.load;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;

/**
 * Whether a flow's packets keep their order. {@code receive ADDRESS PORT} takes datagrams and a TCP stream until a line comes on its standard
 * input, then prints what came of each flow and of all. {@code send ADDRESS PORT FLOWS DATAGRAMS STREAM [SWAP]} sends so many datagrams in all, the
 * last flow's by UDP_SEGMENT, and beside them so many bytes over TCP, at the pace at which they arrive; with SWAP, the two of
 * every so manieth pair change places. For {@code src/test/netns/order.sh}.
 */
public final class FlowOrder {
    private static final long PAUSE_MILLIS = 1;

    private final List<NumberedFlow> flows = new ArrayList<>();
    private final Selector selector = Selector.open();
    private final NumberedStream stream;
    private final long streamNumbers;

    private FlowOrder(InetSocketAddress to, int count, int datagrams, long streamBytes) throws IOException {
        for (int flow = 0; flow < count; flow++) {
            int last = datagrams / count + (flow < datagrams % count ? 1 : 0);
            NumberedFlow each = new NumberedFlow(to, flow, last, flow == count - 1);
            each.channel().register(selector, SelectionKey.OP_READ);
            flows.add(each);
        }
        SocketChannel channel = SocketChannel.open(to);
        channel.configureBlocking(false);
        stream = new NumberedStream(channel).sending();
        streamNumbers = streamBytes / Long.BYTES;
    }

    public static void main(String[] arguments) throws IOException {
        InetSocketAddress address = new InetSocketAddress(arguments[1], Integer.parseInt(arguments[2]));
        if (arguments[0].equals("receive")) {
            new FlowReceiver(address).run();
            return;
        }
        FlowOrder sender = new FlowOrder(
                address, Integer.parseInt(arguments[3]), Integer.parseInt(arguments[4]), Long.parseLong(arguments[5]));
        if (arguments.length > 6) {
            sender.flows.forEach(flow -> flow.swapEvery(Integer.parseInt(arguments[6])));
        }
        sender.run();
    }

    private void run() throws IOException {
        while (!flows.stream().allMatch(NumberedFlow::isDone) || !stream.isDone(streamNumbers)) {
            boolean moved = stream.send(streamNumbers);
            for (NumberedFlow flow : flows) {
                moved |= !flow.isDone() && flow.send();
            }
            if (!moved) {
                selector.select(PAUSE_MILLIS);
                selector.selectedKeys().clear();
            }
        }
        stream.close();
        System.out.printf(
                "sent %d silences %d stream %d%n",
                flows.stream().mapToInt(NumberedFlow::sent).sum(),
                flows.stream().mapToInt(NumberedFlow::silences).sum(),
                stream.numbers());
    }
}
