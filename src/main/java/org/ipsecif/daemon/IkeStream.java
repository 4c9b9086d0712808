package org.ipsecif.daemon;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.ipsecif.control.IkeEvent;
import org.ipsecif.control.IkeEventBatch;

/** Events on the way to one reader, in bounded memory: a slow one loses the oldest, which are counted. Any thread. */
final class IkeStream {
    /** Characters that wait for the reader. */
    static final int MOST_CHARACTERS = 1 << 18;

    /** For the parts of an event beside its text. */
    private static final int OVERHEAD = 64;

    private final Deque<IkeEvent> waiting = new ArrayDeque<>();
    private int characters;
    private long lost;

    synchronized void add(IkeEvent event) {
        waiting.add(event);
        characters += size(event);
        while (characters > MOST_CHARACTERS) {
            characters -= size(waiting.remove());
            lost++;
        }
        notifyAll();
    }

    private static int size(IkeEvent event) {
        return OVERHEAD + event.text().length();
    }

    /** All that wait; waits itself for the first, at most so long. */
    synchronized IkeEventBatch take(long millis) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        long left = millis;
        while (waiting.isEmpty() && lost == 0 && left > 0) {
            wait(left);
            left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
        }
        List<IkeEvent> events = new ArrayList<>(waiting);
        IkeEventBatch batch = new IkeEventBatch(lost, events);
        waiting.clear();
        characters = 0;
        lost = 0;
        return batch;
    }
}
