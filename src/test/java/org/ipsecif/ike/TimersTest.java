package org.ipsecif.ike;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TimersTest {
    private final Timers timers = new Timers(5);
    private final List<Integer> done = new ArrayList<>();

    @Test
    void whatIsDueIsDoneInItsOrder() {
        timers.after(30, () -> done.add(3));
        timers.after(10, () -> done.add(1));
        timers.after(10, () -> timers.after(10, () -> done.add(2)));
        assertEquals(10, timers.untilNext());
        timers.run(30);
        assertEquals(List.of(1, 2), done);
        assertEquals(5, timers.untilNext());
        timers.run(35);
        assertEquals(List.of(1, 2, 3), done);
        assertEquals(Timers.NEVER, timers.untilNext());
    }

    @Test
    void whatIsTakenBackIsNotDone() {
        Timers.Timer first = timers.after(10, () -> done.add(1));
        Timers.Timer second = timers.after(20, () -> done.add(2));
        first.cancel();
        timers.run(40);
        second.cancel();
        assertEquals(List.of(2), done);
        assertTrue(first.isDone() && second.isDone());
    }

    /** As with IKE SAs that come and go, each with something planned for hours later. */
    @Test
    void manyThatAreTakenBackTakeNoRoom() {
        timers.after(1_000_000, () -> done.add(0));
        for (int i = 1; i <= 100_000; i++) {
            timers.after(500_000 + i, () -> done.add(-1)).cancel();
            assertTrue(timers.size() <= 2_048, () -> timers.size() + " timers wait");
        }
        timers.run(2_000_000);
        assertEquals(List.of(0), done);
        assertEquals(0, timers.size());
    }
}
