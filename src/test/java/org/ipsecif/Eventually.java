package org.ipsecif;

/** Waits for what another thread or process is about to bring about. */
public final class Eventually {
    private static final int SECONDS = 10;
    private static final long NANOS_PER_SECOND = 1_000_000_000L;
    private static final long MILLIS_BETWEEN_LOOKS = 5;

    private Eventually() {}

    /** What is looked at again and again; it may throw what a test may. */
    public interface Condition {
        boolean holds() throws Exception;
    }

    /** @throws AssertionError if it does not hold within ten seconds */
    public static void await(String what, Condition condition) throws Exception {
        await(what, SECONDS, condition);
    }

    /** @throws AssertionError if it does not hold within so many seconds */
    public static void await(String what, int seconds, Condition condition) throws Exception {
        long start = System.nanoTime();
        while (!condition.holds()) {
            if (System.nanoTime() - start > seconds * NANOS_PER_SECOND) {
                throw new AssertionError("still not so: " + what);
            }
            Thread.sleep(MILLIS_BETWEEN_LOOKS);
        }
    }
}
