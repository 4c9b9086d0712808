package org.ipsecif.platform.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class TurnsTest {
    private final Turns turns = new Turns();
    private int urgent;
    private int ordinary;

    /** One read from two queues that hold so many packets. */
    private char read(boolean ready) {
        if (turns.isUrgent(ready)) {
            turns.tookUrgent(urgent > 0 ? 1 : 0);
            if (urgent > 0) {
                urgent--;
                return 'u';
            }
        }
        turns.tookOrdinary(ordinary > 0 ? 1 : 0);
        if (ordinary == 0) {
            return '-';
        }
        ordinary--;
        return 'o';
    }

    private String reads(int count) {
        StringBuilder all = new StringBuilder();
        for (int i = 0; i < count; i++) {
            all.append(read(false));
        }
        return all.toString();
    }

    @Test
    void whatAWaitFoundUrgentGoesFirst() {
        urgent = 2;
        ordinary = 3;
        assertEquals('u', read(true));
        assertEquals("uooo-", reads(5));
    }

    @Test
    void whatIsUrgentInterruptsALongRun() {
        ordinary = 10 * Turns.ORDINARY;
        assertEquals("o".repeat(Turns.ORDINARY - 1), reads(Turns.ORDINARY - 1));
        urgent = 2;
        assertEquals("ouuo", reads(4));
        assertEquals("o".repeat(Turns.ORDINARY - 1), reads(Turns.ORDINARY - 1));
        urgent = 1;
        assertEquals("uo", reads(2));
    }

    /** So that in a long run the other queue costs a read in {@link Turns#ORDINARY}. */
    @Test
    void urgentQueueIsLookedAtSeldom() {
        int looks = 0;
        for (int packet = 0; packet < 10 * Turns.ORDINARY; packet++) {
            if (turns.isUrgent(false)) {
                looks++;
                turns.tookUrgent(0);
            }
            turns.tookOrdinary(1);
        }
        assertEquals(9, looks);
    }

    @Test
    void whatIsUrgentDoesNotStarveTheRest() {
        urgent = 10 * Turns.URGENT;
        ordinary = 10 * Turns.ORDINARY;
        assertEquals('u', read(true));
        String all = "u" + reads(5 * (Turns.URGENT + Turns.ORDINARY) - 1);
        assertEquals(("u".repeat(Turns.URGENT) + "o".repeat(Turns.ORDINARY)).repeat(5), all);
    }

    /** One read brings up to 64 KiB. */
    @Test
    void longPacketsCountForSeveral() {
        turns.tookOrdinary(0);
        assertFalse(turns.isUrgent(false));
        turns.tookOrdinary(65);
        assertFalse(turns.isUrgent(false));
        turns.tookOrdinary(65);
        assertTrue(turns.isUrgent(false));
    }

    @Test
    void aQueueThatIsGoneEndsItsTurn() {
        assertTrue(turns.isUrgent(true));
        turns.tookUrgent(-1);
        assertFalse(turns.isUrgent(false));
    }

    @Test
    void anEmptyWaitLooksAtNothing() {
        assertEquals('-', read(false));
        urgent = 1;
        assertEquals('-', read(false));
        assertEquals('u', read(true));
    }
}
