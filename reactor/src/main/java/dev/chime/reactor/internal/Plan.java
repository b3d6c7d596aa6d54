package dev.chime.reactor.internal;

import dev.chime.reactor.Task;

/**
 * A piece of work that is done once before the loop next enters the kernel, however often it is
 * asked for until then. A plan keeps the loop alive until it has run. Loop thread only.
 */
public final class Plan {
    private final Core core;
    private final Task work;
    private final Task run = this::run;
    private boolean made;

    /** Plans to run {@code work} whenever {@link #make} says so. */
    public Plan(Core core, Task work) {
        this.core = core;
        this.work = work;
    }

    /** The work is to be done. */
    public void make() {
        if (!made) {
            made = true;
            core.ref();
            core.beforeEnter(run);
        }
    }

    /** True until the work begins. */
    public boolean isMade() {
        return made;
    }

    private void run() throws Exception {
        made = false;
        core.unref();
        work.run();
    }
}
