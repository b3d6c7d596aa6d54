package dev.chime.reactor.uring;

import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.CqeLayout;
import dev.chime.reactor.libc.ErrnoCode;
import dev.chime.reactor.libc.GeteventsArgLayout;
import dev.chime.reactor.libc.Libc;
import dev.chime.reactor.libc.Memory;
import dev.chime.reactor.libc.RegisterOp;
import dev.chime.reactor.libc.RingParamsLayout;
import dev.chime.reactor.libc.RsrcUpdateLayout;
import dev.chime.reactor.libc.SqeLayout;
import dev.chime.reactor.libc.Sys;
import dev.chime.reactor.libc.TimespecLayout;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * An io_uring instance: a submission queue that we fill and the kernel empties, a completion queue
 * the other way round. What liburing is to C.
 *
 * <p>Heads and tails are monotonic 32-bit counters; a mask maps them to entries. We write the
 * submission tail and the completion head, the kernel the other two, each published with release
 * and read with acquire order.
 *
 * <p>A ring is for one thread at a time; one opened with {@link RingOptions#loop}, for the thread
 * that called {@link #enable}. Memory that entries name must stay allocated until they have
 * completed. Misuse that can be seen (a closed ring, a full queue, heap memory) throws {@link
 * IllegalStateException} or {@link IllegalArgumentException}. The package's page has an example.
 *
 * <p>Sources: io_uring(7), io_uring_setup(2), io_uring_enter(2), io_uring_register(2).
 */
public final class Ring implements AutoCloseable {
    private static final int PAGE = 4096;

    /** Offsets into the scratch page: arguments that the kernel copies during the call. */
    private static final int ARG = 0;

    private static final int TIMESPEC = 64;
    private static final int UPDATE = 128;

    private final Libc libc;
    private final int fd;
    private final int setupFlags;
    private final int features;
    private final List<String> dropped;
    private final long scratch;
    private final long rings;
    private final long ringsLength;
    private final long sqes;
    private final long sqesLength;
    private final SubmissionQueue submissions;
    private final CompletionQueue completions;
    private final long sqFlags;

    private final Sqe sqe = new Sqe();
    private final Cqe cqe = new Cqe();
    private int registeredFd;
    private int enterFlags;
    private @Nullable Thread registeredBy;
    private boolean closed;
    private long enters;

    private Ring(Libc libc, RingSetup setup, int fd, long scratch) throws RingException {
        this.libc = libc;
        this.fd = fd;
        this.scratch = scratch;
        setupFlags = setup.flags();
        dropped = setup.dropped();
        features = Memory.getInt(scratch + RingParamsLayout.FEATURES);
        int sqEntries = param(RingParamsLayout.SQ_ENTRIES);
        int cqEntries = param(RingParamsLayout.CQ_ENTRIES);
        int needed =
                RingParamsLayout.FEAT_SINGLE_MMAP
                        | RingParamsLayout.FEAT_NODROP
                        | RingParamsLayout.FEAT_EXT_ARG;
        if ((features & needed) != needed) {
            throw new RingException("io_uring features", ErrnoCode.ENOSYS);
        }
        long sqArray = Integer.toUnsignedLong(param(RingParamsLayout.SQ_OFF_ARRAY));
        ringsLength =
                Math.max(
                        sqArray + sqEntries * 4L,
                        Integer.toUnsignedLong(param(RingParamsLayout.CQ_OFF_CQES))
                                + (long) cqEntries * CqeLayout.SIZE);
        sqesLength = (long) sqEntries * SqeLayout.SIZE;
        rings = map(ringsLength, RingParamsLayout.OFF_SQ_RING);
        sqes = mapSqes();
        sqFlags = rings + param(RingParamsLayout.SQ_OFF_FLAGS);
        submissions =
                new SubmissionQueue(
                        rings + param(RingParamsLayout.SQ_OFF_HEAD),
                        rings + param(RingParamsLayout.SQ_OFF_TAIL),
                        sqes,
                        sqEntries);
        completions =
                new CompletionQueue(
                        rings + param(RingParamsLayout.CQ_OFF_HEAD),
                        rings + param(RingParamsLayout.CQ_OFF_TAIL),
                        rings + param(RingParamsLayout.CQ_OFF_CQES),
                        cqEntries);
        if ((setupFlags & RingParamsLayout.SETUP_NO_SQARRAY) == 0) {
            for (int i = 0; i < sqEntries; i++) {
                Memory.putInt(rings + sqArray + i * 4L, i);
            }
        }
        if ((features & RingParamsLayout.FEAT_NO_IOWAIT) != 0) {
            enterFlags = RingParamsLayout.ENTER_NO_IOWAIT;
        }
    }

    /**
     * Sets a ring up.
     *
     * @throws RingException with the errno: EPERM (seccomp or sysctl), ENOSYS, ENOMEM, EMFILE, or
     *     EINVAL for a flag that the kernel does not know
     */
    public static Ring open(RingOptions options) throws RingException {
        Libc libc = new Libc();
        long scratch = libc.mmap(PAGE);
        if (scratch < 0) {
            libc.close();
            throw new RingException("mmap", (int) -scratch);
        }
        RingSetup setup = new RingSetup(options);
        int fd = setup.call(libc, scratch);
        try {
            if (fd < 0) {
                throw new RingException("io_uring_setup", -fd);
            }
            return new Ring(libc, setup, fd, scratch);
        } catch (RingException e) {
            libc.munmap(scratch, PAGE);
            if (fd >= 0) {
                libc.close(fd);
            }
            libc.close();
            throw e;
        }
    }

    private int param(int offset) {
        return Memory.getInt(scratch + offset);
    }

    private long map(long length, long offset) throws RingException {
        long at = libc.mmap(length, Const.MAP_SHARED | Const.MAP_POPULATE, fd, offset);
        if (at < 0) {
            throw new RingException("mmap of the ring", (int) -at);
        }
        // A child of fork must not touch our heads and tails.
        libc.syscall(Sys.MADVISE, at, length, Const.MADV_DONTFORK);
        return at;
    }

    private long mapSqes() throws RingException {
        try {
            return map(sqesLength, RingParamsLayout.OFF_SQES);
        } catch (RingException e) {
            libc.munmap(rings, ringsLength);
            throw e;
        }
    }

    /** Enables a ring of {@link RingOptions#loop}; the calling thread becomes its only issuer. */
    public void enable() throws RingException {
        checkOpen();
        if ((setupFlags & RingParamsLayout.SETUP_R_DISABLED) != 0) {
            int result = register(RegisterOp.REGISTER_ENABLE_RINGS, 0, 0);
            if (result < 0) {
                throw new RingException("io_uring_register(ENABLE_RINGS)", -result);
            }
        }
        // Saves the descriptor look-up of each enter; 5.18.
        Memory.putLong(scratch + UPDATE, 0);
        Memory.putInt(scratch + UPDATE + RsrcUpdateLayout.OFFSET, -1);
        Memory.putLong(scratch + UPDATE + RsrcUpdateLayout.DATA, fd);
        if (register(RegisterOp.REGISTER_RING_FDS, scratch + UPDATE, 1) == 1) {
            registeredFd = Memory.getInt(scratch + UPDATE + RsrcUpdateLayout.OFFSET);
            registeredBy = Thread.currentThread();
        }
    }

    /**
     * Performs {@code io_uring_register(2)} on this ring: {@code >= 0} or a negative errno. The raw
     * form of what {@link RingResources} does.
     */
    public int register(int op, long argument, int count) {
        checkOpen();
        return (int) libc.syscall(Sys.IO_URING_REGISTER, fd, op, argument, count);
    }

    // ---- submitting

    /**
     * The next free entry, to be filled with a {@code prep} method. It becomes visible to the
     * kernel with the next submit.
     *
     * @throws IllegalStateException when the queue is full: {@link #submit} first
     */
    public Sqe sqe() {
        long address = nextSqe();
        if (address == 0) {
            throw new IllegalStateException(
                    "the submission queue is full ("
                            + submissions.entries()
                            + " entries): submit() first");
        }
        return sqe.at(address);
    }

    /** How many submission entries are free. */
    public int room() {
        checkOpen();
        return submissions.entries() - submissions.pending();
    }

    /**
     * The address of the next free submission entry, 64 bytes that the caller fills whole, or 0
     * when the queue is full: the raw form of {@link #sqe}.
     */
    public long nextSqe() {
        checkOpen();
        return submissions.next();
    }

    /** Entries that can be taken before a submit is needed. */
    public int sqSpaceLeft() {
        return room();
    }

    /** Entries filled and not yet consumed by the kernel. */
    public int pending() {
        checkOpen();
        return submissions.pending();
    }

    /**
     * Publishes all filled entries and lets the kernel consume them; reaps nothing. With SQPOLL no
     * system call is made while the kernel's thread spins: it takes the entries by itself, and the
     * result counts those that it has not taken yet.
     *
     * @return entries consumed, or a negative errno: see {@link #isPassing}; -EEXIST on another
     *     thread than the one that enabled a ring of one
     */
    public int submit() {
        int count = pending();
        if (isSqPoll()) {
            submissions.publish();
            return pollerSleeps() ? call(count, 0, 0, 0, 0) : count;
        }
        return call(count, 0, 0, 0, 0);
    }

    /**
     * With SQPOLL: waits until the kernel's thread has taken at least one entry of a full queue.
     */
    public void awaitSqSpace() {
        while (room() == 0) {
            int flags = isSqPoll() ? RingParamsLayout.ENTER_SQ_WAIT : 0;
            check(call(pending(), 0, flags, 0, 0));
        }
    }

    private boolean isSqPoll() {
        return (setupFlags & RingParamsLayout.SETUP_SQPOLL) != 0;
    }

    /** The kernel's thread says that it sleeps, and then looks at the tail once more. */
    private boolean pollerSleeps() {
        VarHandle.fullFence();
        return (Memory.getIntAcquire(sqFlags) & RingParamsLayout.SQ_NEED_WAKEUP) != 0;
    }

    /** As {@link #submit}, and runs deferred work: completions that are ready become visible. */
    public int submitAndPeek() {
        return call(pending(), 0, RingParamsLayout.ENTER_GETEVENTS, 0, 0);
    }

    /**
     * Publishes all filled entries and waits for one completion.
     *
     * @param timeoutNanos the longest wait; negative waits without end
     * @return as {@link #submit}, or -ETIME: a wait that ends without a completion is normal
     */
    public int submitAndWait(long timeoutNanos) {
        return await(pending(), 1, timeoutNanos);
    }

    /**
     * Publishes all filled entries and waits until {@code completions} are there, or the time has
     * passed.
     *
     * @param completions how many; a time-out that completes ends the wait earlier
     * @param timeoutNanos the longest wait; negative waits without end
     * @return as {@link #submitAndWait(long)}
     */
    public int submitAndWait(int completions, long timeoutNanos) {
        return await(pending(), completions, timeoutNanos);
    }

    private int await(int submit, int least, long timeoutNanos) {
        if (timeoutNanos < 0) {
            return call(submit, least, RingParamsLayout.ENTER_GETEVENTS, 0, 0);
        }
        Memory.putLong(scratch + TIMESPEC + TimespecLayout.TV_SEC, timeoutNanos / 1_000_000_000L);
        Memory.putLong(scratch + TIMESPEC + TimespecLayout.TV_NSEC, timeoutNanos % 1_000_000_000L);
        Memory.putLong(scratch + ARG + GeteventsArgLayout.SIGMASK, 0);
        Memory.putLong(scratch + ARG + GeteventsArgLayout.SIGMASK_SZ, 0);
        Memory.putLong(scratch + ARG + GeteventsArgLayout.TS, scratch + TIMESPEC);
        return call(
                submit,
                least,
                RingParamsLayout.ENTER_GETEVENTS | RingParamsLayout.ENTER_EXT_ARG,
                scratch + ARG,
                GeteventsArgLayout.SIZE);
    }

    private int call(int submit, int minComplete, int flags, long argument, long argumentSize) {
        checkOpen();
        submissions.publish();
        enters++;
        int target = fd;
        int bits = flags | enterFlags;
        if (registeredBy == Thread.currentThread()) {
            target = registeredFd;
            bits |= RingParamsLayout.ENTER_REGISTERED_RING;
        }
        if (isSqPoll() && pollerSleeps()) {
            bits |= RingParamsLayout.ENTER_SQ_WAKEUP;
        }
        return (int)
                libc.syscall(
                        Sys.IO_URING_ENTER,
                        target,
                        submit,
                        minComplete,
                        bits,
                        argument,
                        argumentSize);
    }

    /**
     * True for a result of a submit or wait after which the next one may do better: the kernel
     * ended it early (EINTR, ETIME) or is short of something (EBUSY: reap first; EAGAIN).
     */
    public static boolean isPassing(int result) {
        return switch (-result) {
            case ErrnoCode.EINTR, ErrnoCode.ETIME, ErrnoCode.EBUSY, ErrnoCode.EAGAIN -> true;
            default -> result >= 0;
        };
    }

    private static void check(int result) {
        if (!isPassing(result)) {
            throw new IllegalStateException(
                    "io_uring_enter failed with errno "
                            + -result
                            + switch (-result) {
                                case ErrnoCode.EEXIST ->
                                        " (EEXIST): this ring is for the thread that enabled it";
                                case ErrnoCode.EBADFD -> " (EBADFD): enable() the ring first";
                                default -> "";
                            });
        }
    }

    // ---- completions

    /** The oldest completion, or null when there is none; it stays until {@link #seen}. */
    public @Nullable Cqe peek() {
        long address = peekCqe();
        if (address == 0 && (kernelWantsEnter() || isIoPoll())) {
            check(call(0, 0, RingParamsLayout.ENTER_GETEVENTS, 0, 0));
            address = peekCqe();
        }
        return address == 0 ? null : cqe.at(address);
    }

    private boolean isIoPoll() {
        return (setupFlags & RingParamsLayout.SETUP_IOPOLL) != 0;
    }

    /** The oldest completion; waits for one. It stays until {@link #seen}. */
    public Cqe waitCqe() {
        Cqe found = peek();
        while (found == null) {
            check(await(0, 1, -1));
            found = peek();
        }
        return found;
    }

    /** The oldest completion; waits for one at most {@code timeout}, then null. */
    public @Nullable Cqe waitCqe(Duration timeout) {
        long start = System.nanoTime();
        long patience = TimeUnit.NANOSECONDS.convert(timeout);
        long left = patience;
        Cqe found = peek();
        while (found == null && left > 0) {
            check(await(0, 1, left));
            found = peek();
            left = patience - (System.nanoTime() - start);
        }
        return found;
    }

    /**
     * Hands out every completion that is there now, oldest first, each marked as seen behind it,
     * also when the consumer throws. The consumer may submit and wait, but not mark as seen.
     *
     * @return how many there were
     */
    public int forEachCqe(CqeConsumer consumer) {
        return forEachCqe(Integer.MAX_VALUE, consumer);
    }

    /** As {@link #forEachCqe(CqeConsumer)}, but at most {@code most} of them. */
    public int forEachCqe(int most, CqeConsumer consumer) {
        int ready = Math.min(most, cqReady());
        for (int i = 0; i < ready; i++) {
            try {
                consumer.accept(cqe.at(peekCqe()));
            } finally {
                seen();
            }
        }
        return ready;
    }

    /** Completions that are there. */
    public int cqReady() {
        checkOpen();
        return completions.ready();
    }

    /** The address of the oldest completion, 16 bytes, or 0: the raw form of {@link #peek}. */
    public long peekCqe() {
        checkOpen();
        return completions.peek();
    }

    /**
     * Gives the oldest completion's place back: copy it out before.
     *
     * @throws IllegalStateException when there is none
     */
    public void seen() {
        seen(1);
    }

    /** Gives the places of the {@code count} oldest completions back: the end of a batch. */
    public void seen(int count) {
        int ready = cqReady();
        if (count < 0 || count > ready) {
            throw new IllegalStateException(
                    "seen(" + count + "), but " + ready + " completions are there");
        }
        completions.seen(count);
    }

    /**
     * The completion {@code behind} the oldest, for batches: copy what is needed of all, then mark
     * them as seen at once.
     *
     * @throws IndexOutOfBoundsException when there are not so many
     */
    public Cqe cqeAt(int behind) {
        Objects.checkIndex(behind, cqReady());
        return cqe.at(completions.at(behind));
    }

    /** True when the kernel holds work or completions that only an enter brings out. */
    public boolean kernelWantsEnter() {
        checkOpen();
        int bits = RingParamsLayout.SQ_CQ_OVERFLOW | RingParamsLayout.SQ_TASKRUN;
        return (Memory.getIntAcquire(sqFlags) & bits) != 0;
    }

    /** True while completions wait in the kernel because the queue is full. */
    public boolean isOverflowing() {
        checkOpen();
        return (Memory.getIntAcquire(sqFlags) & RingParamsLayout.SQ_CQ_OVERFLOW) != 0;
    }

    // ---- what it is

    /** The ring's descriptor. */
    public int fd() {
        return fd;
    }

    /** The set-up flags in force, {@code IORING_SETUP_*}. */
    public int setupFlags() {
        return setupFlags;
    }

    /** The kernel's feature bits, {@code IORING_FEAT_*}. */
    public int features() {
        return features;
    }

    /** Wanted set-up flags that this kernel refused. */
    public List<String> dropped() {
        return dropped;
    }

    /** The submission queue's size. */
    public int sqEntries() {
        return submissions.entries();
    }

    /** The completion queue's size. */
    public int cqEntries() {
        return completions.entries();
    }

    /** How many times {@code io_uring_enter} was called. */
    public long enters() {
        return enters;
    }

    /** True from {@link #close} on: every other call then throws IllegalStateException. */
    public boolean isClosed() {
        return closed;
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("this ring is closed");
        }
    }

    /**
     * Unmaps the queues and closes the descriptor; does nothing the second time. Not a barrier:
     * nothing may be in flight, or the kernel goes on writing into memory that its owner thinks
     * free.
     */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        // The place is the thread's, 16 in all, and would keep the ring alive until the thread
        // ends.
        if (registeredBy == Thread.currentThread()) {
            Memory.putInt(scratch + UPDATE + RsrcUpdateLayout.OFFSET, registeredFd);
            Memory.putLong(scratch + UPDATE + RsrcUpdateLayout.DATA, 0);
            register(RegisterOp.UNREGISTER_RING_FDS, scratch + UPDATE, 1);
        }
        closed = true;
        sqe.at(0);
        cqe.at(0);
        libc.munmap(sqes, sqesLength);
        libc.munmap(rings, ringsLength);
        libc.munmap(scratch, PAGE);
        libc.close(fd);
        libc.close();
    }
}
