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
import dev.chime.reactor.engine.ReceiveMemory;
import dev.chime.reactor.engine.SlabPool;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.engine.SlotQueue;
import dev.chime.reactor.engine.WorkerCounts;
import dev.chime.reactor.engine.pool.PoolEngine;
import dev.chime.reactor.jfr.Flight;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.CqeLayout;
import dev.chime.reactor.libc.ErrnoCode;
import dev.chime.reactor.libc.Libc;
import dev.chime.reactor.libc.Memory;
import dev.chime.reactor.libc.OpenHowLayout;
import dev.chime.reactor.libc.RegisterOp;
import dev.chime.reactor.libc.TimespecLayout;
import dev.chime.reactor.uring.Ring;
import dev.chime.reactor.uring.RingException;
import dev.chime.reactor.uring.RingOptions;
import dev.chime.reactor.uring.RingResources;
import java.util.BitSet;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

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
    private static final long WAKE = 1L << 56;
    private static final long CANCELLED = 2L << 56;
    private static final long POOL_READY = 3L << 56;
    private static final long TIMED_OUT = 4L << 56;

    /** Results of a system call that a signal interrupted, which user space never sees. */
    private static final int ERESTARTSYS = 512;

    private static final int ERESTART_LAST = 516;

    private static final int RECEIVE_BUFFERS = 64;
    private static final int RECEIVE_BUFFER_BYTES = 64 << 10;
    private static final int MESSAGE_BUFFERS = 128;

    private final Libc libc;
    private final OpSlots slots;
    private final SlabPool memory;
    private final CompletionSink sink;
    private final EngineOptions options;
    private final Ring ring;
    private final Wakeup wakeup;
    private final ProvidedBuffers buffers;
    private @Nullable ProvidedBuffers messageBuffers;
    private final Set<Op> onRing;
    private final Registered registered;
    private final Submissions submissions;
    private long provenOps;
    private @Nullable PoolEngine pool;
    private boolean poolWatched;
    private boolean wakeupArmed;
    private boolean overflowing;
    private long overflows;
    private long demotions;

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
        registered = new Registered(ring, memory);
        submissions = new Submissions(ring, registered, CANCELLED, TIMED_OUT);
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
                    ProvidedBuffers.register(
                            ring,
                            memory,
                            ProvidedBuffers.STREAMS,
                            RECEIVE_BUFFERS,
                            RECEIVE_BUFFER_BYTES);
            try {
                Wakeup wakeup = Wakeup.open(ring, libc, WAKE);
                return new UringEngine(
                        libc, slots, memory, sink, options, ring, wakeup, buffers, onRing);
            } catch (EngineRefused e) {
                buffers.close();
                throw e;
            }
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
            Memory.putInt(pair, Math.max(32, 4 * cpus));
            Memory.putInt(pair + 4, 64);
            ring.register(RegisterOp.REGISTER_IOWQ_MAX_WORKERS, pair, 2);
            libc.munmap(pair, 8);
        }
    }

    @Override
    public void submit(Slot slot) {
        if (!onRing.contains(slot.op()) || (slot.op() == Op.RECVMSG && !hasMessageBuffers())) {
            Bits.set(slot, Bits.IN_POOL);
            pool().submit(slot);
        } else if (slot.linked == null || slot.leads) {
            submissions.send(slot);
        } else {
            submissions.sendChain(slot);
        }
    }

    /** Registers the buffers for messages with the first receive: most loops need none. */
    private boolean hasMessageBuffers() {
        if (messageBuffers == null) {
            try {
                messageBuffers =
                        ProvidedBuffers.register(
                                ring,
                                memory,
                                ProvidedBuffers.MESSAGES,
                                MESSAGE_BUFFERS,
                                ReceiveMemory.MESSAGE_ROOM);
            } catch (RingException e) {
                Log.LOG.info("datagrams are received by the pool: {}", e.getMessage());
                onRing.remove(Op.RECVMSG);
                return false;
            }
        }
        return true;
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
                Bits.has(slot, Bits.UNSENT)
                        && !Bits.has(slot, Bits.BOUNDED | Bits.ASKED_TO_CANCEL)
                        && slot.op().linkable()
                        && slot.op().cancelable()
                        && slot.linked == null
                        && proven(slot.op())
                        && onRing.contains(Op.LINK_TIMEOUT)
                        && options.sqEntries() > 1;
        if (possible) {
            Bits.set(slot, Bits.BOUNDED);
            Memory.putLong(slot.timespec() + TimespecLayout.TV_SEC, nanos / 1_000_000_000L);
            Memory.putLong(slot.timespec() + TimespecLayout.TV_NSEC, nanos % 1_000_000_000L);
        }
        return possible;
    }

    @Override
    public void cancel(Slot slot) {
        if (Bits.has(slot, Bits.IN_POOL)) {
            pool().cancel(slot);
            return;
        }
        submissions.cancel(slot);
    }

    @Override
    public void cancelAll(Fd fd) {
        if (!submissions.cancelAll(fd)) {
            Engine.super.cancelAll(fd);
        }
    }

    @Override
    public void closing(Fd fd) {
        registered.forget(fd);
    }

    @Override
    public void enter(long timeoutNanos) {
        prepare();
        PoolEngine embedded = pool;
        boolean sleep =
                timeoutNanos > 0
                        && !hasUnsent()
                        && submissions.finished().isEmpty()
                        && ring.peekCqe() == 0;
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

    private void overflowChanged() {
        overflowing = !overflowing;
        if (overflowing) {
            overflows++;
            Flight.overflowed(ring.cqEntries(), overflows);
        }
    }

    private static void check(int result) {
        if (!Ring.isPassing(result)) {
            throw new IllegalStateException("io_uring_enter failed with errno " + -result);
        }
    }

    /** True when the kernel refused to take everything: sleeping now could be for ever. */
    private boolean hasUnsent() {
        return submissions.hasUnsent()
                || (!wakeupArmed && wakeup.needsArming())
                || (pool != null && !poolWatched);
    }

    /** Everything that waited for a place or a buffer goes out first, in order. */
    private void prepare() {
        buffers.publish();
        ProvidedBuffers forMessages = messageBuffers;
        if (forMessages != null) {
            forMessages.publish();
        }
        submissions.flush(
                buffers.hasAvailable(), forMessages != null && forMessages.hasAvailable());
        if (!wakeupArmed && wakeup.needsArming()) {
            long sqe = submissions.sqe();
            if (sqe != 0) {
                wakeup.arm(sqe);
                wakeupArmed = true;
            }
        }
        if (pool != null && !poolWatched) {
            long sqe = submissions.sqe();
            if (sqe != 0) {
                Sqes.poll(sqe, pool.pollFd(), Const.EPOLLIN, POOL_READY);
                poolWatched = true;
            }
        }
    }

    @Override
    public int drain(int budget) {
        int delivered = 0;
        SlotQueue finished = submissions.finished();
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
        // Here and not in enter, where it would keep the compiler from inlining the system call.
        if (overflowing != ring.isOverflowing()) {
            overflowChanged();
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
                return received(slot, buffers, result, flags, more);
            }
            case RECVMSG -> {
                ProvidedBuffers from =
                        Invariant.present(messageBuffers, "the ring receives into its buffers");
                return received(slot, from, result, flags, more);
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
        } else if (Bits.has(slot, Bits.REGISTERED) && Registered.mayBeToBlame(slot, result)) {
            Bits.clear(slot, Bits.REGISTERED);
            Bits.set(slot, Bits.UNREGISTERED);
            return armAgain(slot);
        } else if (opensTooEarly(slot, result)) {
            Bits.set(slot, Bits.WITH_KERNEL_WORKER);
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
                && (slot.op() == Op.OPENAT || slot.op() == Op.OPENAT2)
                && (openFlags(slot) & Const.O_NONBLOCK) == 0
                && !Bits.has(slot, Bits.WITH_KERNEL_WORKER);
    }

    private static long openFlags(Slot slot) {
        boolean how = slot.op() == Op.OPENAT2;
        return how ? Memory.getLong(slot.offset + OpenHowLayout.FLAGS) : slot.flags;
    }

    /** The result of an operation that somebody, or its linked time-out, may have ended early. */
    private static int early(Slot slot, int result) {
        boolean asked = Bits.has(slot, Bits.ASKED_TO_CANCEL);
        boolean bounded = Bits.has(slot, Bits.BOUNDED);
        if ((asked || bounded) && (isInterrupted(result) || result == -ErrnoCode.ECANCELED)) {
            return asked ? -ErrnoCode.ECANCELED : -ErrnoCode.ETIMEDOUT;
        }
        return result;
    }

    /** A kernel worker is cancelled by a signal: what it was doing may report just that. */
    private static boolean isInterrupted(int result) {
        return result == -ErrnoCode.EINTR || (-result >= ERESTARTSYS && -result <= ERESTART_LAST);
    }

    private int received(Slot slot, ProvidedBuffers from, int result, int flags, boolean more) {
        slot.chunk = null;
        if ((flags & CqeLayout.F_BUFFER) != 0) {
            from.received(slot, result, flags);
        }
        if (slot.op() == Op.RECVMSG) {
            if (mayBeUnsupported(slot, result)) {
                tryOnPool(slot);
                return 0;
            }
        } else if (result == -ErrnoCode.EINVAL
                && submissions.isMultishot(Op.RECV)
                && !proven(Op.RECV)) {
            Log.LOG.info("this kernel has no multishot receive: receiving one by one");
            submissions.oneByOne(Op.RECV);
            return armAgain(slot);
        }
        if (result == -ErrnoCode.ENOBUFS) {
            submissions.starve(slot);
            return 0;
        }
        return multishotResult(slot, result, more, result > 0);
    }

    private int accepted(Slot slot, int result, boolean more) {
        if (result == -ErrnoCode.EINVAL
                && submissions.isMultishot(Op.ACCEPT)
                && !proven(Op.ACCEPT)) {
            Log.LOG.info("this kernel has no multishot accept: accepting one by one");
            submissions.oneByOne(Op.ACCEPT);
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
            Bits.set(slot, Bits.ENDED_BY_KERNEL);
            sink.deliver(slot, result, true);
            Bits.clear(slot, Bits.ENDED_BY_KERNEL);
            armAgain(slot);
        } else {
            sink.deliver(slot, result, goesOn);
        }
        return 1;
    }

    private int armAgain(Slot slot) {
        if (Bits.has(slot, Bits.ASKED_TO_CANCEL)) {
            submissions.finish(slot, -ErrnoCode.ECANCELED);
        } else {
            submissions.send(slot);
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
                && !Bits.has(slot, Bits.TRIED_ON_POOL);
    }

    private void tryOnPool(Slot slot) {
        Bits.set(slot, Bits.IN_POOL | Bits.TRIED_ON_POOL);
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
        if (Bits.has(slot, Bits.TRIED_ON_POOL) && result >= 0 && onRing.remove(slot.op())) {
            Log.LOG.info("{} does not work on this kernel's ring: it goes to the pool", slot.op());
            demotions++;
            Flight.demoted(slot.op().name());
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
    public long demotions() {
        return demotions;
    }

    @Override
    public long overflows() {
        return overflows;
    }

    @Override
    public String place(Slot slot) {
        PoolEngine embedded = pool;
        if (Bits.has(slot, Bits.IN_POOL) && embedded != null) {
            return embedded.place(slot);
        }
        if (Bits.has(slot, Bits.STARVED)) {
            return "parked, waits for a buffer";
        }
        return Bits.has(slot, Bits.UNSENT) ? "parked, waits for the next enter" : "ring";
    }

    @Override
    public int lentChunks() {
        return buffers.lent() + (messageBuffers == null ? 0 : messageBuffers.lent());
    }

    @Override
    public WorkerCounts workerCounts() {
        return pool == null ? WorkerCounts.unused(options.workers()) : pool.workerCounts();
    }

    @Override
    public void close() {
        submissions.checkEmpty();
        if (pool != null) {
            pool.close();
        }
        buffers.close();
        if (messageBuffers != null) {
            messageBuffers.close();
        }
        registered.close();
        ring.close();
        wakeup.close();
    }
}
