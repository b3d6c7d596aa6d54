package dev.chime.reactor;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** The hooks of one phase, in the order in which they were added. */
final class Hooks {
    private final Reactor reactor;
    private final List<Hook> hooks = new ArrayList<>();
    private Hook[] running = new Hook[0];

    Hooks(Reactor reactor) {
        this.reactor = reactor;
    }

    Hook add(Task task) {
        Hook hook = new Hook(reactor, this, task);
        hooks.add(hook);
        running = hooks.toArray(Hook[]::new);
        reactor.vote(1);
        return hook;
    }

    void remove(Hook hook) {
        hooks.remove(hook);
        running = hooks.toArray(Hook[]::new);
    }

    boolean isEmpty() {
        return hooks.isEmpty();
    }

    /** Calls {@code visitor} with the tasks of those that keep the loop alive. */
    void forEachReferenced(Consumer<Task> visitor) {
        for (Hook hook : running) {
            if (hook.hasRef()) {
                visitor.accept(hook.task);
            }
        }
    }

    int referenced() {
        int count = 0;
        for (Hook hook : running) {
            count += hook.hasRef() ? 1 : 0;
        }
        return count;
    }

    /** Runs those that are there now. */
    void run(Callbacks callbacks) {
        for (Hook hook : running) {
            if (hook.isActive()) {
                callbacks.call(hook.task);
            }
        }
    }
}
