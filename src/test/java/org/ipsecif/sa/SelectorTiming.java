package org.ipsecif.sa;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.ipsecif.sa.Selector.PortRange;
import org.ipsecif.wire.Bytes;
import org.ipsecif.wire.PacketView;

/**
 * Prints what a policy lookup costs: any-any beside a thousand selectors of several shapes, and the linear search beside them. A
 * figure is the median of 15 runs over 4,096 packets that come in random order. Run it on a quiet machine.
 */
public final class SelectorTiming {
    private static final int PACKETS = 4_096;
    private static final int RUNS = 15;
    private static final int ROUNDS = 500;

    private SelectorTiming() {}

    public static void main(String[] args) {
        for (Family family : Family.values()) {
            measure(family, "any-any", List.of(Selector.between(IpPrefix.any(family), IpPrefix.any(family))));
            measure(family, "1,000 networks of one length", networks(family, 1_000));
            measure(family, "32 times 32 networks", squares(family));
            measure(family, "1,000 prefixes of all lengths", prefixes(family, 1_000));
            measure(family, "1,000 with protocols and ports", ports(family, 1_000));
        }
    }

    private static IpAddress address(Family family, Random random) {
        byte[] bytes = new byte[family.addressLength()];
        random.nextBytes(bytes);
        bytes[0] = 10;
        return IpAddress.ofBytes(bytes);
    }

    /** So many networks of one length to go to, from anywhere. */
    public static List<Selector> networks(Family family, int count) {
        Random random = new Random(1);
        int length = family == Family.INET ? 24 : 64;
        List<Selector> selectors = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            selectors.add(Selector.between(IpPrefix.any(family), new IpPrefix(address(family, random), length)));
        }
        return selectors;
    }

    private static List<Selector> squares(Family family) {
        List<Selector> local = networks(family, 32);
        List<Selector> remote = networks(family, 64).subList(32, 64);
        List<Selector> selectors = new ArrayList<>();
        for (Selector from : local) {
            remote.forEach(to -> selectors.add(Selector.between(from.destination(), to.destination())));
        }
        return selectors.subList(0, 1_000);
    }

    /** Of all lengths from 12 bits on, on both sides. */
    public static List<Selector> prefixes(Family family, int count) {
        Random random = new Random(2);
        List<Selector> selectors = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int least = 12;
            IpPrefix source =
                    new IpPrefix(address(family, random), least + random.nextInt(family.addressBits() - least));
            IpPrefix destination =
                    new IpPrefix(address(family, random), least + random.nextInt(family.addressBits() - least));
            selectors.add(Selector.between(source, destination));
        }
        return selectors;
    }

    /** Networks of one length, TCP or UDP, and up to a thousand ports. */
    public static List<Selector> ports(Family family, int count) {
        Random random = new Random(3);
        List<Selector> selectors = new ArrayList<>();
        for (Selector each : networks(family, count)) {
            int first = random.nextInt(60_000);
            selectors.add(new Selector(
                    each.source(),
                    each.destination(),
                    random.nextBoolean() ? 6 : 17,
                    PortRange.ANY,
                    new PortRange(first, first + random.nextInt(1_000))));
        }
        return selectors;
    }

    /**
     * Goes where a selector leads, from and to random hosts of its networks, or to nowhere in particular.
     *
     * @param length bytes
     */
    public static byte[] packet(Selector selector, boolean hit, int length, Random random) {
        boolean inet = selector.family() == Family.INET;
        byte[] bytes = new byte[length];
        bytes[0] = (byte) (inet ? 0x45 : 0x60);
        Bytes.put16(bytes, inet ? 2 : 4, inet ? length : length - PacketView.IPV6_HEADER);
        bytes[inet ? 9 : 6] = (byte) (selector.protocol() == Selector.ANY_PROTOCOL ? 17 : selector.protocol());
        int size = selector.family().addressLength();
        int at = inet ? 12 : 8;
        System.arraycopy(host(selector.source(), hit, random), 0, bytes, at, size);
        System.arraycopy(host(selector.destination(), hit, random), 0, bytes, at + size, size);
        int ports = inet ? 20 : 40;
        Bytes.put16(bytes, ports, random.nextInt(65_536));
        Bytes.put16(bytes, ports + 2, selector.destinationPorts().first());
        return bytes;
    }

    /** Nine in ten hit. */
    private static PacketView packet(Selector selector, Random random) {
        byte[] bytes = packet(selector, random.nextInt(10) != 0, 64, random);
        PacketView view = new PacketView();
        if (!view.parse(bytes, 0, bytes.length)) {
            throw new IllegalStateException("no packet");
        }
        return view;
    }

    private static byte[] host(IpPrefix prefix, boolean inside, Random random) {
        IpAddress any = address(prefix.family(), random);
        byte[] bytes = any.toBytes();
        if (inside) {
            byte[] network = prefix.address().toBytes();
            for (int bit = 0; bit < prefix.length(); bit++) {
                int mask = 0x80 >> bit % 8;
                bytes[bit / 8] = (byte) (bytes[bit / 8] & ~mask | network[bit / 8] & mask);
            }
        }
        return bytes;
    }

    private static void measure(Family family, String what, List<Selector> selectors) {
        List<SecurityPolicy> policies = new ArrayList<>();
        selectors.forEach(selector -> policies.add(RandomSelectors.policy("p", selector, 1)));
        long start = System.nanoTime();
        SecurityPolicyDatabase database = new SecurityPolicyDatabase(policies);
        double milliseconds = (System.nanoTime() - start) / 1e6;
        Random random = new Random(4);
        PacketView[] packets = new PacketView[PACKETS];
        Arrays.setAll(packets, i -> packet(selectors.get(random.nextInt(selectors.size())), random));
        double compiled = median(
                () -> {
                    int found = 0;
                    for (PacketView packet : packets) {
                        found += database.matchOutbound(packet) == null ? 0 : 1;
                    }
                    return found;
                },
                ROUNDS);
        double linear = median(
                () -> {
                    int found = 0;
                    for (PacketView packet : packets) {
                        found += linear(policies, packet);
                    }
                    return found;
                },
                selectors.size() > 1 ? 2 : ROUNDS);
        System.out.printf(
                Locale.ROOT,
                "%-5s %-32s %7.1f ns a packet, linear %8.1f ns, made in %.1f ms%n",
                family.word(),
                what,
                compiled,
                linear,
                milliseconds);
    }

    private static int linear(List<SecurityPolicy> policies, PacketView packet) {
        for (SecurityPolicy policy : policies) {
            if (policy.selector().matches(packet)) {
                return 1;
            }
        }
        return 0;
    }

    private interface Pass {
        int run();
    }

    private static double median(Pass pass, int rounds) {
        double[] figures = new double[RUNS];
        int sink = 0;
        for (int run = -5; run < RUNS; run++) { // five to warm up
            long start = System.nanoTime();
            for (int i = 0; i < rounds; i++) {
                sink += pass.run();
            }
            figures[Math.max(0, run)] = (System.nanoTime() - start) / (double) rounds / PACKETS;
        }
        if (sink == 1) {
            System.out.println("never");
        }
        Arrays.sort(figures);
        return figures[RUNS / 2];
    }
}
