package org.ipsecif.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.ipsecif.control.DaemonControl.RefusedException;
import org.ipsecif.control.IkeEvent;
import org.ipsecif.control.IkeEventBatch;
import org.ipsecif.ike.Path;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.sa.TunnelEndpoints;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Followers of IKE: slow, absent, many. */
@Timeout(60)
class IkeStreamsTest {
    private static final IpAddress A = IpAddress.parse("203.0.113.1");
    private static final IpAddress B = IpAddress.parse("203.0.113.2");
    private static final Path PATH = new Path(A, 500, B, 500);

    private final AtomicLong now = new AtomicLong();
    private final IkeStreams streams = new IkeStreams(now::get);

    private static IkeEvent event(int number, String peer, String text) {
        return new IkeEvent(number, "2026-11-28T18:07:06Z", IkeEvent.INFO, peer, text);
    }

    private static IkeStreams.Wish events(String name) {
        return new IkeStreams.Wish(false, name, null);
    }

    private List<Long> numbers(String stream) throws Exception {
        return streams.next(stream, 0).events().stream().map(IkeEvent::number).toList();
    }

    @Test
    void eachGetsWhatItWants() throws Exception {
        String all = streams.open(events(null));
        String one = streams.open(events("ipsec0"));
        String trace = streams.open(new IkeStreams.Wish(true, "ipsec0", new TunnelEndpoints(A, B)));
        streams.event(event(1, "ipsec0", "x"));
        streams.event(event(2, "ipsec1", "y"));
        streams.message("ipsec0", new Path(B, 500, A, 500), () -> event(3, "ipsec0", "m"));
        streams.message("203.0.113.2", PATH, () -> event(4, "203.0.113.2", "not known yet"));
        streams.message("ipsec1", new Path(B, 500, A, 500), () -> {
            throw new IllegalStateException("nobody wants it");
        });
        assertEquals(List.of(1L, 2L), numbers(all));
        assertEquals(List.of(1L), numbers(one));
        assertEquals(List.of(3L, 4L), numbers(trace));
        assertEquals(List.of(), numbers(all));
    }

    /** The writer never waits, memory is bounded, and the reader is told how many it did not get. */
    @Test
    void slowReaderLosesTheOldestWhichAreCounted() throws Exception {
        String slow = streams.open(events(null));
        String text = "x".repeat(1_000);
        for (int i = 1; i <= 10_000; i++) {
            streams.event(event(i, "ipsec0", text));
        }
        IkeEventBatch batch = streams.next(slow, 0);
        long kept = batch.events().size();
        assertTrue(kept > 100 && kept * 1_000 <= IkeStream.MOST_CHARACTERS, () -> "" + kept);
        assertEquals(10_000, batch.lost() + kept);
        assertEquals(10_000, batch.events().get((int) kept - 1).number());
        assertEquals(new IkeEventBatch(0, List.of()), streams.next(slow, 0));
    }

    @Test
    void oneThatIsTooLongAloneIsLostAndCounted() throws Exception {
        String stream = streams.open(events(null));
        streams.event(event(1, "ipsec0", "x".repeat(IkeStream.MOST_CHARACTERS)));
        assertEquals(new IkeEventBatch(1, List.of()), streams.next(stream, 30_000));
    }

    @Test
    void whoStaysAwayFollowsNoMore() throws Exception {
        String stream = streams.open(events(null));
        now.addAndGet(IkeStreams.IDLE_NANOS);
        assertEquals(List.of(), numbers(stream));
        now.addAndGet(IkeStreams.IDLE_NANOS + 1);
        streams.event(event(1, "ipsec0", "x"));
        assertEquals(
                "there is no stream 1, or nobody asked for its events for too long",
                assertThrows(RefusedException.class, () -> streams.next(stream, 0))
                        .getMessage());
        assertThrows(RefusedException.class, () -> streams.next("9", 0));
    }

    @Test
    void noMoreThanSoManyFollow() throws Exception {
        for (int i = 0; i < IkeStreams.MOST; i++) {
            streams.open(events(null));
        }
        assertEquals(
                "16 others follow IKE already",
                assertThrows(RefusedException.class, () -> streams.open(events(null)))
                        .getMessage());
        now.addAndGet(IkeStreams.IDLE_NANOS + 1);
        streams.open(events(null));
    }

    @Test
    void whoWaitsIsWoken() throws Exception {
        String stream = streams.open(events(null));
        Thread other = new Thread(() -> streams.event(event(1, "ipsec0", "x")));
        other.start();
        assertEquals(1, streams.next(stream, 30_000).events().size());
        other.join();
    }
}
