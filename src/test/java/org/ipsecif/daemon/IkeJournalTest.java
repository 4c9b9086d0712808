package org.ipsecif.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.ipsecif.control.IkeEvent;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The last events of each interface. */
@Timeout(60)
class IkeJournalTest {
    private final IkeJournal journal =
            new IkeJournal(Clock.fixed(Instant.parse("2026-11-28T18:07:06.125Z"), ZoneOffset.UTC));

    private static List<String> texts(List<IkeEvent> events) {
        return events.stream().map(IkeEvent::text).toList();
    }

    @Test
    void interfacesKeepTheirLastEventsWhateverOthersDo() {
        journal.open("ipsec0");
        journal.add(IkeEvent.INFO, "ipsec0", "mine");
        for (int i = 0; i < 10_000; i++) {
            journal.add(IkeEvent.WARNING, "10.0." + i / 256 + "." + i % 256, "stranger " + i);
        }
        assertEquals(List.of("mine"), texts(journal.events("ipsec0", 10)));
        assertEquals(1 + IkeJournal.KEPT, journal.events(null, 1_000).size());
        assertEquals(10_001, journal.last());
        for (int i = 0; i < 2 * IkeJournal.KEPT; i++) {
            journal.add(IkeEvent.INFO, "ipsec0", "event " + i);
        }
        List<IkeEvent> kept = journal.events("ipsec0", 1_000);
        assertEquals(IkeJournal.KEPT, kept.size());
        assertEquals("event " + IkeJournal.KEPT, kept.get(0).text());
        assertEquals(List.of("event 198", "event 199"), texts(journal.events("ipsec0", 2)));
        assertEquals("2026-11-28T18:07:06.125Z", kept.get(0).time());
    }

    @Test
    void allAreInTheOrderOfTime() {
        journal.open("b");
        journal.open("a");
        journal.add(IkeEvent.INFO, "a", "1");
        journal.add(IkeEvent.INFO, "b", "2");
        journal.add(IkeEvent.INFO, "c", "3");
        journal.add(IkeEvent.INFO, "a", "4");
        assertEquals(List.of("1", "2", "3", "4"), texts(journal.events(null, 10)));
        assertEquals(List.of("3", "4"), texts(journal.events(null, 2)));
        journal.forget("a");
        assertEquals(List.of(), journal.events("a", 10));
    }

    @Test
    void lastOfAKindIsFoundAfterANumber() {
        journal.open("a");
        journal.add(IkeEvent.WARNING, "a", "old");
        long since = journal.last();
        assertNull(journal.lastOf("a", IkeEvent.WARNING, since));
        journal.add(IkeEvent.WARNING, "a", "new");
        journal.add(IkeEvent.INFO, "a", "newer");
        assertEquals("new", journal.lastOf("a", IkeEvent.WARNING, since).text());
        assertEquals("newer", journal.lastOf("a", null, since).text());
    }

    @Test
    void whoWaitsIsWokenByAnEvent() throws Exception {
        Thread other = new Thread(() -> journal.add(IkeEvent.INFO, "a", "x"));
        other.start();
        journal.await(0, 30_000);
        assertEquals(1, journal.last());
        long before = System.nanoTime();
        journal.await(0, 30_000);
        assertTrue(System.nanoTime() - before < 10_000_000_000L);
        journal.await(1, 1);
        other.join();
    }
}
