package dev.chime.reactor;

import dev.chime.reactor.engine.CallSite;
import org.jspecify.annotations.Nullable;

/**
 * A task of trace mode, which knows the call that it comes from.
 *
 * @param task what to run
 * @param site the call
 * @param resumes whether the task goes on with the work of that call
 */
record TracedTask(Task task, CallSite site, boolean resumes) implements Task {
    /** A user's task, made by the call in progress; the task itself outside trace mode. */
    static Task madeHere(Task task, String call) {
        CallSite site = CallSite.here(call);
        return site == null ? task : new TracedTask(task, site, false);
    }

    /** A task of ours that goes on with the current call's work. */
    static Task resuming(Task task) {
        CallSite site = CallSite.current();
        return site == null ? task : new TracedTask(task, site, true);
    }

    /** Where a task comes from, when that is known. */
    static @Nullable CallSite siteOf(Task task) {
        return task instanceof TracedTask traced ? traced.site : null;
    }

    @Override
    public void run() throws Exception {
        if (resumes) {
            CallSite.resume(site);
        }
        task.run();
    }

    @Override
    public String toString() {
        return Inspector.name(task);
    }
}
