package org.ipsecif.sa;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class PathMtuTest {
    private static final long SECOND = 1_000_000_000L;

    private final PathMtu path = new PathMtu(Family.INET, 1_500);

    @Test
    void beginsWithTheRoute() {
        assertEquals(1_500, path.mtu());
        assertEquals(1_500, path.routeMtu());
        assertFalse(path.isLearned());
        assertEquals(65_535, new PathMtu(Family.INET, 0).mtu());
        assertEquals(65_535, new PathMtu(Family.INET, 65_536).mtu());
    }

    @Test
    void onlyALowerValueIsLearned() {
        assertTrue(path.lower(1_400, 0));
        assertEquals(1_400, path.mtu());
        assertTrue(path.isLearned());
        assertFalse(path.lower(1_450, 0));
        assertEquals(1_400, path.mtu());
        assertTrue(path.lower(1_300, 0));
        assertEquals(1_300, path.mtu());
        assertFalse(new PathMtu(Family.INET, 1_500).lower(1_500, 0));
    }

    @Test
    void nothingBelowWhatEveryPathHasIsBelieved() {
        assertTrue(path.lower(68, 0));
        assertEquals(576, path.mtu());
        PathMtu path6 = new PathMtu(Family.INET6, 1_500);
        assertTrue(path6.lower(100, 0));
        assertEquals(1_280, path6.mtu());
    }

    /** RFC 1191 section 6.3: ten minutes. */
    @Test
    void whatWasLearnedAges() {
        path.lower(1_400, 5 * SECOND);
        assertEquals(600, path.secondsLeft(5 * SECOND));
        assertEquals(1, path.secondsLeft(604 * SECOND));
        assertFalse(path.age(605 * SECOND - 1));
        assertEquals(1_400, path.mtu());
        assertTrue(path.age(605 * SECOND));
        assertEquals(1_500, path.mtu());
        assertFalse(path.isLearned());
        assertEquals(0, path.secondsLeft(605 * SECOND));
        assertFalse(path.age(9_999 * SECOND));
    }

    @Test
    void hearingItAgainKeepsIt() {
        path.lower(1_400, 0);
        assertFalse(path.lower(1_400, 300 * SECOND));
        assertFalse(path.age(600 * SECOND));
        assertTrue(path.age(900 * SECOND));
    }

    @Test
    void theRouteBoundsWhatWasLearned() {
        path.lower(1_400, 0);
        assertFalse(path.setRoute(9_000));
        assertEquals(1_400, path.mtu());
        assertTrue(path.setRoute(1_300));
        assertEquals(1_300, path.mtu());
        assertFalse(path.age(600 * SECOND));
        assertTrue(path.setRoute(0));
        assertEquals(65_535, path.mtu());
    }
}
