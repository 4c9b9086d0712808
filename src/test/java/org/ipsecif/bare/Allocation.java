package org.ipsecif.bare;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** Bytes of heap that code allocates on the calling thread. */
public final class Allocation {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** Enough for classes to be loaded, call sites to be linked, and most of the code to be compiled. */
    private static final int ROUNDS = 200;

    private Allocation() {}

    /** Anything. */
    public interface Work {
        void run() throws Exception;
    }

    /**
     * The fewest bytes that {@code work} took in one of many rounds: what it takes once it is warm.
     *
     * @param enough to look no further
     * @param prepare comes before each round, and may allocate
     */
    public static long least(long enough, Work prepare, Work work) throws Exception {
        long least = Long.MAX_VALUE;
        for (int round = 0; round < ROUNDS && least > enough; round++) {
            prepare.run();
            long before = THREADS.getCurrentThreadAllocatedBytes();
            work.run();
            least = Math.min(least, THREADS.getCurrentThreadAllocatedBytes() - before);
        }
        return least;
    }

    /** As above, with nothing to prepare. */
    public static long least(long enough, Work work) throws Exception {
        return least(enough, () -> {}, work);
    }
}
