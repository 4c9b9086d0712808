package org.ipsecif.sa;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.ipsecif.sa.Selector.PortRange;
import org.ipsecif.wire.Bytes;
import org.ipsecif.wire.PacketView;

/** Policies and packets from narrow ranges of values, so that they meet often. */
final class RandomSelectors {
    private static final int[] PROTOCOLS = {Selector.ANY_PROTOCOL, Selector.ANY_PROTOCOL, 0, 1, 6, 17, 58, 255};
    private static final int[] PORTS = {0, 1, 2, 53, 500, 1023, 65_534, 65_535};
    private static final int FRAGMENT = 44;

    private final Random random;
    private final Family family;
    private final List<IpAddress> addresses = new ArrayList<>();
    private final byte[] packet = new byte[64];

    RandomSelectors(Random random, Family family) {
        this.random = random;
        this.family = family;
    }

    List<SecurityPolicy> policies(int count) {
        List<SecurityPolicy> policies = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            policies.add(policy("p" + i, selector(), random.nextInt(count / 2 + 1)));
        }
        return policies;
    }

    static SecurityPolicy policy(String name, Selector selector, int priority) {
        return new SecurityPolicy(
                name, Direction.OUTBOUND, selector, PolicyAction.DISCARD, List.of(), priority, new PolicyScope.IfId(1));
    }

    private Selector selector() {
        return new Selector(prefix(), prefix(), PROTOCOLS[random.nextInt(PROTOCOLS.length)], ports(), ports());
    }

    private IpPrefix prefix() {
        int bits = family.addressBits();
        return new IpPrefix(address(), random.nextBoolean() ? random.nextInt(bits / 4) : random.nextInt(bits + 1));
    }

    /** One of a few, so that selectors and packets have the same; now and then another one. */
    private IpAddress address() {
        if (addresses.size() < 6) {
            addresses.add(anyAddress());
        }
        return random.nextInt(4) == 0 ? anyAddress() : addresses.get(random.nextInt(addresses.size()));
    }

    /** Few bits vary, at both ends and in the middle, all ones among them. */
    private IpAddress anyAddress() {
        byte[] bytes = new byte[family.addressLength()];
        int kind = random.nextInt(8);
        for (int i = 0; i < bytes.length; i++) {
            boolean varies = i == 0 || i == bytes.length / 2 || i == bytes.length - 1;
            bytes[i] = kind == 0 ? -1 : (byte) (varies ? random.nextInt(4) * 85 : 0);
        }
        return IpAddress.ofBytes(bytes);
    }

    private PortRange ports() {
        int first = port();
        int second = port();
        return switch (random.nextInt(5)) {
            case 0 -> new PortRange(first, first);
            case 1 -> new PortRange(Math.min(first, second), Math.max(first, second));
            case 2 ->
                new PortRange(Math.max(first, second), Math.min(first, second)); // takes none, unless they are equal
            default -> PortRange.ANY;
        };
    }

    private int port() {
        return random.nextInt(10) == 0 ? random.nextInt(65_536) : PORTS[random.nextInt(PORTS.length)];
    }

    /** A packet of any protocol, whole, cut short behind its header, or a fragment that shows no ports. */
    void next(PacketView view) {
        int[] protocols = {1, 6, 17, 50, 58, 255};
        int protocol = protocols[random.nextInt(protocols.length)];
        boolean later = random.nextInt(4) == 0;
        int header = family == Family.INET ? inet(protocol, later) : inet6(protocol, later);
        Bytes.put16(packet, header, port());
        Bytes.put16(packet, header + 2, port());
        int length = header + random.nextInt(8);
        setLength(length);
        if (!view.parse(packet, 0, length)) {
            throw new IllegalStateException("no packet");
        }
    }

    private int inet(int protocol, boolean later) {
        packet[0] = 0x45;
        packet[9] = (byte) protocol;
        Bytes.put16(packet, 6, later ? 1 : 0);
        System.arraycopy(address().toBytes(), 0, packet, 12, 4);
        System.arraycopy(address().toBytes(), 0, packet, 16, 4);
        return 20;
    }

    private int inet6(int protocol, boolean later) {
        packet[0] = 0x60;
        packet[6] = (byte) (later ? FRAGMENT : protocol);
        System.arraycopy(address().toBytes(), 0, packet, 8, 16);
        System.arraycopy(address().toBytes(), 0, packet, 24, 16);
        if (!later) {
            return 40;
        }
        packet[40] = (byte) protocol;
        Bytes.put16(packet, 42, 8);
        return 48;
    }

    private void setLength(int length) {
        Bytes.put16(packet, family == Family.INET ? 2 : 4, family == Family.INET ? length : length - 40);
    }
}
