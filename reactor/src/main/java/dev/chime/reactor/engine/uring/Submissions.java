package dev.chime.reactor.engine.uring;

import dev.chime.reactor.engine.Fd;
import dev.chime.reactor.engine.Invariant;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.OpSlots;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.engine.SlotQueue;
import dev.chime.reactor.libc.ErrnoCode;
import dev.chime.reactor.libc.SqeLayout;
import dev.chime.reactor.uring.Ring;
import java.util.Arrays;

/**
 * What is on its way into the ring: slots wait here, in order, for the next enter, which encodes
 * them; what the submission queue has no place for waits on. So a cancel of what the kernel has not
 * seen is exact, and a chain lies in the queue in one piece.
 */
final class Submissions {
    private final Ring ring;
    private final Registered registered;
    private final long cancelled;
    private final long timedOut;
    private final SlotQueue unsent = new SlotQueue();
    private final SlotQueue starved = new SlotQueue();
    private final SlotQueue starvedOfMessages = new SlotQueue();
    private final SlotQueue finished = new SlotQueue();
    private long[] cancels = new long[16];
    private int cancelCount;
    private boolean multishotReceive = true;
    private boolean multishotAccept = true;

    /** Its own entries complete with {@code cancelled} and {@code timedOut} as user_data. */
    Submissions(Ring ring, Registered registered, long cancelled, long timedOut) {
        this.ring = ring;
        this.registered = registered;
        this.cancelled = cancelled;
        this.timedOut = timedOut;
    }

    /** Queues a slot for the next enter; small, because everything that submits inlines it. */
    void send(Slot slot) {
        Bits.set(slot, Bits.UNSENT);
        unsent.add(slot);
    }

    /** Queues the first slot of a chain, and with it the others. */
    void sendChain(Slot head) {
        for (Slot slot = head; slot != null; slot = slot.linked) {
            Bits.set(slot, Bits.UNSENT);
        }
        unsent.add(head);
    }

    /** Queues a receive until a buffer is free. */
    void starve(Slot slot) {
        Bits.set(slot, Bits.STARVED);
        (slot.op() == Op.RECVMSG ? starvedOfMessages : starved).add(slot);
    }

    /** Cancels what the kernel has; what waits here is marked, and ends when it is looked at. */
    void cancel(Slot slot) {
        if (Bits.has(slot, Bits.ASKED_TO_CANCEL)) {
            return;
        }
        Bits.set(slot, Bits.ASKED_TO_CANCEL);
        if (!Bits.has(slot, Bits.HERE)) {
            cancel(OpSlots.userData(slot));
        }
    }

    private void cancel(long target) {
        long sqe = cancelCount == 0 ? sqe() : 0;
        if (sqe != 0) {
            Sqes.cancel(sqe, target, cancelled);
            return;
        }
        if (cancelCount == cancels.length) {
            cancels = Arrays.copyOf(cancels, 2 * cancelCount);
        }
        cancels[cancelCount++] = target;
    }

    /** Cancels all in flight on a descriptor by one entry; false when that is not possible. */
    boolean cancelAll(Fd fd) {
        boolean allWithKernel = fd.inFlight() > 1 && cancelCount == 0;
        for (Slot slot = fd.first(); slot != null; slot = Fd.after(slot)) {
            allWithKernel &= !Bits.has(slot, Bits.HERE | Bits.IN_POOL);
        }
        long sqe = allWithKernel ? sqe() : 0;
        if (sqe == 0) {
            return false;
        }
        for (Slot slot = fd.first(); slot != null; slot = Fd.after(slot)) {
            Bits.set(slot, Bits.ASKED_TO_CANCEL);
        }
        Sqes.cancelFd(sqe, fd.number(), cancelled);
        return true;
    }

    /** Brings what waits into the submission queue, as far as there is room. */
    void flush(boolean buffers, boolean messageBuffers) {
        while (cancelCount > 0) {
            long sqe = sqe();
            if (sqe == 0) {
                break;
            }
            Sqes.cancel(sqe, cancels[--cancelCount], cancelled);
        }
        flush(unsent, Bits.UNSENT);
        feed(starved, buffers);
        feed(starvedOfMessages, messageBuffers);
    }

    private void feed(SlotQueue waiting, boolean buffers) {
        if (!waiting.isEmpty() && (buffers || anyCancelled(waiting))) {
            flush(waiting, Bits.STARVED);
        }
    }

    private static boolean anyCancelled(SlotQueue waiting) {
        for (Slot slot = waiting.first(); slot != null; slot = slot.next) {
            if (Bits.has(slot, Bits.ASKED_TO_CANCEL)) {
                return true;
            }
        }
        return false;
    }

