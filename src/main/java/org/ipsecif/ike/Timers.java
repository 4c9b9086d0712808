package org.ipsecif.ike;

import java.util.PriorityQueue;

/** What is to be done later, on the thread that owns it, by a clock that it is told. */
public final class Timers {
    /** Something to be done. */
    public final class Timer implements Comparable<Timer> {
        private final long dueNanos;
        private final long order;
        private Runnable action;
        private boolean done;

        private Timer(long dueNanos, long order, Runnable action) {
            this.dueNanos = dueNanos;
            this.order = order;
            this.action = action;
        }

        /** When it is due, on the clock of {@link #run}. */
        long dueNanos() {
            return dueNanos;
        }

        /** Takes it back, or does nothing if it has been done. */
        public void cancel() {
            action = () -> {};
            if (!done) {
                done = true;
                forgetCancelled();
            }
        }

        /** Whether it has been done, or taken back. */
        public boolean isDone() {
            return done;
        }

        @Override
        public int compareTo(Timer other) {
            int byTime = Long.compare(dueNanos - other.dueNanos, 0);
            return byTime != 0 ? byTime : Long.compare(order, other.order);
        }

        @Override
        public boolean equals(Object other) {
            return this == other;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(this);
        }
    }

    /** Nothing to wait for. */
    public static final long NEVER = Long.MAX_VALUE;

    /** Timers below which those taken back are not worth looking for. */
    private static final int FEW = 1_024;

    private final PriorityQueue<Timer> timers = new PriorityQueue<>();
    private int cancelled;
    private long now;
    private long order;

    /** @param nowNanos of the monotonic clock that {@link #run} will be given */
    public Timers(long nowNanos) {
        this.now = nowNanos;
    }

    /** Of the last {@link #run}. */
    public long now() {
        return now;
    }

    public Timer after(long nanos, Runnable action) {
        Timer timer = new Timer(now + nanos, order++, action);
        timers.add(timer);
        return timer;
    }

    /** Those taken back stay where they are until they are most of all, so that each costs little to take back, and little memory. */
    private void forgetCancelled() {
        cancelled++;
        if (timers.size() >= FEW && cancelled > timers.size() / 2) {
            timers.removeIf(each -> each.done);
            cancelled = 0;
        }
    }

    /** Those that wait, and of those taken back perhaps some. */
    int size() {
        return timers.size();
    }

    /** Moves the clock, and does what is due, in the order of its time. */
    public void run(long nowNanos) {
        Timer next = timers.peek();
        while (next != null && next.dueNanos - nowNanos <= 0) {
            timers.remove();
            cancelled -= next.done ? 1 : 0;
            now = Math.max(now, next.dueNanos);
            next.done = true;
            next.action.run();
            next = timers.peek();
        }
        now = nowNanos;
    }

    /** Nanoseconds until the next is due, from the last {@link #run}; {@link #NEVER} without one. */
    public long untilNext() {
        Timer next = timers.peek();
        return next == null ? NEVER : Math.max(0, next.dueNanos - now);
    }
}
