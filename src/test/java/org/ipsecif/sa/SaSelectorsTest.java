package org.ipsecif.sa;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.ipsecif.wire.Bytes;
import org.ipsecif.wire.IpProtocol;
import org.ipsecif.wire.PacketView;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which packets are an SA's (RFC 4301 sections 4.4.1.1, 4.4.1.3, 7). */
class SaSelectorsTest {
    private static final int UNKNOWN = -1;

    static TrafficRange range(String first, String last, int protocol, int firstPort, int lastPort) {
        return new TrafficRange(protocol, firstPort, lastPort, IpAddress.parse(first), IpAddress.parse(last));
    }

    static TrafficRange range(String first, String last) {
        return range(first, last, Selector.ANY_PROTOCOL, 0, 65_535);
    }

    static TrafficRange prefix(String text) {
        return TrafficRange.of(IpPrefix.parse(text));
    }

    private static SaSelectors between(TrafficRange source, TrafficRange destination) {
        return SaSelectors.between(List.of(source), List.of(destination));
    }

    /**
     * A packet with these ports, or type and code.
     *
     * @param sourcePort -1 for a later fragment
     */
    static PacketView packet(String from, String to, int protocol, int sourcePort, int destinationPort) {
        IpAddress source = IpAddress.parse(from);
        boolean inet = source.family() == Family.INET;
        boolean later = sourcePort == UNKNOWN;
        int header = inet ? 20 : later ? 48 : 40;
        byte[] bytes = new byte[header + 8];
        bytes[0] = (byte) (inet ? 0x45 : 0x60);
        Bytes.put16(bytes, inet ? 2 : 4, inet ? bytes.length : bytes.length - 40);
        bytes[inet ? 9 : later ? 40 : 6] = (byte) protocol;
        if (!inet && later) {
            bytes[6] = 44;
        }
        if (later) {
            Bytes.put16(bytes, inet ? 6 : 42, inet ? 1 : 8);
        }
        System.arraycopy(source.toBytes(), 0, bytes, inet ? 12 : 8, source.toBytes().length);
        byte[] destination = IpAddress.parse(to).toBytes();
        System.arraycopy(destination, 0, bytes, inet ? 16 : 24, destination.length);
        if (protocol == IpProtocol.ICMP || protocol == IpProtocol.ICMPV6) {
            bytes[header] = (byte) sourcePort;
            bytes[header + 1] = (byte) destinationPort;
        } else {
            Bytes.put16(bytes, header, sourcePort);
            Bytes.put16(bytes, header + 2, destinationPort);
        }
        PacketView view = new PacketView();
        assertTrue(view.parse(bytes, 0, bytes.length));
        return view;
    }

    private static PacketView udp(String from, String to) {
        return packet(from, to, IpProtocol.UDP, 1000, 2000);
    }

    @Test
    void rangeThatIsNoPrefixTakesItsEndsAndNoMore() {
        SaSelectors selectors = between(range("10.0.0.5", "10.0.1.2"), prefix("10.9.0.0/16"));
        assertTrue(selectors.take(udp("10.0.0.5", "10.9.0.0")));
        assertTrue(selectors.take(udp("10.0.1.2", "10.9.255.255")));
        assertFalse(selectors.take(udp("10.0.0.4", "10.9.0.0")));
        assertFalse(selectors.take(udp("10.0.1.3", "10.9.0.0")));
        assertFalse(selectors.take(udp("10.0.0.5", "10.10.0.0")));
    }

    @Test
    void rangeOfInet6CarriesOverTheMiddle() {
        SaSelectors selectors = between(range("2001:db8:0:1:ffff:ffff:ffff:fffe", "2001:db8:0:2::1"), prefix("::/0"));
        assertTrue(selectors.take(udp("2001:db8:0:1:ffff:ffff:ffff:fffe", "ff02::1")));
        assertTrue(selectors.take(udp("2001:db8:0:2::", "ff02::1")));
        assertTrue(selectors.take(udp("2001:db8:0:2::1", "ff02::1")));
        assertFalse(selectors.take(udp("2001:db8:0:1:ffff:ffff:ffff:fffd", "ff02::1")));
        assertFalse(selectors.take(udp("2001:db8:0:2::2", "ff02::1")));
        assertFalse(selectors.take(udp("10.0.0.1", "10.0.0.2")));
    }

