package org.ipsecif.tunnel;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.ipsecif.platform.PacketChannel;
import org.ipsecif.sa.Verdict;
import org.ipsecif.sa.VerdictCounters;

/**
 * A thread that walks the packets of one channel until it is closed. Another worker, which is awake, may take its turn: a packet that
 * answers another need not wait until a second thread has been woken. A fault in a walk costs the packet, not the worker:
 * it is counted as {@link Verdict#INTERNAL_ERROR}, and the first is reported to the thread's uncaught exception handler.
 */
public final class Worker implements AutoCloseable {
    /** {@link #assist} found somebody there. */
    static final int BUSY = -1;

    private static final int MOST_STEPS = 8;
    private static final long MOMENT = 10_000;

    /** A step that took more than so many bytes is of a bulk transfer, which is no answer. */
    private static final int MUCH = 6_000;

    private final PacketChannel channel;
    private final PacketWalk walk;
    private final VerdictCounters verdicts;
    private final Runnable onGone;
    private final Thread thread;
    private volatile boolean stopping;

    /** Whether a thread is walking. */
    private final AtomicBoolean turn = new AtomicBoolean();

    Worker(String name, PacketChannel channel, PacketWalk walk, VerdictCounters verdicts, Runnable onGone) {
        this.channel = channel;
        this.walk = walk;
        this.verdicts = verdicts;
        this.onGone = onGone;
        this.thread = new Thread(this::run, name);
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    private void run() {
        while (!stopping && channel.awaitReadable()) {
            while (!turn.compareAndSet(false, true)) { // another takes what there is, and may leave something
                if (stopping) {
                    return;
                }
                LockSupport.parkNanos(MOMENT);
            }
            int result;
            try {
                result = drain();
            } finally {
                turn.set(false);
            }
            if (result == PacketChannel.GONE && !stopping) {
                onGone.run();
                return;
            }
            restSafely();
        }
    }

    private void restSafely() {
        try {
            walk.rest();
        } catch (RuntimeException e) {
            tell(e);
        }
    }

    /**
     * Walks what there is now in the thread's place, if it is not at it itself.
     *
     * @return how many steps there were; negative if somebody is at it
     */
    int assist() {
        if (stopping || !turn.compareAndSet(false, true)) {
            return BUSY;
        }
        try {
            int steps = 0;
            int result = 1;
            while (!stopping && result > PacketChannel.NOTHING) { // asked again, by whoever has the turn
                if (steps == MOST_STEPS || result > MUCH) {
                    channel.nudge(); // the rest is the thread's
                    break;
                }
                result = stepSafely();
                steps += result > PacketChannel.NOTHING ? 1 : 0;
            }
            return steps;
        } catch (OutOfMemoryError | LinkageError e) { // must not end the thread of others' packets
            verdicts.count(Verdict.INTERNAL_ERROR);
            channel.nudge();
            return BUSY;
        } finally {
            turn.set(false);
        }
    }

    /** Walks packets until there are none, so that a busy channel costs no wait between them. */
    private int drain() {
        int result;
        do {
            result = stepSafely();
        } while (result > 0 && !stopping);
        return result;
    }

    private int stepSafely() {
        try {
            return walk.step();
        } catch (RuntimeException e) {
            tell(e);
            return 1;
        }
    }

    private void tell(RuntimeException e) {
        Thread.UncaughtExceptionHandler handler =
                thread.getUncaughtExceptionHandler(); // null of a thread that has ended
        if (handler != null && verdicts.get(Verdict.INTERNAL_ERROR) == 0) {
            handler.uncaughtException(thread, e);
        }
        verdicts.count(Verdict.INTERNAL_ERROR);
    }

    /** Ends the thread and waits for it; the caller then closes the channel. */
    @Override
    public void close() {
        stopping = true;
        channel.wakeup();
        if (Thread.currentThread() == thread) {
            return;
        }
        awaitEnd(thread);
        while (turn.get()) { // one that took the turn sees that it is to stop; no other takes it
            Thread.onSpinWait();
        }
    }

    /** Waits until a thread has ended. An interrupt meanwhile is kept for later. */
    public static void awaitEnd(Thread thread) {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
