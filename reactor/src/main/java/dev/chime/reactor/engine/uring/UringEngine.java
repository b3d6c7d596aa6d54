package dev.chime.reactor.engine.uring;

import dev.chime.reactor.engine.Capabilities;
import dev.chime.reactor.engine.CompletionSink;
import dev.chime.reactor.engine.Engine;
import dev.chime.reactor.engine.EngineOptions;
import dev.chime.reactor.engine.EngineRefused;
import dev.chime.reactor.engine.Fd;
import dev.chime.reactor.engine.Invariant;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.OpSlots;
import dev.chime.reactor.engine.SlabPool;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.engine.SlotQueue;
import dev.chime.reactor.engine.pool.PoolEngine;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.CqeLayout;
import dev.chime.reactor.libc.ErrnoCode;
import dev.chime.reactor.libc.Libc;
import dev.chime.reactor.libc.Memory;
import dev.chime.reactor.libc.RegisterOp;
import dev.chime.reactor.libc.SqeLayout;
import dev.chime.reactor.libc.TimespecLayout;
import dev.chime.reactor.uring.Ring;
import dev.chime.reactor.uring.RingException;
import dev.chime.reactor.uring.RingOptions;
import dev.chime.reactor.uring.RingResources;
import java.util.BitSet;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The engine on io_uring: one enter per turn submits everything and waits.
 *
 * <p>Submitted slots wait, in order, for the next enter, which encodes them; those that the
 * submission queue has no place for wait on. A multishot operation that the kernel ends (a full
 * completion queue, no buffers) is armed again here, so that its owner sees results until the true
 * end. An operation without an opcode on this kernel goes to the embedded pool engine, whose epoll
 * descriptor this ring polls.
 */
public final class UringEngine implements Engine {
    private static final Logger LOG = LoggerFactory.getLogger(UringEngine.class);

    private static final long WAKE = 1L << 56;
    private static final long CANCELLED = 2L << 56;
    private static final long POOL_READY = 3L << 56;
    private static final long TIMED_OUT = 4L << 56;

    /** Bits of {@link Slot#engineBits}. */
    private static final int ASKED_TO_CANCEL = 1;

    private static final int UNSENT = 2;
    private static final int STARVED = 4;
    private static final int IN_POOL = 8;
    private static final int ENDED_BY_KERNEL = 16;
    private static final int TRIED_ON_POOL = 32;
    private static final int WITH_KERNEL_WORKER = 64;
    private static final int BOUNDED = 128;

    /** Results of a system call that a signal interrupted, which user space never sees. */
    private static final int ERESTARTSYS = 512;

    private static final int ERESTART_LAST = 516;

    private static final int RECEIVE_BUFFERS = 64;
    private static final int RECEIVE_BUFFER_BYTES = 64 << 10;

    private final Libc libc;
    private final OpSlots slots;
    private final SlabPool memory;
    private final CompletionSink sink;
    private final EngineOptions options;
    private final Ring ring;
    private final Wakeup wakeup;
    private final ProvidedBuffers buffers;
    private final Set<Op> onRing;
    private final SlotQueue unsent = new SlotQueue();
    private final SlotQueue starved = new SlotQueue();
    private final SlotQueue finished = new SlotQueue();
    private long[] parkedCancels = new long[16];
    private int parkedCancelCount;
    private long provenOps;
    private boolean multishotReceive = true;
    private boolean multishotAccept = true;
    private @Nullable PoolEngine pool;
    private boolean poolWatched;
    private boolean wakeupArmed;

    private UringEngine(
            Libc libc,
            OpSlots slots,
            SlabPool memory,
            CompletionSink sink,
            EngineOptions options,
            Ring ring,
            Wakeup wakeup,
            ProvidedBuffers buffers,
            Set<Op> onRing) {
        this.libc = libc;
        this.slots = slots;
        this.memory = memory;
        this.sink = sink;
        this.options = options;
        this.ring = ring;
        this.wakeup = wakeup;
        this.buffers = buffers;
        this.onRing = onRing;
    }