    @Test
    void highAddressesAreNotNegative() {
        SaSelectors selectors = between(range("7fff::", "8000::"), range("fe80::", "ffff::"));
        assertTrue(selectors.take(udp("7fff::1", "ff00::")));
        assertTrue(selectors.take(udp("8000::", "ffff::")));
        assertFalse(selectors.take(udp("8000::1", "ffff::")));
    }

    @Test
    void eitherEndOfAnyPairOfRangesWillDo() {
        SaSelectors selectors = SaSelectors.between(
                List.of(prefix("10.1.0.0/16"), prefix("2001:db8:1::/48")),
                List.of(prefix("10.2.0.0/16"), prefix("10.3.0.0/16"), prefix("2001:db8:2::/48")));
        assertTrue(selectors.take(udp("10.1.0.1", "10.2.0.1")));
        assertTrue(selectors.take(udp("10.1.0.1", "10.3.0.1")));
        assertTrue(selectors.take(udp("2001:db8:1::1", "2001:db8:2::1")));
        assertFalse(selectors.take(udp("10.2.0.1", "10.1.0.1")));
        assertFalse(selectors.take(udp("2001:db8:1::1", "2001:db8:1::1")));
    }

    @Test
    void protocolAndPortsDecide() {
        SaSelectors web = between(
                range("10.0.0.0", "10.0.0.255", IpProtocol.TCP, 0, 65_535),
                range("0.0.0.0", "255.255.255.255", IpProtocol.TCP, 80, 443));
        assertTrue(web.take(packet("10.0.0.1", "10.9.0.1", IpProtocol.TCP, 50_000, 80)));
        assertTrue(web.take(packet("10.0.0.1", "10.9.0.1", IpProtocol.TCP, 50_000, 443)));
        assertFalse(web.take(packet("10.0.0.1", "10.9.0.1", IpProtocol.TCP, 50_000, 444)));
        assertFalse(web.take(packet("10.0.0.1", "10.9.0.1", IpProtocol.TCP, 50_000, 79)));
        assertFalse(web.take(packet("10.0.0.1", "10.9.0.1", IpProtocol.UDP, 50_000, 80)));
        assertTrue(web.havePorts());
    }

    /** RFC 4301 section 7: what does not show its port belongs only where any port does, or OPAQUE. */
    @Test
    void laterFragmentBelongsWhereAnyPortDoes() {
        PacketView later = packet("10.0.0.1", "10.9.0.1", IpProtocol.UDP, UNKNOWN, UNKNOWN);
        PacketView first = packet("10.0.0.1", "10.9.0.1", IpProtocol.UDP, 53, 53);
        PacketView later6 = packet("2001:db8::1", "2001:db8::2", IpProtocol.UDP, UNKNOWN, UNKNOWN);
        TrafficRange any = prefix("10.0.0.0/8");
        TrafficRange port = range("10.0.0.0", "10.255.255.255", IpProtocol.UDP, 53, 53);
        TrafficRange opaque = range("10.0.0.0", "10.255.255.255", IpProtocol.UDP, 65_535, 0);
        assertTrue(between(any, any).take(later));
        assertFalse(between(port, any).take(later));
        assertFalse(between(any, port).take(later));
        assertTrue(between(port, any).take(first));
        assertTrue(between(opaque, opaque).take(later));
        assertFalse(between(opaque, opaque).take(first));
        assertTrue(SaSelectors.ANY.take(later6));
        assertFalse(between(
                        range("2001:db8::", "2001:db8::ff", IpProtocol.UDP, 53, 53),
                        range("2001:db8::", "2001:db8::ff", IpProtocol.UDP, 0, 65_535))
                .take(later6));
    }

