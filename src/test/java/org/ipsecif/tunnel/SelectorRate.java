package org.ipsecif.tunnel;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.ipsecif.bare.Suite;
import org.ipsecif.platform.EspTransport.Encapsulation;
import org.ipsecif.sa.Direction;
import org.ipsecif.sa.Family;
import org.ipsecif.sa.IpPrefix;
import org.ipsecif.sa.PacketSettings;
import org.ipsecif.sa.SecurityPolicy;
import org.ipsecif.sa.Selector;
import org.ipsecif.sa.SelectorTiming;

/**
 * Prints what a thousand selectors on an interface cost its packets: both walks whole, {@code OutboundPath} with AES-GCM to
 * {@code InboundPath}, beside an interface with any-any. Rounds measure one after the other, by processor time of this thread, each
 * with the same packets, of which each selector has some; a figure is the median of the rounds.
 */
public final class SelectorRate {
    private static final int SELECTORS = 1_000;
    private static final int PACKETS = 4_096;
    private static final int ROUNDS = 31;
    private static final int WARM_UP = 10;
    private static final int PASSES = 4;
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private SelectorRate() {}

    public static void main(String[] args) {
        for (Family family : Family.values()) {
            Map<String, List<Selector>> shapes = new LinkedHashMap<>();
            shapes.put("networks of one length", SelectorTiming.networks(family, SELECTORS));
            shapes.put("prefixes of all lengths", SelectorTiming.prefixes(family, SELECTORS));
            shapes.put("with protocols and ports", SelectorTiming.ports(family, SELECTORS));
            for (int bytes : new int[] {64, 1_400}) {
                shapes.forEach((shape, selectors) -> measure(family, shape, selectors, bytes));
            }
        }
    }

    private static WalkLoop loop(List<Selector> selectors, byte[][] packets) {
        List<SecurityPolicy> policies = new ArrayList<>();
        for (Selector each : selectors) {
            policies.add(HostEnd.policy(Direction.OUTBOUND, each, HostEnd.A, HostEnd.B, 100));
            policies.add(HostEnd.policy(Direction.INBOUND, each, HostEnd.B, HostEnd.A, 100));
        }
        return new WalkLoop(
                Suite.AES_GCM_16_128.association(),
                Suite.AES_GCM_16_128.association(),
                Encapsulation.NO,
                packets,
                PacketSettings.DEFAULT,
                1_500,
                policies);
    }

    private static void measure(Family family, String shape, List<Selector> selectors, int bytes) {
        Random random = new Random(bytes);
        byte[][] packets = new byte[PACKETS][];
        Arrays.setAll(packets, i -> SelectorTiming.packet(selectors.get(i % selectors.size()), true, bytes, random));
        Selector any = Selector.between(IpPrefix.any(family), IpPrefix.any(family));
        double[] withAny = new double[ROUNDS];
        double[] withMany = new double[ROUNDS];
        try (WalkLoop one = loop(List.of(any), packets);
                WalkLoop many = loop(selectors, packets)) {
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
        double base = median(withAny);
        double cost = median(withMany);
        System.out.printf(
                Locale.ROOT,
                "%-5s %5d bytes  1,000 %-24s  any-any %6.0f ns, these %6.0f ns a packet: %.2f times%n",
                family.word(),
                bytes,
                shape,
                base,
                cost,
                cost / base);
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
