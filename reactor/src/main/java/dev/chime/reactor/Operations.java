package dev.chime.reactor;

import dev.chime.reactor.engine.AbortReason;
import dev.chime.reactor.engine.CallSite;
import dev.chime.reactor.engine.Completion;
import dev.chime.reactor.engine.Engine;
import dev.chime.reactor.engine.Fd;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.OpSlots;
import dev.chime.reactor.engine.SlabPool;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.engine.SlotQueue;
import dev.chime.reactor.jfr.Flight;
import dev.chime.reactor.jfr.SlowCallback;
import dev.chime.reactor.libc.ErrnoCode;
import dev.chime.reactor.libc.Libc;
import dev.chime.reactor.libc.Sys;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Everything in flight: hands slots to the engine, delivers their results, and closes a descriptor
 * behind its last operation.
 */
final class Operations {
    /** Completions delivered in one turn before timers and tasks get theirs. */
    static final int DRAIN_BUDGET_OPS = 256;

    /**
     * A power of two: of so many looks for completions one takes a single one. Else the compiler
     * would take the end of the budget for impossible, and the first crowd would send the compiled
     * loop back to the interpreter, for most of a second.
     */
    private static final int SHORT_DRAIN_EVERY = 256;

    private final Loop loop;
    private final OpSlots slots;
    private final Callbacks callbacks;
    private final Engine engine;
    private final SlotQueue refused = new SlotQueue();
    private final Set<Fd> descriptors = new LinkedHashSet<>();
    private final Leaks leaks = new Leaks(fd -> close(fd, Operations::closedLeak));
    private @Nullable Ending ending;
    private int referenced;
    private int inFlight;
    private int drains;
    private boolean isRecorded;
    private final OpCounts counts = new OpCounts();

    Operations(Loop loop, OpSlots slots, Callbacks callbacks, Libc libc, SlabPool memory) {
        this.loop = loop;
        this.slots = slots;
        this.callbacks = callbacks;
        engine =
                EngineChoice.open(
                        loop.options(), new EngineChoice.Parts(libc, slots, memory, this::deliver));
    }

    Engine engine() {
        return engine;
    }

    Slot slot(Op op, Completion completion) {
        return slots.acquire(op, completion);
    }

    void submit(Slot slot) {
        if (slot.linked != null) {
            submitChain(slot);
            return;
        }
        int refusal = account(slot);
        if (refusal == 0) {
            engine.submit(slot);
        } else {
            refuse(slot, refusal);
        }
    }

    /** Counts a slot that is being submitted; 0, or why it must not be. */
    private int account(Slot slot) {
        Fd owner = slot.owner;
        inFlight++;
        slot.since = loop.now();
        if (slot.keepsAlive) {
            referenced++;
        }
        int refusal = loop.isEnding() && slot.op() != Op.CLOSE ? -ErrnoCode.ECANCELED : 0;
        if (owner != null) {
            slot.fd = owner.number();
            if (!owner.isOpen()) {
                refusal = -ErrnoCode.EBADF;
            }
            owner.add(slot);
        }
        return refusal;
    }

    private void submitChain(Slot head) {
        int refusal = account(head);
        for (Slot slot = head.linked; slot != null; slot = slot.linked) {
            int other = account(slot);
            refusal = refusal == 0 ? other : refusal;
        }
        if (refusal != 0) {
            Slot rest = head.linked;
            refuse(head, refusal);
            refuseAll(rest);
        } else if (engine.links(head)) {
            engine.submit(head);
        } else {
            lead(head);
        }
    }

    /** Submits the first of a chain; the others wait here for its end. */
    private void lead(Slot head) {
        head.leads = true;
        for (Slot slot = head.linked; slot != null; slot = slot.linked) {
            slot.waits = true;
        }
        engine.submit(head);
    }

    private void follow(Slot next, boolean goOn) {
        if (!goOn || next.stopErrno != 0) {
            refuseAll(next);
        } else if (next.linked == null) {
            next.waits = false;
            engine.submit(next);
        } else {
            next.waits = false;
            lead(next);
        }
    }

    private void refuseAll(@Nullable Slot first) {
        for (Slot slot = first; slot != null; slot = slot.linked) {
            refuse(slot, -ErrnoCode.ECANCELED);
        }
    }

    private void refuse(Slot slot, int result) {
        slot.move(Slot.State.QUEUED, Slot.State.IN_FLIGHT);
        slot.result = result;
        refused.add(slot);
    }

    /** Delivers what is complete, at most a turn's share; how much it was. */
    int drain() {
        boolean cut = (++drains & (SHORT_DRAIN_EVERY - 1)) == 0;
        return drain(cut ? 1 : DRAIN_BUDGET_OPS);
    }

    /** Delivers what is complete, about {@code budget} at the most; how much it was. */
    int drain(int budget) {
        isRecorded = Flight.isOn();
        leaks.collect();
        int delivered = 0;
        for (int n = refused.size(); n > 0; n--) {
            Slot slot = refused.remove();
            deliver(slot, slot.result, false);
            delivered++;
        }
        return delivered + engine.drain(budget);
    }

