package dev.chime.fs;

import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.Timer;
import dev.chime.reactor.engine.AbortReason;
import dev.chime.reactor.engine.Completion;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.internal.Composed;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.ErrnoCode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A call of many operations, several of them in flight at a time.
 *
 * <p>Each operation names what is to be done with its result. After each, unless the call has
 * failed or was stopped, {@link #advance} starts what can be started. A call with nothing in flight
 * and nothing to wait for is over: then it calls back.
 */
abstract class Steps extends Composed implements Completion {
    /** What is done with a result; the slot is used again afterwards. */
    interface Then {
        void done(Slot slot, int result);
    }

    /** Waits for a time, and ends sooner when the call or the reactor does. */
    private final class Pause implements Core.Handle {
        final Timer timer;

        Pause(Duration time, Runnable again) {
            timer =
                    core.reactor()
                            .setTimeout(
                                    time,
                                    () -> {
                                        forget();
                                        perform(again);
                                        go();
                                    });
        }

        void forget() {
            pauses.remove(this);
            core.closed(this);
        }

        void cut() {
            forget();
            core.reactor().clearTimeout(timer);
        }

        @Override
        public void shutdown() {
            cancel();
        }

        @Override
        public String kind() {
            return "pause before another try";
        }
    }

    private final Set<Slot> inFlight = new LinkedHashSet<>();
    private final Set<Pause> pauses = new LinkedHashSet<>();
    private @Nullable ReactorException failure;
    private boolean over;

    Steps(Core core) {
        super(core);
    }

    /** Starts what can be started now. */
    abstract void advance();

    /** Nothing is in flight any more: frees what is held, and calls back. */
    abstract void conclude(@Nullable ReactorException err) throws Exception;

    final Core core() {
        return core;
    }

    /** Takes a slot to fill and {@link #submit}. */
    final Slot step(Op op, Then then) {
        Slot slot = core.slot(op, this);
        slot.callback = then;
        return slot;
    }

    final void submit(Slot slot) {
        inFlight.add(slot);
        core.submit(slot);
    }

    /** How many operations are in flight. */
    final int inFlight() {
        return inFlight.size();
    }

    /** Ends the call with an error, once nothing is in flight; the first one counts. */
    final void fail(ReactorException err) {
        if (failure == null) {
            failure = err;
        }
    }

    /** True when nothing more is to be started. */
    final boolean halted() {
        return failure != null || stopped();
    }

    final boolean failed() {
        return failure != null;
    }

    /** Goes on with {@code again} after a time. */
    final void pause(Duration time, Runnable again) {
        Pause pause = new Pause(time, again);
        pauses.add(pause);
        core.opened(pause);
    }

    @Override
    protected final void interrupt() {
        for (Slot slot : List.copyOf(inFlight)) {
            if (!mustEnd(slot)) {
                core.cancel(slot, stopErrno());
            }
        }
        if (!pauses.isEmpty()) {
            cutPauses();
            submit(step(Op.NOP, (slot, result) -> {})); // what it ends calls back later
        }
    }

    /** A close, and an open that makes a file: who cancels that does not learn whether it did. */
    private static boolean mustEnd(Slot slot) {
        boolean creates = slot.op() == Op.OPENAT && (slot.flags & Const.O_CREAT) != 0;
        return creates || slot.op() == Op.CLOSE;
    }

    private void cutPauses() {
        new ArrayList<>(pauses).forEach(Pause::cut);
    }

    @Override
    public final void complete(Slot slot, int result, boolean more) throws Exception {
        inFlight.remove(slot);
        NativePath.release(slot);
        Then then = (Then) Objects.requireNonNull(slot.callback);
        AbortReason.during(
                abortReason(),
                () -> {
                    perform(() -> then.done(slot, result));
                    go();
                });
    }

    private void perform(Runnable work) {
        try {
            work.run();
        } catch (OutOfMemoryError e) {
            fail(ErrnoException.file(ErrnoCode.ENOMEM, name(), null));
        }
    }

    private void go() throws Exception {
        if (!halted()) {
            perform(this::advance);
        }
        if (halted()) {
            cutPauses();
        }
        if (inFlight.isEmpty() && pauses.isEmpty() && !over) {
            over = true;
            ended();
            conclude(failure);
        }
    }

    /** The call, as errors name it when no step of it is to blame. */
    abstract String name();

    /** The error of a call that was stopped between two steps. */
    final ReactorException stoppedError() {
        return ErrnoException.file(stopErrno(), name(), null);
    }
}
