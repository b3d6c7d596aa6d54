package dev.chime.reactor;

import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.libc.ErrnoCode;
import java.time.Duration;

/** The account of a loop's end: runs its steps, whatever they throw, and counts. */
final class Ending {
    private final Callbacks callbacks;
    private final long started = System.nanoTime();
    private final int handles;
    private final int blockingCalls;
    private int cancelled;
    private int finished;
    private int tasks;

    Ending(Callbacks callbacks, int handles, int blockingCalls) {
        this.callbacks = callbacks;
        this.handles = handles;
        this.blockingCalls = blockingCalls;
    }

    /** Runs a step; what it throws makes the run fail, and the next step comes. True: no throw. */
    boolean step(Task step) {
        try {
            step.run();
            return true;
        } catch (Throwable t) {
            callbacks.uncaught(t);
            return false;
        }
    }

    /** An operation had its last completion. */
    void ended(Slot slot, int result) {
        if (result == -ErrnoCode.ECANCELED) {
            cancelled++;
        } else if (slot.op() != Op.CLOSE) {
            finished++;
        }
    }

    void ran(int more) {
        tasks += more;
    }

    ShutdownReport report(int unfinished, String operations, int threads) {
        Duration took = Duration.ofNanos(System.nanoTime() - started);
        ShutdownReport report =
                new ShutdownReport(
                        handles,
                        blockingCalls,
                        cancelled,
                        finished,
                        tasks,
                        unfinished,
                        operations,
                        threads,
                        took);
        if (!report.isComplete()) {
            Log.LOG.warn("the reactor has ended, not all of it: {}", report);
        }
        return report;
    }
}
