package org.ipsecif.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class BufferPoolTest {
    private final AtomicInteger made = new AtomicInteger();
    private final BufferPool<AtomicInteger> pool = new BufferPool<>(2);

    private AtomicInteger take() {
        return pool.take(() -> {
            made.incrementAndGet();
            return new AtomicInteger();
        });
    }

    @Test
    void whatIsGivenBackIsTakenAgain() {
        AtomicInteger first = take();
        assertNotSame(first, take());
        pool.give(first);
        assertSame(first, take());
        assertEquals(2, made.get());
    }

    @Test
    void moreThanAreKeptMayBeOut() {
        List<AtomicInteger> out = List.of(take(), take(), take());
        out.forEach(pool::give);
        assertSame(out.get(0), take());
        assertSame(out.get(1), take());
        take();
        assertEquals(4, made.get());
    }

    @Test
    void nobodyHasWhatAnotherHas() throws InterruptedException {
        AtomicInteger shared = new AtomicInteger();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            threads.add(new Thread(() -> {
                for (int round = 0; round < 100_000; round++) {
                    AtomicInteger mine = take();
                    if (mine.incrementAndGet() != 1) {
                        shared.incrementAndGet();
                    }
                    mine.decrementAndGet();
                    pool.give(mine);
                }
            }));
        }
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }
        assertEquals(0, shared.get());
    }
}
