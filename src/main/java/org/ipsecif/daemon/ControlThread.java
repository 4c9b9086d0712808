package org.ipsecif.daemon;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;

/** The one thread on which everything but packets happens: commands, signals, configuration. */
final class ControlThread implements Executor, AutoCloseable {
    private final ExecutorService executor = Executors.newSingleThreadExecutor(task -> {
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
