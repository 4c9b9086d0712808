package org.ipsecif.sa;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.ipsecif.wire.PacketView;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class SecurityPolicyDatabaseTest {
    private static final int PACKETS = 25_000;

    /** By priority, then in the order given: what the compiled form stands for. */
    private static @Nullable SecurityPolicy linear(List<SecurityPolicy> policies, PacketView packet) {
        return policies.stream()
                .sorted(Comparator.comparingInt(SecurityPolicy::priority))
                .filter(policy -> policy.selector().matches(packet))
                .findFirst()
                .orElse(null);
    }

    @ParameterizedTest
    @CsvSource({"INET, 3", "INET6, 3", "INET, 20", "INET6, 20", "INET, 70", "INET6, 70", "INET, 400", "INET6, 400"})
    void findsWhatALinearSearchFinds(Family family, int count) {
        Random random = new Random(4301L * count + family.ordinal());
        PacketView packet = new PacketView();
        int found = 0;
        for (int set = 0; set < 50; set++) {
            RandomSelectors source = new RandomSelectors(random, family);
            List<SecurityPolicy> policies = source.policies(count);
            SecurityPolicyDatabase database = new SecurityPolicyDatabase(policies);
            List<SecurityPolicy> sorted = new ArrayList<>(policies);
            sorted.sort(Comparator.comparingInt(SecurityPolicy::priority));
            for (int i = 0; i < PACKETS / 50; i++) {
                source.next(packet);
                SecurityPolicy expected = linear(sorted, packet);
                assertSame(expected, database.matchOutbound(packet));
                assertNull(database.matchInbound(packet));
                found += expected == null ? 0 : 1;
            }
        }
        assertTrue(found > 200 && found < PACKETS, found + " packets were selected");
    }

    @ParameterizedTest
    @EnumSource(Family.class)
    void findsItAmongMoreThanABlockHolds(Family family) {
        Random random = new Random(64);
        RandomSelectors source = new RandomSelectors(random, family);
        List<SecurityPolicy> policies = source.policies(2 * SelectorBlock.CAPACITY + 100);
        SecurityPolicyDatabase database = new SecurityPolicyDatabase(policies);
        List<SecurityPolicy> sorted = new ArrayList<>(policies);
        sorted.sort(Comparator.comparingInt(SecurityPolicy::priority));
        PacketView packet = new PacketView();
        for (int i = 0; i < 2_000; i++) {
            source.next(packet);
            assertSame(linear(sorted, packet), database.matchOutbound(packet));
        }
    }

    @Test
    void policiesBehindOneThatTakesAllAreNeverAsked() {
        SecurityPolicy all = RandomSelectors.policy("all", Selector.between(IpPrefix.ANY_INET, IpPrefix.ANY_INET), 0);
        List<SecurityPolicy> policies = new ArrayList<>(new RandomSelectors(new Random(1), Family.INET).policies(30));
        policies.replaceAll(each -> RandomSelectors.policy(each.name(), each.selector(), 1));
        policies.add(all);
        PacketView packet = new PacketView();
        new RandomSelectors(new Random(2), Family.INET).next(packet);
        assertSame(all, new SecurityPolicyDatabase(policies).matchOutbound(packet));
    }

    /** The interface's packets are in the process already: a kernel's fence around the network they go to is not for them. */
    @Test
    void whatIsForTheKernelAloneIsNotAsked() {
        Selector all = Selector.between(IpPrefix.ANY_INET, IpPrefix.ANY_INET);
        SecurityPolicy protect = RandomSelectors.policy("all", all, 9);
        List<SecurityPolicy> policies = new ArrayList<>();
        for (PolicyScope scope : List.of(new PolicyScope.Host(), new PolicyScope.Device("ipsec0"))) {
            for (PolicyAction action : List.of(PolicyAction.DISCARD, PolicyAction.BYPASS)) {
                policies.add(new SecurityPolicy("fence", Direction.OUTBOUND, all, action, List.of(), 1, scope));
            }
        }
        policies.add(protect);
        PacketView packet = new PacketView();
        new RandomSelectors(new Random(2), Family.INET).next(packet);
        assertSame(protect, new SecurityPolicyDatabase(policies).matchOutbound(packet));
        SecurityPolicy inTunnel = new SecurityPolicy(
                "closed", Direction.OUTBOUND, all, PolicyAction.DISCARD, List.of(), 0, new PolicyScope.IfId(1));
        policies.add(inTunnel);
        assertSame(inTunnel, new SecurityPolicyDatabase(policies).matchOutbound(packet));
        assertEquals(policies, new SecurityPolicyDatabase(policies).policies());
    }

    @Test
    void searchAllocatesNothing() {
        RandomSelectors source = new RandomSelectors(new Random(3), Family.INET6);
        SecurityPolicyDatabase database = new SecurityPolicyDatabase(source.policies(1_000));
        PacketView packet = new PacketView();
        source.next(packet);
        ThreadMXBean thread = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        int found = 0;
        long before = 0;
        for (int i = 0; i < 60_000; i++) {
            if (i == 50_000) {
                before = thread.getCurrentThreadAllocatedBytes();
            }
            found += database.matchOutbound(packet) == null ? 0 : 1;
        }
        assertEquals(0, thread.getCurrentThreadAllocatedBytes() - before);
        assertTrue(found == 0 || found == 60_000);
    }
}