    /**
     * Opens a ring on the calling thread, which becomes its only issuer, and tries it.
     *
     * @throws EngineRefused when there is no io_uring here, or not enough of it
     */
    public static UringEngine open(
            Libc libc, OpSlots slots, SlabPool memory, CompletionSink sink, EngineOptions options)
            throws EngineRefused {
        Ring ring;
        try {
            ring = Ring.open(RingOptions.loop(options.sqEntries(), options.cqEntries()));
        } catch (RingException e) {
            throw new EngineRefused(e.call(), e.errno());
        }
        try {
            BitSet opcodes = new RingResources(ring).opcodes();
            if (options.restricted()) {
                Confinement.apply(ring, opcodes);
            }
            ring.enable();
            UringProbe.roundTrip(ring);
            Set<Op> onRing = UringProbe.operations(opcodes);
            onRing.removeAll(options.deniedOps());
            limitWorkers(ring, libc);
            ProvidedBuffers buffers =
                    ProvidedBuffers.register(ring, memory, RECEIVE_BUFFERS, RECEIVE_BUFFER_BYTES);
            Wakeup wakeup = Wakeup.open(ring, libc, WAKE);
            return new UringEngine(
                    libc, slots, memory, sink, options, ring, wakeup, buffers, onRing);
        } catch (EngineRefused e) {
            ring.close();
            throw e;
        } catch (RingException e) {
            ring.close();
            throw new EngineRefused(e.call(), e.errno());
        }
    }

    /** Bounds the kernel's worker threads: unbounded, a burst of slow opens starts thousands. */
    private static void limitWorkers(Ring ring, Libc libc) {
        long pair = libc.mmap(8);
        if (pair >= 0) {
            int cpus = Runtime.getRuntime().availableProcessors();
            Memory.putInt(pair, Math.max(8, 4 * cpus));
            Memory.putInt(pair + 4, 64);
            ring.register(RegisterOp.REGISTER_IOWQ_MAX_WORKERS, pair, 2);
            libc.munmap(pair, 8);
        }
    }

    @Override
    public void submit(Slot slot) {
        if (!onRing.contains(slot.op())) {
            slot.engineBits |= IN_POOL;
            pool().submit(slot);
        } else {
            for (Slot next = slot.leads ? null : slot.linked; next != null; next = next.linked) {
                next.engineBits |= UNSENT;
            }
            send(slot);
        }
    }

    @Override
    public boolean links(Slot head) {
        int entries = 0;
        for (Slot slot = head; slot != null; slot = slot.linked) {
            // An opcode that may yet turn out not to work must be able to move to the pool alone.
            if (!onRing.contains(slot.op()) || !slot.op().linkable() || !proven(slot.op())) {
                return false;
            }
            entries++;
        }
        return entries <= options.sqEntries();
    }

    @Override
    public boolean deadline(Slot slot, long nanos) {
        boolean possible =
                (slot.engineBits & (UNSENT | BOUNDED | ASKED_TO_CANCEL)) == UNSENT
                        && slot.op().linkable()
                        && slot.op().cancelable()
                        && slot.linked == null
                        && proven(slot.op())
                        && onRing.contains(Op.LINK_TIMEOUT)
                        && options.sqEntries() > 1;
        if (possible) {
            slot.engineBits |= BOUNDED;
            Memory.putLong(slot.timespec() + TimespecLayout.TV_SEC, nanos / 1_000_000_000L);
            Memory.putLong(slot.timespec() + TimespecLayout.TV_NSEC, nanos % 1_000_000_000L);
        }
        return possible;
    }

    /** Queues a slot for the next enter; small, because everything that submits inlines it. */
    private void send(Slot slot) {
        slot.engineBits |= UNSENT;
        unsent.add(slot);
    }

    /** Encodes a slot with all that must follow it at once: its chain, or its time-out. */
    private boolean encode(Slot slot) {
        if ((slot.engineBits & BOUNDED) != 0) {
            if (!hasRoom(2)) {
                return false;
            }
            encodeNext(slot, SqeLayout.IOSQE_IO_LINK);
            Sqes.linkTimeout(ring.nextSqe(), slot.timespec(), TIMED_OUT);
            return true;
        }
        if (slot.linked != null && !slot.leads) {
            return encodeChain(slot);
        }
        return hasRoom(1) && encodeNext(slot, 0);
    }

    private boolean encodeChain(Slot head) {
        int entries = 0;
        for (Slot slot = head; slot != null; slot = slot.linked) {
            entries++;
        }
        if (!hasRoom(entries)) {
            return false;
        }
        boolean goesOn = true;
        for (Slot slot = head; slot != null; slot = slot.linked) {
            Slot next = slot.linked;
            slot.engineBits &= ~UNSENT;
            goesOn &= (slot.engineBits & ASKED_TO_CANCEL) == 0;
            boolean links = next != null && (next.engineBits & ASKED_TO_CANCEL) == 0;
            if (goesOn) {
                encodeNext(slot, links ? SqeLayout.IOSQE_IO_LINK : 0);
            } else {
                finish(slot, -ErrnoCode.ECANCELED);
            }
        }
        return true;
    }

