package dev.chime.reactor;

import dev.chime.reactor.internal.Core;
import java.util.concurrent.RejectedExecutionException;

/**
 * A task that runs on the loop when the process gets a signal; from {@link Reactor#onSignal}. Loop
 * thread only.
 *
 * <p>It does not keep the loop alive, unless {@link #ref} asks for it.
 */
public final class SignalListener {
    private final Loop loop;
    private final String signal;
    private final Task task;
    private final Core.Handle handle = this::end;
    private boolean active = true;
    private boolean referenced;

    private SignalListener(Loop loop, String signal, Task task) {
        this.loop = loop;
        this.signal = signal;
        this.task = task;
    }

    static SignalListener open(Loop loop, String name, Task task) {
        String signal = name.startsWith("SIG") ? name.substring(3) : name;
        SignalListener listener = new SignalListener(loop, signal, task);
        Signals.add(listener);
        loop.opened(listener.handle);
        return listener;
    }

    /** The signal's name, without SIG. */
    public String signal() {
        return signal;
    }

    /** The process got the signal; a thread of the JVM's. */
    void raised() {
        try {
            loop.post(this::deliver);
        } catch (RejectedExecutionException e) {
            // The loop has ended meanwhile: nobody is there to hear of it.
        }
    }

    private void deliver() {
        if (active) {
            loop.call(task);
        }
    }

    /**
     * Ends it: the task does not run again. With a signal's last listener the process's handler
     * before comes back.
     */
    public void clear() {
        loop.checkThread("SignalListener.clear");
        end();
    }

    private void end() {
        if (active) {
            active = false;
            if (referenced) {
                loop.unref();
            }
            loop.closed(handle);
            Signals.remove(this);
        }
    }

    /** Lets the listener keep the loop alive. */
    public SignalListener ref() {
        return reference(true);
    }

    /** Lets the loop end although there is a listener, as from the start. */
    public SignalListener unref() {
        return reference(false);
    }

    private SignalListener reference(boolean on) {
        loop.checkThread("SignalListener.ref");
        if (referenced != on) {
            referenced = on;
            if (active) {
                loop.vote(on ? 1 : -1);
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
