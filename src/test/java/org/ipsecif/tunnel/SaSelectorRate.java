package org.ipsecif.tunnel;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.ipsecif.bare.Suite;
import org.ipsecif.platform.EspTransport.Encapsulation;
import org.ipsecif.sa.Family;
import org.ipsecif.sa.PacketSettings;
import org.ipsecif.sa.SaSelectors;
import org.ipsecif.sa.SecurityAssociation;
import org.ipsecif.sa.Selector;
import org.ipsecif.sa.SelectorTiming;
import org.ipsecif.sa.TrafficRange;

/**
 * Prints what the traffic selectors of SAs cost packets: both walks whole, as {@link SelectorRate}, with one SA that takes all, with one
 * that takes the packets' networks, and with a Child SA for each pair of networks. All have any-to-any policies, and the same packets.
 */
public final class SaSelectorRate {
    private static final int PACKETS = 4_096;
    private static final int ROUNDS = 31;
    private static final int WARM_UP = 10;
    private static final int PASSES = 2;
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private SaSelectorRate() {}

    public static void main(String[] args) {
        for (Family family : Family.values()) {
            for (int pairs : new int[] {1, 4, 100, 1_000}) {
                measure(family, SelectorTiming.networks(family, pairs));
            }
        }
    }

    private static WalkLoop loop(List<SaSelectors> selectors, byte[][] packets) {
        List<SecurityAssociation> send = new ArrayList<>();
        List<SecurityAssociation> receive = new ArrayList<>();
        for (int i = 0; i < selectors.size(); i++) {
            send.add(Suite.AES_GCM_16_128.association(0x1000 + i, selectors.get(i)));
            receive.add(Suite.AES_GCM_16_128.association(0x1000 + i, selectors.get(i)));
        }
        return new WalkLoop(
                send,
                receive,
                Encapsulation.NO,
                packets,
                PacketSettings.DEFAULT,
                1_500,
                HostEnd.anyToAny(
                        send.get(0).parameters().source(),
                        send.get(0).parameters().destination()));
    }

    private static SaSelectors of(Selector selector) {
        return SaSelectors.between(
                List.of(TrafficRange.of(selector.source())), List.of(TrafficRange.of(selector.destination())));
    }

    private static void measure(Family family, List<Selector> pairs) {
        Random random = new Random(pairs.size());
        byte[][] packets = new byte[PACKETS][];
        Arrays.setAll(packets, i -> SelectorTiming.packet(pairs.get(i % pairs.size()), true, 64, random));
        double[] withAny = new double[ROUNDS];
        double[] withMany = new double[ROUNDS];
        try (WalkLoop one = loop(List.of(SaSelectors.ANY), packets);
                WalkLoop many = loop(pairs.stream().map(SaSelectorRate::of).toList(), packets)) {
            for (int round = -WARM_UP; round < ROUNDS; round++) {
                withAny[Math.max(0, round)] = nanos(one);
                withMany[Math.max(0, round)] = nanos(many);
            }
            long sent = (long) PACKETS * PASSES * (ROUNDS + WARM_UP);
            if (one.delivered() != sent || many.delivered() != sent) {
                throw new IllegalStateException(
                        "delivered " + one.delivered() + " and " + many.delivered() + " of " + sent);
            }
        }
        System.out.printf(
                Locale.ROOT,
                "%-5s one SA for all %6.0f ns a packet, a Child SA for each of %5d pairs %6.0f ns%n",
                family.word(),
                median(withAny),
                pairs.size(),
                median(withMany));
    }

    private static double nanos(WalkLoop loop) {
        long before = THREADS.getCurrentThreadCpuTime();
        for (int i = 0; i < PACKETS * PASSES; i++) {
            loop.step();
        }
        return (double) (THREADS.getCurrentThreadCpuTime() - before) / (PACKETS * PASSES);
    }

    private static double median(double[] figures) {
        Arrays.sort(figures);
        return figures[figures.length / 2];
    }
}
