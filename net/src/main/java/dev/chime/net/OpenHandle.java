package dev.chime.net;

import dev.chime.reactor.internal.Core;

/** An open server or socket, as the reactor sees it, with its vote on whether the loop goes on. */
final class OpenHandle implements Core.Handle {
    private final Core core;
    private final String kind;
    private final Object owner;
    private final Runnable shutdown;
    private boolean open;
    private boolean referenced = true;

    OpenHandle(Core core, String kind, Object owner, Runnable shutdown) {
        this.core = core;
        this.kind = kind;
        this.owner = owner;
        this.shutdown = shutdown;
    }

    void opened() {
        open = true;
        core.opened(this);
        if (referenced) {
            core.ref();
        }
    }

    void closed() {
        open = false;
        core.closed(this);
        if (referenced) {
            core.unref();
        }
    }

    /** Gives the vote, or takes it away; while it is not open, for later. */
    void reference(boolean on) {
        boolean changed = referenced != on;
        referenced = on;
        if (changed && open) {
            if (on) {
                core.ref();
            } else {
                core.unref();
            }
        }
    }

    @Override
    public void shutdown() {
        shutdown.run();
    }

    @Override
    public String kind() {
        return kind;
    }

    @Override
    public boolean hasRef() {
        return referenced;
    }

    @Override
    public String toString() {
        return owner.toString();
    }
}
