package org.ipsecif.load;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.Random;

/**
 * One flow's sender, at a port of its own. It sends runs of random length, and no more than a window ahead of what the receiver says has
 * come; what is lost halves the window.
 */
final class NumberedFlow {
    /** Bytes of what the receiver says: how many came, and one more than the highest number among them. */
    static final int ANSWER = 8;

    private static final int[] SIZES = {64, 1_300, 400, 1_200};
    private static final int SEGMENT = 1_200;
    private static final int LONGEST_RUN = 32;
    private static final int LEAST_WINDOW = LONGEST_RUN / 2;
    private static final int WIDEST_WINDOW = 4 * LONGEST_RUN;
    private static final long SILENCE = 200_000_000;

    private final DatagramChannel channel = DatagramChannel.open();
    private final ByteBuffer run = ByteBuffer.allocateDirect(LONGEST_RUN * SIZES[1]);
    private final ByteBuffer answer = ByteBuffer.allocateDirect(ANSWER);
    private final Random random;
    private final int flow;
    private final int last;
    private boolean segmented;
    private int every;
    private int sent;
    private int arrived;
    private int lost;
    private int window = LEAST_WINDOW;
    private long heard = System.nanoTime();
    private int silences;

    /**
     * @param last one more than the last number
     * @param segmented whether the host is to get its runs whole, by UDP_SEGMENT
     */
    NumberedFlow(InetSocketAddress to, int flow, int last, boolean segmented) throws IOException {
        this.flow = flow;
        this.last = last;
        this.segmented = segmented;
        this.random = new Random(flow);
        channel.setOption(StandardSocketOptions.SO_SNDBUF, 1 << 20);
        channel.connect(to);
        channel.configureBlocking(false);
        if (segmented) {
            LinuxOptions.segment(channel, SEGMENT);
        }
    }

    /** From now on the two of every so manieth pair change places. */
    void swapEvery(int pairs) {
        every = pairs;
    }

    DatagramChannel channel() {
        return channel;
    }

    boolean isDone() {
        return sent == last;
    }

    int sent() {
        return sent;
    }

    /** How often nothing was heard, and what was on the way given up. */
    int silences() {
        return silences;
    }

    /** Sends a run, if there is room for it. @return whether anything went out */
    boolean send() throws IOException {
        hear();
        int count = Math.min(1 + random.nextInt(Math.min(LONGEST_RUN, window / 2)), last - sent);
        if (sent + count - arrived > window) {
            if (System.nanoTime() - heard > SILENCE) {
                silences++;
                giveUp();
            }
            return false;
        }
        int before = sent;
        if (segmented) {
            sendWhole(count);
        } else {
            sendSingly(count);
        }
        return sent != before;
    }

    private void giveUp() {
        arrived = sent;
        window = LEAST_WINDOW;
        heard = System.nanoTime();
    }

    private void hear() throws IOException {
        answer.clear();
        while (channel.read(answer) == ANSWER) {
            int nowLost = answer.getInt(4) - answer.getInt(0);
            window = nowLost > lost ? Math.max(LEAST_WINDOW, window / 2) : Math.min(WIDEST_WINDOW, window + 1);
            lost = nowLost;
            arrived = Math.max(arrived, answer.getInt(4));
            heard = System.nanoTime();
            answer.clear();
        }
    }

    private void sendWhole(int count) throws IOException {
        run.clear();
        for (int i = 0; i < count; i++) {
            put(sent + i, SEGMENT);
        }
        try {
            if (channel.write(run.flip()) > 0) {
                sent += count;
            }
        } catch (IOException e) {
            // EIO of kernels that do not cut for a device without checksums (before Linux 6.11)
            segmented = false;
            LinuxOptions.segment(channel, 0);
        }
    }

    private void sendSingly(int count) throws IOException {
        for (int i = 0; i < count; i++) {
            run.clear();
            put(sent, length(sent));
            if (channel.write(run.flip()) <= 0) {
                return;
            }
            sent++;
        }
    }

    /** Most have all datagrams of one length; every fourth flow has a shorter one now and then. */
    private int length(int number) {
        int size = SIZES[flow % SIZES.length];
        return flow % SIZES.length == 2 && number % 7 == 0 ? size - 8 * (number % 11) : size;
    }

    private void put(int place, int length) {
        int number = place ^ (swaps(place) ? 1 : 0);
        NumberedDatagram.put(run, flow, number, length);
    }

    /** Of a pair both or neither do. */
    private boolean swaps(int place) {
        return every > 0 && (place | 1) < last && (place >> 1) % every == 0;
    }
}
