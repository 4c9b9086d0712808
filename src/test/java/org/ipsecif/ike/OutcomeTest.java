package org.ipsecif.ike;

import static org.ipsecif.ike.TestNetwork.MILLISECOND;
import static org.ipsecif.ike.TestNetwork.SECOND;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.ipsecif.ike.message.ExchangeType;
import org.junit.jupiter.api.Test;

/** What the owner is told of what came of his wishes, and of nothing else. */
class OutcomeTest extends SelectorEnds {
    private static final SelectorPair FIRST = pair("10.1.0.0/24", "10.2.0.0/24");
    private static final SelectorPair SECOND_PAIR = pair("10.3.0.0/24", "10.4.0.0/24");

    private void begin(SelectorPair... ofB) {
        configureA(child(true, List.of(FIRST, SECOND_PAIR)));
        configureB(true, ofB);
        a.endpoint.connect("ipsec0");
    }

    @Test
    void allIsThereWhenEachPairHasItsChildSa() {
        network.passes = (path, bytes) -> bytes[18] != ExchangeType.CREATE_CHILD_SA.number();
        begin(FIRST, SECOND_PAIR);
        assertFalse(a.endpoint.isComplete("ipsec0"));
        network.deliver();
        assertEquals(2, a.sad.size());
        assertFalse(a.endpoint.isComplete("ipsec0"));
        network.passes = (path, bytes) -> true;
        network.pass(SECOND);
        assertEquals(4, a.sad.size());
        assertTrue(a.endpoint.isComplete("ipsec0"));
        assertNull(a.endpoint.problem("ipsec0"));
    }

    /** More than the peer wants there cannot be. */
    @Test
    void allIsThereWhenThePeerRefusesTheRest() {
        begin(FIRST);
        network.deliver();
        assertEquals(2, a.sad.size());
        assertTrue(a.endpoint.isComplete("ipsec0"));
    }

    /** The refusal of the rest is no reason why all is missing while the SAD is still to take what there is. */
    @Test
    void whatTheSadIsStillToTakeMayStillCome() {
        List<Runnable> held = new ArrayList<>();
        AtomicInteger added = new AtomicInteger();
        a.sadAnswers = task -> {
            if (added.incrementAndGet() == 2) { // the outbound half
                held.add(task);
            } else {
                task.run();
            }
        };
        begin(FIRST);
        network.deliver();
        a.endpoint.complete("ipsec0");
        network.deliver();
        assertEquals(1, held.size());
        assertTrue(a.warnings.stream().anyMatch(each -> each.contains("TS_UNACCEPTABLE")), a.warnings::toString);
        assertFalse(a.endpoint.isComplete("ipsec0"));
        assertNull(a.endpoint.problem("ipsec0"));
        held.get(0).run();
        assertTrue(a.endpoint.isComplete("ipsec0"));
    }

    @Test
    void nothingIsThereWhenThePeerRefusesAll() {
        begin(pair("10.8.0.0/24", "10.9.0.0/24"));
        network.deliver();
        assertFalse(a.endpoint.isComplete("ipsec0"));
        String why = a.endpoint.problem("ipsec0");
        assertNotNull(why);
        assertTrue(why.contains("TS_UNACCEPTABLE; we offered 10."), why);
        configureB(true, FIRST, SECOND_PAIR);
        assertTrue(a.endpoint.complete("ipsec0"));
        assertNull(a.endpoint.problem("ipsec0"));
    }

    @Test
    void rekeyingThatFailsSaysWhy() {
        begin(FIRST, SECOND_PAIR);
        network.deliver();
        b.refusal = "the SAD is full";
        Attempt children = new Attempt();
        Attempt ike = new Attempt();
        assertTrue(a.endpoint.rekeyChildren("ipsec0", children));
        network.deliver();
        String why = children.problem();
        assertNotNull(why);
        assertTrue(why.contains("NO_ADDITIONAL_SAS"), why);
        assertTrue(a.endpoint.rekeyIke("ipsec0", ike));
        network.deliver();
        network.pass(100 * MILLISECOND);
        assertNull(ike.problem(), "the Child SAs' failure is not that of the IKE SA");
    }

    @Test
    void rekeyingOfAnIkeSaThatFailsSaysWhy() {
        begin(FIRST, SECOND_PAIR);
        network.deliver();
        b.endpoint.all().iterator().next().creating++; // it is busy
        Attempt ike = new Attempt();
        assertTrue(a.endpoint.rekeyIke("ipsec0", ike));
        network.deliver();
        assertEquals("IKE_SA not rekeyed: peer answers TEMPORARY_FAILURE", ike.problem());
    }
}
