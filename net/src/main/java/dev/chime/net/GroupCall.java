package dev.chime.net;

import dev.chime.reactor.ReactorGroup;
import dev.chime.reactor.internal.Core;

/**
 * A call of one loop that other loops work on: its outcome comes once, in a turn of the loop that
 * called, and as cancelled if that loop ends before.
 */
final class GroupCall implements Core.Handle {
    private final ReactorGroup group;
    private final int loop;
    private final Core core;
    private final String name;
    private final Runnable cancelled;
    private boolean over;

    /** Begins a call on the loop that is running. */
    GroupCall(ReactorGroup group, String name, Runnable cancelled) {
        this.group = group;
        loop = group.index();
        core = Core.of(group.get(loop));
        this.name = name;
        this.cancelled = cancelled;
        core.opened(this);
        core.ref();
    }

    /** Brings the outcome to the loop; false when that has ended. Any thread. */
    boolean finish(Runnable outcome) {
        return group.post(loop, () -> end(outcome));
    }

    private void end(Runnable outcome) {
        if (!over) {
            over = true;
            core.closed(this);
            core.unref();
            outcome.run();
        }
    }

    @Override
    public void shutdown() {
        core.inClosePhase(() -> end(cancelled));
    }

    @Override
    public String kind() {
        return "GroupServer";
    }

    @Override
    public String toString() {
        return name;
    }
}
