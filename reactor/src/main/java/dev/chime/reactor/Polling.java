package dev.chime.reactor;

import dev.chime.reactor.engine.Completion;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.internal.Composed;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.libc.ErrnoCode;
import java.util.Objects;
import java.util.Set;

/**
 * Waits for events of a descriptor again and again: one operation after the other, so that what has
 * not been dealt with is told again, on every engine. A series of the kernel's own tells of changes
 * alone.
 */
final class Polling extends Composed {
    private static final Completion ONCE = Polling::once;
    private static final Completion EACH = Polling::each;

    private final int fd;
    private final int events;
    private final Callback<Set<PollEvent>> callback;
    private Slot slot;

    private Polling(Core core, int fd, int events, Callback<Set<PollEvent>> callback) {
        super(core);
        this.fd = fd;
        this.events = events;
        this.callback = callback;
        slot = submit(core, EACH, fd, events, this);
    }

    /** Waits once. */
    static Operation once(Core core, int fd, int events, Callback<Set<PollEvent>> callback) {
        return core.operation(submit(core, ONCE, fd, events, callback));
    }

    /** Waits until somebody cancels it. */
    static Operation each(Core core, int fd, int events, Callback<Set<PollEvent>> callback) {
        return new Polling(core, fd, events, callback);
    }

    private static Slot submit(
            Core core, Completion completion, int fd, int events, Object callback) {
        Slot slot = core.slot(Op.POLL, completion);
        slot.fd = fd;
        slot.flags = events;
        slot.callback = callback;
        core.submit(slot);
        return slot;
    }

    private static void once(Slot slot, int result, boolean more) throws Exception {
        @SuppressWarnings("unchecked") // as submitted
        Callback<Set<PollEvent>> callback =
                (Callback<Set<PollEvent>>) Objects.requireNonNull(slot.callback);
        if (result >= 0) {
            callback.call(null, PollEvent.of(result));
        } else {
            fail(callback, error(result, slot.fd));
        }
    }

    private static void each(Slot slot, int result, boolean more) throws Exception {
        ((Polling) Objects.requireNonNull(slot.callback)).told(result);
    }

    private void told(int result) throws Exception {
        if (result >= 0 && !stopped()) {
            // First of all, so that a cancel of the callback's finds what to cancel.
            slot = submit(core, EACH, fd, events, this);
            callback.call(null, PollEvent.of(result));
        } else {
            ended();
            fail(callback, error(stopped() ? -stopErrno() : result, fd));
        }
    }

    @SuppressWarnings("NullAway") // beside an error there is no value
    private static void fail(Callback<Set<PollEvent>> callback, ErrnoException error)
            throws Exception {
        callback.call(error, null);
    }

    private static ErrnoException error(int result, int fd) {
        String hint =
                result == -ErrnoCode.EBADF
                        ? "fd " + fd + " is not open: end the poll before the descriptor is closed"
                        : null;
        return ErrnoException.explained(result, "poll", null, hint);
    }

    @Override
    protected void interrupt() {
        core.cancel(slot, stopErrno());
    }
}
