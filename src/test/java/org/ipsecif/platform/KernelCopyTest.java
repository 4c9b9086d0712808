package org.ipsecif.platform;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.ipsecif.platform.KernelCopy.OfPolicy;
import org.ipsecif.sa.Direction;
import org.ipsecif.sa.IpPrefix;
import org.ipsecif.sa.PolicyAction;
import org.ipsecif.sa.PolicyScope;
import org.ipsecif.sa.SecurityPolicy;
import org.ipsecif.sa.Selector;
import org.junit.jupiter.api.Test;

class KernelCopyTest {
    private static SecurityPolicy policy(String name, String destination, int priority) {
        return new SecurityPolicy(
                name,
                Direction.OUTBOUND,
                Selector.between(IpPrefix.parse("10.0.0.1"), IpPrefix.parse(destination)),
                PolicyAction.BYPASS,
                List.of(),
                priority,
                new PolicyScope.Host());
    }

    private static final SecurityPolicy ONE = policy("one", "10.1.0.0/16", 5);
    private static final SecurityPolicy SOONER = policy("sooner", "10.1.0.0/16", 4);
    private static final SecurityPolicy SAME = policy("same", "10.1.0.0/16", 5);
    private static final SecurityPolicy OTHER = policy("other", "10.2.0.0/16", 5);

    @Test
    void policiesThatTheKernelHoldsAreItsEntries() {
        assertEquals(List.of(ONE, OTHER), KernelCopy.same(List.of(ONE, OTHER)).entries());
        assertTrue(KernelCopy.same(List.of(ONE)).policies().get(0).isSame());
        assertEquals(Map.of(), KernelCopy.same(List.of(ONE)).absent());
    }

    /** KernelSpd has words for it. */
    @Test
    void templatesMistakeOfTwoForTheSamePacketsIsNotHidden() {
        assertEquals(List.of(ONE, SOONER), KernelCopy.same(List.of(ONE, SOONER)).entries());
    }

    @Test
    void ofEntriesInOnePlaceTheFirstToBeConsultedStays() {
        KernelCopy copy = new KernelCopy(
                List.of(
                        new OfPolicy(policy("a", "10.0.0.0/8", 5), List.of(ONE), "why"),
                        new OfPolicy(policy("b", "10.0.0.0/8", 4), List.of(SOONER, OTHER), "why")),
                List.of(SAME));
        assertEquals(List.of(SOONER, OTHER), copy.entries());
        assertSame(copy.entries(), copy.entries()); // it is asked for at each change
        assertFalse(copy.policies().get(0).isSame());
    }

    @Test
    void namesOfWhatIsAbsentAreByReason() {
        KernelCopy copy = KernelCopy.none(List.of(ONE, OTHER), "why");
        assertEquals(List.of(), copy.entries());
        assertEquals(Map.of("why", List.of("one", "other")), copy.absent());
    }

    @Test
    void absentSpdHasNothingAndTakesNothing() {
        AbsentSpd spd = new AbsentSpd("there is none");
        assertEquals(List.of(), spd.dump());
        PolicyInstaller.Outcome outcome =
                spd.apply(List.of(new PolicyChange.Install(ONE))).get(0);
        assertFalse(outcome.done());
        assertEquals("there is none", outcome.reason());
    }
}
