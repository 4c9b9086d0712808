package org.ipsecif.daemon;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The one thread on which everything but packets happens: commands, signals, configuration. */
final class ControlThread implements Executor, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ControlThread.class);

    private final ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "control");
        thread.setDaemon(true);
        return thread;
    });

    /** Queues a task; after {@link #close()} it is dropped, since nothing is left to act on. */
    @Override
    public void execute(Runnable task) {
        try {
            executor.execute(task);
        } catch (RejectedExecutionException e) {
            // The daemon is ending.
        }
    }

    /** Queues a task for later; likewise. A fault in it is logged. */
    void after(long nanos, Runnable task) {
        try {
            Future<?> unused = executor.schedule(guarded(task), nanos, TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            // The daemon is ending.
        }
    }

    /**
     * Runs {@code task} again and again. A fault in it is logged, and does not end it.
     *
     * @return ends it
     */
    AutoCloseable every(long nanos, Runnable task) {
        Future<?> running = executor.scheduleAtFixedRate(guarded(task), nanos, nanos, TimeUnit.NANOSECONDS);
        return () -> running.cancel(false);
    }

    private static Runnable guarded(Runnable task) {
        return () -> {
            try {
                task.run();
            } catch (RuntimeException e) {
                LOG.error("fault in a task of the clock, which goes on", e);
            }
        };
    }

    /** Runs {@code task} there and waits for it. Exceptions of the task come out as they are. */
    <T> T call(Callable<T> task) throws Exception {
        Future<T> result = executor.submit(task);
        try {
            return result.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Exception cause) {
                throw cause;
            }
            throw e;
        }
    }

    /** Drops what is queued. */
    @Override
    public void close() {
        executor.shutdownNow();
    }
}
