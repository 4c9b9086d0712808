package org.ipsecif.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Set;
import org.ipsecif.daemon.StateDirectory.Entry;
import org.ipsecif.sa.InnerAddress;
import org.ipsecif.sa.IpAddress;
import org.junit.jupiter.api.Test;

class LeftoversTest {
    private static final InnerAddress FIRST = new InnerAddress(IpAddress.parse("10.0.0.1"), 30, null);
    private static final InnerAddress SECOND = new InnerAddress(IpAddress.parse("10.0.0.5"), 30, null);
    private static final InnerAddress OTHERS = new InnerAddress(IpAddress.parse("10.0.0.9"), 30, null);

    private static Entry entry(int reqid, int index, boolean made, InnerAddress... addresses) {
        return Entry.of("ipsec0", reqid, index, List.of()).withDevice(made, List.of(addresses));
    }

    @Test
    void ofAnInterfaceThatWasBeingChangedTheNewerRecordCounts() {
        Leftovers leftovers = new Leftovers(List.of(entry(100, 9, true, FIRST), entry(200, 9, true, SECOND)));
        assertEquals(entry(200, 9, true, SECOND), leftovers.find("ipsec0"));
        assertNull(leftovers.find("ipsec1"));
        assertEquals(List.of(FIRST, SECOND), leftovers.given("ipsec0", List.of(FIRST, OTHERS, SECOND)));
        assertEquals(List.of(), leftovers.given("ipsec1", List.of(FIRST)));
    }

    @Test
    void aDeviceIsOursByNameAndIndex() {
        Leftovers leftovers = new Leftovers(List.of(entry(100, 9, true)));
        assertTrue(leftovers.made("ipsec0", 9));
        assertFalse(leftovers.made("ipsec0", 10)); // ours was deleted, and somebody made another
        assertFalse(leftovers.made("ipsec1", 9));
        assertFalse(new Leftovers(List.of(entry(100, 9, false))).made("ipsec0", 9));
    }

    @Test
    void aDeviceMadeJustBeforeTheCrashHasNoRecordedIndex() {
        assertTrue(new Leftovers(List.of(entry(100, 0, true))).made("ipsec0", 10));
    }

    @Test
    void whatIsTakenStaysOnRecordUntilAllOfItIsGone() {
        List<Entry> recorded = List.of(entry(100, 9, true), entry(200, 9, true));
        Leftovers leftovers = new Leftovers(recorded);
        assertEquals(Set.of("ipsec0"), leftovers.unclaimed());
        leftovers.taken("ipsec0");
        assertEquals(Set.of(), leftovers.unclaimed());
        assertEquals(recorded, leftovers.all()); // with another reqid, those of the earlier are still in the kernel
        leftovers.clear();
        assertEquals(List.of(), leftovers.all());
    }

    @Test
    void aRecordCoversWhatItTells() {
        Entry wide = entry(100, 9, true, FIRST, SECOND);
        assertTrue(wide.covers(entry(100, 0, true, FIRST)));
        assertFalse(wide.covers(entry(100, 9, true, FIRST, OTHERS)));
        assertFalse(wide.covers(entry(200, 9, true, FIRST)));
        assertFalse(wide.covers(entry(100, 9, false, FIRST)));
    }
}