    /** RFC 4301 section 4.4.1.3 C: a type that this end may send, and the peer may not. */
    @Test
    void sendersSideDecidesByIcmpTypeAndCode() {
        TrafficRange echo = range("10.0.0.0", "10.0.0.255", IpProtocol.ICMP, 8 << 8, 8 << 8 | 255);
        TrafficRange anyType = range("10.9.0.0", "10.9.0.255", IpProtocol.ICMP, 0, 65_535);
        TrafficRange opaque = range("10.9.0.0", "10.9.0.255", IpProtocol.ICMP, 65_535, 0);
        PacketView request = packet("10.0.0.1", "10.9.0.1", IpProtocol.ICMP, 8, 0);
        PacketView reply = packet("10.9.0.1", "10.0.0.1", IpProtocol.ICMP, 0, 0);
        assertTrue(between(echo, anyType).take(request));
        assertTrue(between(anyType, echo).take(reply));
        assertFalse(between(echo, anyType).take(packet("10.0.0.1", "10.9.0.1", IpProtocol.ICMP, 0, 0)));
        assertTrue(between(echo, opaque).take(request));
        assertFalse(between(opaque, echo).take(reply));
    }

    @Test
    void anyIsBothFamiliesWhole() {
        assertTrue(SaSelectors.ANY.isAny());
        assertFalse(SaSelectors.ANY.havePorts());
        SaSelectors inet = between(prefix("0.0.0.0/0"), prefix("0.0.0.0/0"));
        assertFalse(inet.isAny());
        assertTrue(inet.take(udp("10.0.0.1", "10.0.0.2")));
        assertFalse(inet.take(udp("2001:db8::1", "2001:db8::2")));
        assertFalse(between(range("0.0.0.0", "255.255.255.254"), prefix("0.0.0.0/0"))
                .isAny());
        assertEquals(inet, between(prefix("0.0.0.0/0"), prefix("0.0.0.0/0")));
    }

    @Test
    void rangeThatEndsBeforeItBeginsTakesNothing() {
        SaSelectors empty = between(range("10.0.0.2", "10.0.0.1"), prefix("0.0.0.0/0"));
        assertFalse(empty.take(udp("10.0.0.1", "10.0.0.1")));
        assertFalse(empty.take(udp("10.0.0.2", "10.0.0.1")));
        TrafficRange ports = range("0.0.0.0", "255.255.255.255", IpProtocol.UDP, 2000, 1000);
        assertFalse(between(ports, ports).take(udp("10.0.0.1", "10.0.0.2")));
    }

    /** Many are compiled, and take what they take one by one. */
    @ParameterizedTest
    @CsvSource({"INET, 5", "INET6, 5", "INET, 80", "INET6, 80"})
    void manyTakeWhatEachTakesAlone(Family family, int count) {
        Random random = new Random(7296L * count + family.ordinal());
        int taken = 0;
        for (int set = 0; set < 20; set++) {
            RandomSelectors source = new RandomSelectors(random, family);
            List<TrafficRange> from = ranges(source.policies(count), random);
            List<TrafficRange> to = ranges(source.policies(count), random);
            SaSelectors many = SaSelectors.between(from, to);
            List<SaSelectors> sources =
                    from.stream().map(each -> between(each, any(family))).toList();
            List<SaSelectors> destinations =
                    to.stream().map(each -> between(any(family), each)).toList();
            PacketView packet = new PacketView();
            for (int i = 0; i < 500; i++) {
                source.next(packet);
                boolean expected = sources.stream().anyMatch(each -> each.take(packet))
                        && destinations.stream().anyMatch(each -> each.take(packet));
                assertEquals(expected, many.take(packet));
                taken += expected ? 1 : 0;
            }
        }
        assertTrue(taken > 100 && taken < 9_900, () -> "too few or too many were taken to tell");
    }

    private static TrafficRange any(Family family) {
        return TrafficRange.of(IpPrefix.any(family));
    }

    /** The sources of selectors, cut off somewhere, so that they are no prefixes. */
    private static List<TrafficRange> ranges(List<SecurityPolicy> policies, Random random) {
        List<TrafficRange> ranges = new ArrayList<>();
        for (SecurityPolicy each : policies) {
            Selector selector = each.selector();
            IpAddress last = selector.source().last();
            IpAddress cut = random.nextBoolean() ? last : selector.destination().last();
            boolean opaque = random.nextInt(8) == 0;
            ranges.add(new TrafficRange(
                    selector.protocol(),
                    opaque ? 65_535 : selector.sourcePorts().first(),
                    opaque ? 0 : selector.sourcePorts().last(),
                    selector.source().address(),
                    cut));
        }
        return ranges;
    }
}
