package dev.chime.net;

import dev.chime.reactor.internal.Core;
import java.util.function.BooleanSupplier;

/** An open server or socket, as the reactor sees it. */
final class OpenHandle implements Core.Handle {
    private final String kind;
    private final Object owner;
    private final Runnable shutdown;
    private final BooleanSupplier referenced;

    OpenHandle(String kind, Object owner, Runnable shutdown, BooleanSupplier referenced) {
        this.kind = kind;
        this.owner = owner;
        this.shutdown = shutdown;
        this.referenced = referenced;
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
        return referenced.getAsBoolean();
    }

    @Override
    public String toString() {
        return owner.toString();
    }
}
