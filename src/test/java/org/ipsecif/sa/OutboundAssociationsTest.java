package org.ipsecif.sa;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.ipsecif.crypto.EncryptionAlgorithm;
import org.ipsecif.crypto.IntegrityAlgorithm;
import org.ipsecif.crypto.KeyMaterial;
import org.ipsecif.wire.PacketView;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The newest SA that a packet belongs to. */
class OutboundAssociationsTest {
    private static int spis = 0x1000;

    static SecurityAssociation sa(SaSelectors selectors) {
        return new SecurityAssociation(
                new SaParameters(
                        IpAddress.parse("203.0.113.1"),
                        IpAddress.parse("203.0.113.2"),
                        spis++,
                        100,
                        IpsecMode.TUNNEL,
                        EncryptionAlgorithm.ENCR_NULL,
                        KeyMaterial.copyOf(new byte[0]),
                        IntegrityAlgorithm.AUTH_HMAC_SHA1_96,
                        KeyMaterial.copyOf(new byte[20]),
                        64,
                        false,
                        Lifetimes.NONE,
                        selectors,
                        0),
                0);
    }

    private static SecurityAssociation between(String source, String destination) {
        return sa(SaSelectors.between(
                List.of(SaSelectorsTest.prefix(source)), List.of(SaSelectorsTest.prefix(destination))));
    }

    private static PacketView udp(String from, String to) {
        return SaSelectorsTest.packet(from, to, 17, 1, 2);
    }

    @Test
    void eachFamilyHasItsOwn() {
        SecurityAssociation inet = between("0.0.0.0/0", "0.0.0.0/0");
        SecurityAssociation inet6 = between("::/0", "::/0");
        OutboundAssociations both = new OutboundAssociations(List.of(inet, inet6));
        assertSame(inet, both.match(udp("10.0.0.1", "10.0.0.2")));
        assertSame(inet6, both.match(udp("2001:db8::1", "2001:db8::2")));
        assertSame(inet6, both.newest());
        assertEquals(List.of(inet6, inet), both.all());
    }

    @Test
    void newestThatTakesThePacketIsChosen() {
        SecurityAssociation all = sa(SaSelectors.ANY);
        SecurityAssociation one = between("10.1.0.0/16", "10.2.0.0/16");
        SecurityAssociation again = between("10.1.0.0/16", "10.2.0.0/16");
        OutboundAssociations several = new OutboundAssociations(List.of(all, one, again));
        assertSame(again, several.match(udp("10.1.0.1", "10.2.0.1")));
        assertSame(all, several.match(udp("10.1.0.1", "10.3.0.1")));
        assertSame(all, new OutboundAssociations(List.of(one, again, all)).match(udp("10.1.0.1", "10.2.0.1")));
    }

    @Test
    void packetOfNoneGoesWithNone() {
        OutboundAssociations several = new OutboundAssociations(
                List.of(between("10.1.0.0/16", "10.2.0.0/16"), between("10.1.0.0/16", "10.3.0.0/16")));
        assertNull(several.match(udp("10.1.0.1", "10.4.0.1")));
        assertNull(several.match(udp("2001:db8::1", "2001:db8::2")));
        assertNull(OutboundAssociations.NONE.match(udp("10.1.0.1", "10.2.0.1")));
        assertNull(OutboundAssociations.NONE.newest());
        assertTrue(OutboundAssociations.of(null).isEmpty());
    }

    /** Many have an index by addresses, and it finds what asking one after the other finds. */
    @ParameterizedTest
    @EnumSource(Family.class)
    void manyAreFoundAsIfAskedOneByOne(Family family) {
        Random random = new Random(4301 + family.ordinal());
        int found = 0;
        for (int set = 0; set < 30; set++) {
            RandomSelectors source = new RandomSelectors(random, family);
            List<SecurityAssociation> oldestFirst = new ArrayList<>();
            for (SecurityPolicy each : source.policies(5 + random.nextInt(150))) {
                oldestFirst.add(
                        random.nextInt(200) == 0 ? sa(SaSelectors.ANY) : sa(selectors(each.selector(), source)));
            }
            OutboundAssociations many = new OutboundAssociations(oldestFirst);
            PacketView packet = new PacketView();
            for (int i = 0; i < 300; i++) {
                source.next(packet);
                SecurityAssociation expected = many.all().stream()
                        .filter(each -> each.takes(packet))
                        .findFirst()
                        .orElse(null);
                assertSame(expected, many.match(packet));
                found += expected == null ? 0 : 1;
            }
        }
        assertTrue(found > 500, () -> "too few were found to tell");
    }

    private static SaSelectors selectors(Selector selector, RandomSelectors source) {
        Selector other = source.policies(1).get(0).selector();
        return SaSelectors.between(
                List.of(range(selector.source(), selector), TrafficRange.of(other.source())),
                List.of(range(selector.destination(), selector)));
    }

    private static TrafficRange range(IpPrefix prefix, Selector selector) {
        return new TrafficRange(selector.protocol(), 0, 65_535, prefix.address(), prefix.last());
    }
}
