package dev.chime.reactor;

import dev.chime.reactor.engine.AbortReason;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.libc.ErrnoCode;
import java.time.Duration;

/** A slot in one of its uses: a stale one does nothing. */
record SlotOperation(Loop loop, Slot slot, int generation) implements Operation {
    @Override
    public void cancel() {
        loop.requireThread("Operation.cancel");
        if (isCurrent()) {
            AbortReason.outside(() -> loop.cancel(slot, ErrnoCode.ECANCELED));
        }
    }

    @Override
    public Operation deadline(Duration limit) {
        loop.requireThread("Operation.deadline");
        long nanos = Timers.limit(limit);
        if (isCurrent()) {
            loop.operations().deadline(slot, nanos);
        }
        return this;
    }

    @Override
    public Operation abortOn(AbortSignal signal) {
        loop.requireThread("Operation.abortOn");
        if (isCurrent()) {
            slot.attach(signal.listen(errno -> loop.cancel(slot, errno.number())));
        }
        return this;
    }

    private boolean isCurrent() {
        return slot.generation() == generation;
    }
}
