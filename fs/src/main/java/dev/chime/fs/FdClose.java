package dev.chime.fs;

import dev.chime.reactor.Done;
import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.engine.CallSite;
import dev.chime.reactor.engine.Fd;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.internal.Core;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The close of a descriptor: once, when nothing is under way, for all who ask for it. */
final class FdClose {
    private final Core core;
    private final Fd fd;
    private final List<Done> callbacks = new ArrayList<>(1);
    private final @Nullable CallSite site = CallSite.current();
    private @Nullable ReactorException failure;
    private boolean submitted;
    private boolean closed;

    FdClose(Core core, Fd fd) {
        this.core = core;
        this.fd = fd;
    }

    /** Calls back when the file is closed, in a later turn if it is already. */
    void tell(Done callback) {
        if (closed) {
            Slot slot = core.slot(Op.NOP, this::closedAgain);
            slot.callback = callback;
            core.submit(slot);
        } else {
            callbacks.add(callback);
        }
    }

    /** Nothing is under way: closes, unless that has been done. */
    void submit() {
        if (!submitted) {
            submitted = true;
            CallSite.resume(site);
            core.close(fd, this::closed);
        }
    }

    /** True once the number may be somebody else's. */
    boolean isSubmitted() {
        return submitted;
    }

    private void closed(Slot slot, int result, boolean more) {
        closed = true;
        if (Closes.isError(result)) {
            failure = ErrnoException.file(result, "close", null);
        }
        for (Done callback : callbacks) {
            core.call(callback, failure);
        }
        callbacks.clear();
    }

    private void closedAgain(Slot slot, int result, boolean more) throws Exception {
        ((Done) Objects.requireNonNull(slot.callback)).call(failure);
    }
}
