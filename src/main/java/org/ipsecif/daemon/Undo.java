package org.ipsecif.daemon;

import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What it takes to take back the steps of a change that then fails, in reverse order. Control thread only. */
final class Undo {
    private static final Logger LOG = LoggerFactory.getLogger(Undo.class);

    /** Takes one step back. */
    interface Step {
        void run() throws Exception;
    }

    private record NamedStep(String what, Step step) {}

    private final Deque<NamedStep> steps = new ArrayDeque<>();

    /** @param what completes "cannot", for the log: {@code remove policy out/inet of ipsec0} */
    void push(String what, Step step) {
        steps.push(new NamedStep(what, step));
    }

    /** Takes everything back; a step that fails is logged and does not stop the others. */
    void rollBack() {
        while (!steps.isEmpty()) {
            NamedStep next = steps.pop();
            try {
                next.step().run();
            } catch (Exception e) {
                LOG.error("cannot {}: {}", next.what(), e.getMessage());
            }
        }
    }

    /** The change is done: nothing to take back. */
    void commit() {
        steps.clear();
    }
}