    private void deliver(Slot slot, int result, boolean more) {
        Fd owner = slot.owner;
        counts.delivered(slot.op(), result, more);
        if (!more) {
            slot.move(Slot.State.IN_FLIGHT, Slot.State.DONE);
            inFlight--;
            if (slot.keepsAlive) {
                referenced--;
            }
            if (owner != null) {
                owner.remove(slot);
            }
            slot.detach();
            if (ending != null) {
                ending.ended(slot, result);
            }
        }
        Slot next = slot.leads && !more ? slot.linked : null;
        boolean goOn = next != null && slot.continues(result);
        boolean stopped = result == -ErrnoCode.ECANCELED && slot.stopErrno != 0;
        complete(slot, stopped ? -slot.stopErrno : result, more);
        if (!more) {
            slots.release(slot);
            if (next != null) {
                follow(next, goOn);
            }
            if (owner != null && owner.state() == Fd.State.CLOSING && owner.inFlight() == 0) {
                submitClose(owner);
            }
        }
        callbacks.checkpoint();
    }

    private void complete(Slot slot, int result, boolean more) {
        CallSite.resume(slot.site);
        if (slot.abortReason != null) {
            completeAborted(slot, result, more);
            return;
        }
        if (isRecorded) {
            completeTimed(slot, result, more);
            return;
        }
        try {
            slot.completion().complete(slot, result, more);
        } catch (Throwable t) {
            callbacks.uncaught(t);
        }
    }

    private void completeAborted(Slot slot, int result, boolean more) {
        Throwable reason = slot.abortReason;
        slot.abortReason = null;
        AbortReason.during(reason, () -> complete(slot, result, more));
    }

    private void completeTimed(Slot slot, int result, boolean more) {
        SlowCallback timed = Flight.callbackBegins();
        Object callback = slot.callback == null ? slot.completion() : slot.callback;
        try {
            slot.completion().complete(slot, result, more);
        } catch (Throwable t) {
            callbacks.uncaught(t);
        }
        if (timed != null) {
            timed.ended(slot.op().name(), callback);
        }
    }

    /** From now on it is told of every end. */
    void ending(Ending account) {
        ending = account;
    }

    /** True while something is in flight that does not wait for a peer's next move. */
    boolean underWay() {
        int[] waiting = {0};
        slots.forEachPending(slot -> {
            if (slot.op().multishot() || slot.op() == Op.POLL) {
                waiting[0]++;
            }
        });
        return inFlight > waiting[0];
    }

    void cancel(Slot slot, int errno) {
        boolean pending = slot.state() == Slot.State.QUEUED || slot.state() == Slot.State.IN_FLIGHT;
        // A cancelled close would leave its descriptor open for ever.
        if (pending && slot.op() != Op.CLOSE && slot.stopErrno == 0) {
            slot.stopErrno = errno;
            slot.abortReason = AbortReason.current();
            if (!slot.waits && !isRefused(slot)) {
                engine.cancel(slot);
            }
        }
    }

    /** Ends a slot with ETIMEDOUT that takes longer than {@code nanos} from now. */
    void deadline(Slot slot, long nanos) {
        boolean byEngine = loop.clock().equals(NanoClock.SYSTEM) && !isRefused(slot);
        if (byEngine && engine.deadline(slot, nanos)) {
            return;
        }
        Timer timer =
                loop.timers()
                        .start(
                                () -> cancel(slot, ErrnoCode.ETIMEDOUT),
                                nanos,
                                Timer.ONCE,
                                loop.clock().nanoTime());
        slot.attach(timer.unref()::clear);
    }

    @SuppressWarnings("ReferenceEquality") // this slot, not an equal one
    private boolean isRefused(Slot wanted) {
        for (Slot slot = refused.first(); slot != null; slot = slot.next) {
            if (slot == wanted) {
                return true;
            }
        }
        return false;
    }

    /** Asks for an early end of everything that can end early. */
    void cancelAll() {
        slots.forEachPending(slot -> {
            // A close that is cancelled would leak its descriptor.
            if (slot.op().cancelable()) {
                engine.cancel(slot);
            }
        });
    }

    Fd adopt(int number, Fd.Kind kind) {
        Fd fd = new Fd(number, kind, leaks);
        descriptors.add(fd);
        return fd;
    }

    private static void closedLeak(Slot slot, int result, boolean more) {
        if (result < 0) {
            Log.LOG.debug("close of fd {}, which was dropped, gave errno {}", slot.fd, -result);
        }
    }

    void close(Fd fd, Completion completion) {
        leaks.closes(fd);
        fd.closing(completion);
        if (fd.inFlight() == 0) {
            submitClose(fd);
        } else {
            engine.cancelAll(fd);
        }
    }

    private void submitClose(Fd fd) {
        descriptors.remove(fd);
        engine.closing(fd);
        Slot slot = slot(Op.CLOSE, fd.closed());
        slot.fd = fd.number();
        slot.mayBlock = fd.kind() == Fd.Kind.FILE;
        submit(slot);
    }

    /** Closes, at the end, the descriptors that nobody has closed. */
    void closeLeftovers(Libc libc) {
        for (Fd fd : descriptors) {
            leaks.leftOver(fd);
            Log.LOG.debug("closing {} that the program left open", fd);
            engine.call(libc, Sys.CLOSE, fd.number(), 0, 0, 0, 0, 0);
        }
        descriptors.clear();
    }

    int inFlight() {
        return inFlight;
    }

    /** Those in flight that keep the loop alive. */
    int referenced() {
        return referenced;
    }

    boolean hasRefused() {
        return !refused.isEmpty();
    }

    OpCounts counts() {
        return counts;
    }

    OpSlots slots() {
        return slots;
    }
}
