package dev.chime.reactor;

import org.jspecify.annotations.Nullable;

/** A task that runs after this turn's completions. Loop thread only. */
public final class Immediate {
    private final Reactor reactor;
    private @Nullable Task task;
    private boolean referenced = true;

    Immediate(Reactor reactor, Task task) {
        this.reactor = reactor;
        this.task = task;
    }

    /** Ends it: the task does not run. */
    public void clear() {
        reactor.checkThread("Immediate.clear");
        take();
    }

    /** Lets the loop end although the task has not run. */
    public Immediate unref() {
        reactor.checkThread("Immediate.unref");
        if (referenced && task != null) {
            reactor.vote(-1);
        }
        referenced = false;
        return this;
    }

    /** The task, when it keeps the loop alive. */
    @Nullable Task pending() {
        return referenced ? task : null;
    }

    /** The task, once, unless it was cleared. */
    @Nullable Task take() {
        Task taken = task;
        task = null;
        if (taken != null && referenced) {
            reactor.vote(-1);
        }
        return taken;
    }
}
