package org.ipsecif.sa;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.ipsecif.crypto.EncryptionAlgorithm;
import org.ipsecif.crypto.IntegrityAlgorithm;
import org.ipsecif.crypto.KeyMaterial;
import org.ipsecif.sa.Selector.PortRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What finds entries of the SPD and the SAD, and how it reads. */
class DatabaseKeysTest {
    private static final IpAddress LOCAL = IpAddress.parse("203.0.113.1");
    private static final IpAddress REMOTE = IpAddress.parse("203.0.113.2");
    private static final IpAddress OTHER = IpAddress.parse("203.0.113.3");

    private static String key(int protocol, PortRange source, PortRange destination, PolicyScope scope) {
        Selector selector =
                new Selector(IpPrefix.parse("10.1.0.0/16"), IpPrefix.parse("0.0.0.0/0"), protocol, source, destination);
        return new PolicyKey(Direction.OUTBOUND, selector, scope).toString();
    }

    @Test
    void policyIsNamedByItsSelectorAndScope() {
        PolicyScope host = new PolicyScope.Host();
        assertEquals(
                "out 10.1.0.0/16 to 0.0.0.0/0, host", key(Selector.ANY_PROTOCOL, PortRange.ANY, PortRange.ANY, host));
        assertEquals(
                "out 10.1.0.0/16 to 0.0.0.0/0 protocol 47, if_id 4294967295",
                key(47, PortRange.ANY, PortRange.ANY, new PolicyScope.IfId(-1)));
        assertEquals(
                "out 10.1.0.0/16 to 0.0.0.0/0 protocol 17 ports any to 500, mark 0xf/0xff",
                key(17, PortRange.ANY, new PortRange(500, 500), new PolicyScope.Mark(15, 255)));
        assertEquals(
                "out 10.1.0.0/16 to 0.0.0.0/0 protocol 6 ports 1-9 to any, device ipsec0",
                key(6, new PortRange(1, 9), PortRange.ANY, new PolicyScope.Device("ipsec0")));
    }

    private static SaParameters sa(IpAddress source, IpAddress destination, int spi, int reqid) {
        return new SaParameters(
                source,
                destination,
                spi,
                reqid,
                EncryptionAlgorithm.ENCR_NULL,
                KeyMaterial.none(),
                IntegrityAlgorithm.AUTH_HMAC_SHA1_96,
                KeyMaterial.copyOf(new byte[20]),
                64,
                false);
    }

    @Test
    void interfaceSendsAndReceivesWithSasOfItsReqidBetweenItsEndpoints() {
        TunnelEndpoints ends = new TunnelEndpoints(LOCAL, REMOTE);
        SaParameters out = sa(LOCAL, REMOTE, 300, 7);
        SaParameters in = sa(REMOTE, LOCAL, 300, 7);
        assertTrue(SecurityAssociationDatabase.isOutbound(out, 7, ends));
        assertFalse(SecurityAssociationDatabase.isOutbound(in, 7, ends));
        assertFalse(SecurityAssociationDatabase.isOutbound(out, 8, ends));
        assertFalse(SecurityAssociationDatabase.isOutbound(sa(OTHER, REMOTE, 300, 7), 7, ends));
        assertFalse(SecurityAssociationDatabase.isOutbound(sa(LOCAL, OTHER, 300, 7), 7, ends));
        assertTrue(SecurityAssociationDatabase.isInbound(in, 7, ends));
        assertFalse(SecurityAssociationDatabase.isInbound(out, 7, ends));
        assertFalse(SecurityAssociationDatabase.isInbound(in, 8, ends));
        assertFalse(SecurityAssociationDatabase.isInbound(sa(OTHER, LOCAL, 300, 7), 7, ends));
        assertFalse(SecurityAssociationDatabase.isInbound(sa(REMOTE, OTHER, 300, 7), 7, ends));
    }

    @Test
    void sasAreSelectedOldestFirst() {
        SecurityAssociationDatabase database = new SecurityAssociationDatabase();
        for (int spi : new int[] {900, 300, 600}) {
            database.add(new SecurityAssociation(sa(LOCAL, REMOTE, spi, spi), 0));
        }
        assertEquals(
                List.of(900, 600),
                database.select(parameters -> parameters.reqid() > 300).stream()
                        .map(each -> each.parameters().spi())
                        .toList());
    }

    @Test
    void softLifetimeBehindTheHardOneIsRefusedInEachUnit() {
        assertThrows(IllegalArgumentException.class, () -> new Lifetimes(2, 1, 0, 0, 0, 0));
        assertThrows(IllegalArgumentException.class, () -> new Lifetimes(0, 0, 2, 1, 0, 0));
        assertThrows(IllegalArgumentException.class, () -> new Lifetimes(0, 0, 0, 0, 2, 1));
        assertThrows(IllegalArgumentException.class, () -> new Lifetimes(0, 0, 0, -1, 0, 0));
        assertEquals(2, new Lifetimes(2, 2, 2, 0, 2, 3).softBytes());
    }

    @ParameterizedTest
    @CsvSource({
        "2001:db8::/64, 2001:db8::1, true",
        "2001:db8::/64, 2001:db8:0:1::, false",
        "2001:db8::/65, 2001:db8::7fff:ffff:ffff:ffff, true",
        "2001:db8::/65, 2001:db8::8000:0:0:0, false",
        "2001:db8::/63, 2001:db8:0:1::, true",
        "2001:db8::/63, 2001:db8:0:2::, false",
        "::/0, ffff::, true",
        "::/0, 10.0.0.1, false",
        "0.0.0.0/0, 255.255.255.255, true",
        "128.0.0.0/1, 127.255.255.255, false",
        "192.0.2.1, 192.0.2.1, true",
        "192.0.2.1, 192.0.2.0, false"
    })
    void prefixHoldsTheAddressesThatBeginWithIt(String prefix, String address, boolean contained) {
        assertEquals(contained, IpPrefix.parse(prefix).contains(IpAddress.parse(address)));
    }
}