    private boolean encodeNext(Slot slot, int flags) {
        boolean byWorker = (slot.engineBits & WITH_KERNEL_WORKER) != 0;
        int all = flags | (byWorker ? SqeLayout.IOSQE_ASYNC : 0);
        Sqes.slot(ring.nextSqe(), slot, ioprio(slot.op()), all);
        if (slot.state() == Slot.State.QUEUED) {
            slot.move(Slot.State.QUEUED, Slot.State.IN_FLIGHT);
        }
        return true;
    }

    private int ioprio(Op op) {
        return switch (op) {
            case RECV -> multishotReceive ? op.ioprio() : 0;
            case ACCEPT -> multishotAccept ? op.ioprio() : 0;
            default -> 0;
        };
    }

    /** Whether so many entries are free, after letting the kernel consume the queue if needed. */
    private boolean hasRoom(int entries) {
        if (ring.room() < entries) {
            ring.submit();
        }
        return ring.room() >= entries;
    }

    /** A free entry, after letting the kernel consume the queue where that is needed, or 0. */
    private long sqe() {
        long sqe = ring.nextSqe();
        if (sqe == 0) {
            ring.submit();
            sqe = ring.nextSqe();
        }
        return sqe;
    }

    @Override
    public void cancel(Slot slot) {
        if ((slot.engineBits & IN_POOL) != 0) {
            pool().cancel(slot);
            return;
        }
        if ((slot.engineBits & ASKED_TO_CANCEL) != 0) {
            return;
        }
        slot.engineBits |= ASKED_TO_CANCEL;
        if ((slot.engineBits & (UNSENT | STARVED | ENDED_BY_KERNEL)) != 0) {
            return; // not with the kernel: completed when its list is next looked at
        }
        cancel(OpSlots.userData(slot));
    }

    private void cancel(long target) {
        long sqe = parkedCancelCount == 0 ? sqe() : 0;
        if (sqe != 0) {
            Sqes.cancel(sqe, target, CANCELLED);
            return;
        }
        if (parkedCancelCount == parkedCancels.length) {
            parkedCancels = java.util.Arrays.copyOf(parkedCancels, 2 * parkedCancelCount);
        }
        parkedCancels[parkedCancelCount++] = target;
    }

    @Override
    public void cancelAll(Fd fd) {
        // By descriptor in one entry when all are with the kernel; unsent ones need their own mark.
        boolean allWithKernel = fd.inFlight() > 1 && parkedCancelCount == 0;
        for (Slot slot = fd.first(); slot != null; slot = Fd.after(slot)) {
            allWithKernel &=
                    (slot.engineBits & (UNSENT | STARVED | ENDED_BY_KERNEL | IN_POOL)) == 0;
        }
        long sqe = allWithKernel ? sqe() : 0;
        if (sqe == 0) {
            Engine.super.cancelAll(fd);
            return;
        }
        for (Slot slot = fd.first(); slot != null; slot = Fd.after(slot)) {
            slot.engineBits |= ASKED_TO_CANCEL;
        }
        Sqes.cancelFd(sqe, fd.number(), CANCELLED);
    }

    @Override
    public void enter(long timeoutNanos) {
        prepare();
        PoolEngine embedded = pool;
        boolean sleep =
                timeoutNanos > 0 && !hasUnsent() && finished.isEmpty() && ring.peekCqe() == 0;
        if (embedded != null) {
            embedded.enter(0);
            sleep &= !embedded.hasCompletions();
        }
        if (sleep) {
            check(ring.submitAndWait(timeoutNanos == FOREVER ? -1 : timeoutNanos));
        } else if (ring.pending() > 0 || ring.kernelWantsEnter()) {
            check(ring.submitAndPeek());
        }
    }

    private static void check(int result) {
        if (!Ring.isPassing(result)) {
            throw new IllegalStateException("io_uring_enter failed with errno " + -result);
        }
    }

    /** True when the kernel refused to take everything: sleeping now could be for ever. */
    private boolean hasUnsent() {
        return !unsent.isEmpty()
                || parkedCancelCount > 0
                || (!wakeupArmed && wakeup.needsArming())
                || (pool != null && !poolWatched);
    }

