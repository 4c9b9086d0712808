package org.ipsecif.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.ipsecif.config.ConfigurationReader;
import org.ipsecif.config.InterfaceConfig;
import org.ipsecif.daemon.AddressPools.Owner;
import org.ipsecif.ike.Identity;
import org.ipsecif.sa.InnerAddress;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.sa.IpPrefix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who gets which address of a pool. */
class AddressPoolsTest {
    @TempDir
    Path directory;

    private final Set<Owner> there = new HashSet<>();
    private final AddressPools pools = new AddressPools(there::contains);

    private InterfaceConfig kind(String pool, String fixed) throws Exception {
        Files.writeString(directory.resolve("fixed"), fixed);
        Path file = Files.writeString(
                directory.resolve("rc.conf"), """
                ipsecif_dynamic="branch%d"
                ifconfig_branch="inet tunnel 203.0.113.1 any 10.9.0.1/32 up"
                ifconfig_branch_ipv6="inet6 2001:db8:9::1/128"
                ipsecif_branch_remote_id="*.example.org"
                ipsecif_branch_psk_file="/psk"
                ipsecif_branch_pool_file="fixed"
                """ + (pool.isEmpty() ? "" : "ipsecif_branch_pool=\"" + pool + "\"\n"));
        return ConfigurationReader.read(List.of(file), null).dynamic().kinds().get(0);
    }

    private static Owner owner(String name) {
        return new Owner("branch", "fqdn:" + name + ".example.org");
    }

    private List<IpAddress> lease(InterfaceConfig kind, String name) {
        there.add(owner(name));
        return pools.lease(kind, owner(name), Identity.parse(owner(name).identity()));
    }

    @Test
    void everyAddressIsOnePeersOnly() throws Exception {
        InterfaceConfig kind = kind("10.9.0.0/28 10.9.1.0/30", "z.example.org : 10.9.0.5\n");
        Set<IpAddress> given = new HashSet<>();
        for (int i = 0; i < 14; i++) {
            List<IpAddress> one = lease(kind, "b" + i);
            assertEquals(1, one.size());
            assertTrue(given.add(one.get(0)), "" + one);
        }
        assertEquals(List.of(), lease(kind, "late"));
        for (String none : List.of("10.9.0.0", "10.9.0.15", "10.9.1.0", "10.9.1.3", "10.9.0.1", "10.9.0.5")) {
            assertFalse(given.contains(IpAddress.parse(none)), none);
        }
        assertEquals(List.of(IpAddress.parse("10.9.0.5")), lease(kind, "z"));
    }

    @Test
    void peerHasTheSameAgain() throws Exception {
        InterfaceConfig kind = kind("10.9.0.0/24 2001:db8:9::/64", "");
        List<IpAddress> first = lease(kind, "b");
        assertEquals(2, first.size());
        lease(kind, "c");
        assertEquals(first, lease(kind, "b"), "while it is there");
        there.clear();
        lease(kind, "d");
        assertEquals(first, lease(kind, "b"), "when it comes again");
        AddressPools anew = new AddressPools(there::contains);
        assertEquals(first, anew.lease(kind, owner("b"), Identity.parse("b.example.org")), "after a start");
    }

    @Test
    void whoIsGoneLongestIsReplaced() throws Exception {
        InterfaceConfig kind = kind("10.9.0.0/30", "");
        List<IpAddress> b = lease(kind, "b");
        assertEquals(List.of(IpAddress.parse("10.9.0.2")), b, "the other is ours");
        assertEquals(List.of(), lease(kind, "c"));
        there.remove(owner("b"));
        assertEquals(b, lease(kind, "c"));
        assertEquals(List.of(), lease(kind, "b"), "which has none now");
        there.remove(owner("c"));
        pools.forgetAbsent();
        assertEquals(b, lease(kind, "d"));
    }

    @Test
    void reservedIsTakenFromWhoHadItBefore() throws Exception {
        InterfaceConfig open = kind("10.9.0.0/30", "");
        lease(open, "b");
        InterfaceConfig kind = kind("10.9.0.0/30", "c.example.org : 10.9.0.2 2001:db8:9::7\n");
        assertEquals(List.of(IpAddress.parse("2001:db8:9::7")), lease(kind, "c"), "not while that is there");
        there.remove(owner("b"));
        assertEquals(List.of(IpAddress.parse("10.9.0.2"), IpAddress.parse("2001:db8:9::7")), lease(kind, "c"));
        assertEquals(List.of(), lease(kind, "b"));
    }

    @Test
    void reservedAlone() throws Exception {
        InterfaceConfig kind = kind("", "b.example.org : 10.20.0.7\n");
        assertEquals(List.of(IpAddress.parse("10.20.0.7")), lease(kind, "b"));
        assertEquals(List.of(), lease(kind, "c"));
    }

    @Test
    void addressesFollowTheConfiguration() throws Exception {
        lease(kind("10.9.0.0/24", ""), "b");
        IpAddress moved = lease(kind("10.9.7.0/24", ""), "b").get(0);
        assertTrue(IpPrefix.parse("10.9.7.0/24").contains(moved), "" + moved);
    }

    @Test
    void interfaceHasThemAsDestinations() throws Exception {
        InterfaceConfig kind = kind("10.9.0.0/24 2001:db8:9::/64", "");
        InterfaceConfig one = InnerAddressPlan.withLeases(kind, List.of(IpAddress.parse("10.9.0.7")));
        assertEquals(
                List.of(
                        new InnerAddress(IpAddress.parse("10.9.0.1"), 32, IpAddress.parse("10.9.0.7")),
                        new InnerAddress(IpAddress.parse("2001:db8:9::1"), 128, null)),
                one.addresses());
    }
}