    private void flush(SlotQueue queue, int mark) {
        for (int n = queue.size(); n > 0; n--) {
            Slot slot = queue.remove();
            Bits.clear(slot, mark);
            if (Bits.has(slot, Bits.ASKED_TO_CANCEL)) {
                endChain(slot);
            } else if (!encode(slot)) {
                Bits.set(slot, mark);
                queue.addFirst(slot);
                return;
            }
        }
    }

    /** A cancelled slot takes those linked to it along. */
    private void endChain(Slot first) {
        Slot rest = first.leads ? null : first.linked;
        finish(first, -ErrnoCode.ECANCELED);
        for (Slot slot = rest; slot != null; slot = slot.linked) {
            Bits.clear(slot, Bits.UNSENT);
            finish(slot, -ErrnoCode.ECANCELED);
        }
    }

    /** Encodes a slot with all that must follow it at once: its chain, or its time-out. */
    private boolean encode(Slot slot) {
        if (Bits.has(slot, Bits.BOUNDED)) {
            if (!hasRoom(2)) {
                return false;
            }
            encodeNext(slot, SqeLayout.IOSQE_IO_LINK);
            Sqes.linkTimeout(ring.nextSqe(), slot.timespec(), timedOut);
            return true;
        }
        if (slot.linked != null && !slot.leads) {
            return encodeChain(slot);
        }
        if (!hasRoom(1)) {
            return false;
        }
        registered.apply(encodeNext(slot, 0), slot);
        return true;
    }

    private boolean encodeChain(Slot head) {
        int entries = 0;
        for (Slot slot = head; slot != null; slot = slot.linked) {
            entries++;
        }
        if (!hasRoom(entries)) {
            return false;
        }
        for (Slot slot = head; slot != null; slot = slot.linked) {
            Bits.clear(slot, Bits.UNSENT);
            if (Bits.has(slot, Bits.ASKED_TO_CANCEL)) {
                endChain(slot);
                return true;
            }
            Slot next = slot.linked;
            boolean links = next != null && !Bits.has(next, Bits.ASKED_TO_CANCEL);
            encodeNext(slot, links ? SqeLayout.IOSQE_IO_LINK : 0);
        }
        return true;
    }

    private long encodeNext(Slot slot, int flags) {
        boolean byWorker = slot.byWorker || Bits.has(slot, Bits.WITH_KERNEL_WORKER);
        int all = flags | (byWorker ? SqeLayout.IOSQE_ASYNC : 0);
        long sqe = ring.nextSqe();
        Sqes.slot(sqe, slot, ioprio(slot.op()), all);
        if (slot.state() == Slot.State.QUEUED) {
            slot.move(Slot.State.QUEUED, Slot.State.IN_FLIGHT);
        }
        return sqe;
    }

    private int ioprio(Op op) {
        return isMultishot(op) ? op.ioprio() : 0;
    }

    /** True for a receive or an accept that gives many results. */
    boolean isMultishot(Op op) {
        return switch (op) {
            case RECV -> multishotReceive;
            case ACCEPT -> multishotAccept;
            case RECVMSG -> true; // one by one its results have another form: the pool's business
            default -> false;
        };
    }

    /** From now on receives, or accepts, are submitted one by one. */
    void oneByOne(Op op) {
        if (op == Op.RECV) {
            multishotReceive = false;
        } else {
            multishotAccept = false;
        }
    }

    /** Whether so many entries are free, after letting the kernel consume the queue if needed. */
    private boolean hasRoom(int entries) {
        if (ring.room() < entries) {
            ring.submit();
        }
        return ring.room() >= entries;
    }

    /** A free entry, after letting the kernel consume the queue where that is needed, or 0. */
    long sqe() {
        return hasRoom(1) ? ring.nextSqe() : 0;
    }

    /** Ends a slot here, without the kernel: delivered with the next completions. */
    void finish(Slot slot, int result) {
        if (slot.state() == Slot.State.QUEUED) {
            slot.move(Slot.State.QUEUED, Slot.State.IN_FLIGHT);
        }
        slot.result = result;
        finished.add(slot);
    }

    /** Slots that have ended here. */
    SlotQueue finished() {
        return finished;
    }

    /** True when the kernel had no room for everything: sleeping now could be for ever. */
    boolean hasUnsent() {
        return !unsent.isEmpty() || cancelCount > 0;
    }

    void checkEmpty() {
        Invariant.check(
                unsent.isEmpty()
                        && starved.isEmpty()
                        && starvedOfMessages.isEmpty()
                        && finished.isEmpty(),
                "an engine is closed at zero in flight");
    }
}