    /** Everything that waited for a place or a buffer goes out first, in order. */
    private void prepare() {
        buffers.publish();
        while (parkedCancelCount > 0) {
            long sqe = sqe();
            if (sqe == 0) {
                break;
            }
            Sqes.cancel(sqe, parkedCancels[--parkedCancelCount], CANCELLED);
        }
        resubmit(unsent, UNSENT);
        if (buffers.hasAvailable() || (!starved.isEmpty() && anyCancelled())) {
            resubmit(starved, STARVED);
        }
        if (!wakeupArmed && wakeup.needsArming()) {
            long sqe = sqe();
            if (sqe != 0) {
                wakeup.arm(sqe);
                wakeupArmed = true;
            }
        }
        if (pool != null && !poolWatched) {
            long sqe = sqe();
            if (sqe != 0) {
                Sqes.poll(sqe, pool.pollFd(), Const.EPOLLIN, POOL_READY);
                poolWatched = true;
            }
        }
    }

    private boolean anyCancelled() {
        for (Slot slot = starved.first(); slot != null; slot = slot.next) {
            if ((slot.engineBits & ASKED_TO_CANCEL) != 0) {
                return true;
            }
        }
        return false;
    }

    private void resubmit(SlotQueue queue, int mark) {
        for (int n = queue.size(); n > 0; n--) {
            Slot slot = queue.remove();
            slot.engineBits &= ~mark;
            if ((slot.engineBits & ASKED_TO_CANCEL) != 0) {
                cancelled(slot);
            } else if (!encode(slot)) {
                slot.engineBits |= mark;
                queue.addFirst(slot);
                return;
            }
        }
    }

    /** A cancelled slot takes those linked to it along. */
    private void cancelled(Slot first) {
        Slot rest = first.leads ? null : first.linked;
        finish(first, -ErrnoCode.ECANCELED);
        for (Slot slot = rest; slot != null; slot = slot.linked) {
            slot.engineBits &= ~UNSENT;
            finish(slot, -ErrnoCode.ECANCELED);
        }
    }

    private void finish(Slot slot, int result) {
        if (slot.state() == Slot.State.QUEUED) {
            slot.move(Slot.State.QUEUED, Slot.State.IN_FLIGHT);
        }
        slot.result = result;
        finished.add(slot);
    }

    @Override
    public int drain(int budget) {
        int delivered = 0;
        while (delivered < budget && !finished.isEmpty()) {
            Slot slot = finished.remove();
            sink.deliver(slot, slot.result, false);
            delivered++;
        }
        while (delivered < budget) {
            long cqe = ring.peekCqe();
            if (cqe == 0) {
                break;
            }
            long userData = Memory.getLong(cqe + CqeLayout.USER_DATA);
            int result = Memory.getInt(cqe + CqeLayout.RES);
            int flags = Memory.getInt(cqe + CqeLayout.FLAGS);
            // The place goes back before the callback runs: one that throws repeats nothing.
            ring.seen();
            delivered += dispatch(userData, result, flags);
        }
        if (pool != null) {
            delivered += pool.drain(Math.max(1, budget - delivered));
        }
        return delivered;
    }

    private int dispatch(long userData, int result, int flags) {
        switch (OpSlots.tag(userData)) {
            case OpSlots.TAG -> {
                return completed(slots.find(userData), result, flags);
            }
            case (int) (WAKE >>> 56) -> wakeupArmed = false;
            case (int) (CANCELLED >>> 56), (int) (TIMED_OUT >>> 56) -> {} // see the operation
            case (int) (POOL_READY >>> 56) -> poolWatched = false;
            default ->
                    throw new AssertionError(
                            "completion with unknown user_data 0x" + Long.toHexString(userData));
        }
        return 0;
    }

    private int completed(Slot slot, int result, int flags) {
        boolean more = (flags & CqeLayout.F_MORE) != 0;
        switch (slot.op()) {
            case RECV -> {
                return received(slot, result, flags, more);
            }
            case ACCEPT -> {
                return accepted(slot, result, more);
            }
            default -> {}
        }
        if (result >= 0) {
            provenOps |= 1L << slot.op().opcode();
        } else if (mayBeUnsupported(slot, result)) {
            tryOnPool(slot);
            return 0;
        } else if (opensTooEarly(slot, result)) {
            slot.engineBits |= WITH_KERNEL_WORKER;
            return armAgain(slot);
        } else {
            result = early(slot, result);
        }
        sink.deliver(slot, result, false);
        return 1;
    }

    /**
     * The ring first opens as if O_NONBLOCK were set, so a FIFO that nobody reads is ENXIO where
     * open(2) waits for a reader. A kernel worker opens as open(2) does.
     */
    private static boolean opensTooEarly(Slot slot, int result) {
        return result == -ErrnoCode.ENXIO
                && slot.op() == Op.OPENAT
                && (slot.flags & Const.O_NONBLOCK) == 0
                && (slot.engineBits & WITH_KERNEL_WORKER) == 0;
    }

