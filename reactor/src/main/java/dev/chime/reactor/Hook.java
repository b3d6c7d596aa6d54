package dev.chime.reactor;

/** A task that runs in every turn, in one of its phases. Loop thread only. */
public final class Hook {
    private final Reactor reactor;
    private final Hooks home;
    final Task task;
    private boolean active = true;
    private boolean referenced = true;

    Hook(Reactor reactor, Hooks home, Task task) {
        this.reactor = reactor;
        this.home = home;
        this.task = task;
    }

    /** Ends it: the task does not run again, not even in this turn. */
    public void clear() {
        reactor.checkThread("Hook.clear");
        if (active) {
            active = false;
            home.remove(this);
            if (referenced) {
                reactor.vote(-1);
            }
        }
    }

    /** Lets the hook keep the loop alive, as it does from the start. */
    public Hook ref() {
        return reference(true);
    }

    /** Lets the loop end although the hook is there. */
    public Hook unref() {
        return reference(false);
    }

    private Hook reference(boolean on) {
        reactor.checkThread("Hook.ref");
        if (referenced != on) {
            referenced = on;
            if (active) {
                reactor.vote(on ? 1 : -1);
            }
        }
        return this;
    }

    /** True while it keeps the loop alive. */
    public boolean hasRef() {
        return referenced;
    }

    /** True until it is cleared. */
    public boolean isActive() {
        return active;
    }
}