    /** The result of an operation that somebody, or its linked time-out, may have ended early. */
    private static int early(Slot slot, int result) {
        boolean asked = (slot.engineBits & ASKED_TO_CANCEL) != 0;
        boolean bounded = (slot.engineBits & BOUNDED) != 0;
        if ((asked || bounded) && (isInterrupted(result) || result == -ErrnoCode.ECANCELED)) {
            return asked ? -ErrnoCode.ECANCELED : -ErrnoCode.ETIMEDOUT;
        }
        return result;
    }

    /** A kernel worker is cancelled by a signal: what it was doing may report just that. */
    private static boolean isInterrupted(int result) {
        return result == -ErrnoCode.EINTR || (-result >= ERESTARTSYS && -result <= ERESTART_LAST);
    }

    private int received(Slot slot, int result, int flags, boolean more) {
        slot.chunk = null;
        if ((flags & CqeLayout.F_BUFFER) != 0) {
            buffers.received(slot, result, flags);
        }
        if (result == -ErrnoCode.EINVAL && multishotReceive && !proven(Op.RECV)) {
            LOG.info("this kernel has no multishot receive: receiving one by one");
            multishotReceive = false;
            return armAgain(slot);
        }
        if (result == -ErrnoCode.ENOBUFS) {
            slot.engineBits |= STARVED;
            starved.add(slot);
            return 0;
        }
        return multishotResult(slot, result, more, result > 0);
    }

    private int accepted(Slot slot, int result, boolean more) {
        if (result == -ErrnoCode.EINVAL && multishotAccept && !proven(Op.ACCEPT)) {
            LOG.info("this kernel has no multishot accept: accepting one by one");
            multishotAccept = false;
            return armAgain(slot);
        }
        return multishotResult(slot, result, more, result >= 0);
    }

    /**
     * Delivers one result; when the kernel ended the series although it could go on, arms again.
     */
    private int multishotResult(Slot slot, int result, boolean more, boolean goesOn) {
        if (goesOn) {
            provenOps |= 1L << slot.op().opcode();
        }
        if (!more && goesOn) {
            slot.engineBits |= ENDED_BY_KERNEL;
            sink.deliver(slot, result, true);
            slot.engineBits &= ~ENDED_BY_KERNEL;
            armAgain(slot);
        } else {
            sink.deliver(slot, result, goesOn);
        }
        return 1;
    }

    private int armAgain(Slot slot) {
        if ((slot.engineBits & ASKED_TO_CANCEL) != 0) {
            finish(slot, -ErrnoCode.ECANCELED);
        } else {
            send(slot);
        }
        return 0;
    }

    private boolean proven(Op op) {
        return (provenOps & 1L << op.opcode()) != 0;
    }

    /** The opcode probe does not tell about flags: an op may answer so on its first use. */
    private boolean mayBeUnsupported(Slot slot, int result) {
        return (result == -ErrnoCode.EINVAL || result == -ErrnoCode.EOPNOTSUPP)
                && !proven(slot.op())
                && (slot.engineBits & TRIED_ON_POOL) == 0;
    }

    private void tryOnPool(Slot slot) {
        slot.engineBits |= IN_POOL | TRIED_ON_POOL;
        pool().submit(slot);
    }

    private PoolEngine pool() {
        PoolEngine embedded = pool;
        if (embedded == null) {
            embedded = PoolEngine.embedded(libc, slots, memory, this::fromPool, options);
            pool = embedded;
        }
        return embedded;
    }

    private void fromPool(Slot slot, int result, boolean more) {
        if ((slot.engineBits & TRIED_ON_POOL) != 0 && result >= 0 && onRing.remove(slot.op())) {
            LOG.info("{} does not work on this kernel's ring: it goes to the pool", slot.op());
        }
        sink.deliver(slot, result, more);
    }

    @Override
    public void wakeup() {
        wakeup.wake();
    }

    @Override
    public Capabilities capabilities() {
        return new Capabilities("uring", EnumSet.copyOf(onRing), ring.dropped());
    }

    @Override
    public long enters() {
        return ring.enters();
    }

    @Override
    public int lentChunks() {
        return buffers.lent();
    }

    @Override
    public void close() {
        Invariant.check(
                unsent.isEmpty() && starved.isEmpty() && finished.isEmpty(),
                "an engine is closed at zero in flight");
        if (pool != null) {
            pool.close();
        }
        buffers.close();
        ring.close();
        wakeup.close();
    }
}
