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
 * that called {@link #enable}. Reading a file's first bytes:
 *
 * {@snippet :
 * try (Ring ring = Ring.open(RingOptions.entries(8)); Arena arena = Arena.ofConfined()) {
 *     MemorySegment buffer = arena.allocate(4096);
 *     MemorySegment iovec = arena.allocate(16, 8);
 *     iovec.set(ValueLayout.JAVA_LONG, 0, buffer.address());
 *     iovec.set(ValueLayout.JAVA_LONG, 8, buffer.byteSize());
 *
 *     ring.sqe().prepReadv(fd, iovec, 1, 0).userData(7); // get an entry, make it a READV
 *     ring.submit();                                     // tell the kernel
 *
 *     Cqe cqe = ring.waitCqe();                          // wait for its completion
 *     handle(cqe.userData(), cqe.result());
 *     ring.seen();                                       // the entry's place is free again
 * }
 * }
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
    private final int sqEntries;
    private final int cqEntries;
    private final int sqMask;
    private final int cqMask;
    private final long sqHead;
    private final long sqTail;
    private final long sqFlags;
    private final long cqHead;
    private final long cqTail;
    private final long cqes;

    private final Sqe sqe = new Sqe();
    private final Cqe cqe = new Cqe();
    private int tail;
    private int head;
    private int enterFd;
    private int enterFlags;
    private @Nullable Thread registeredBy;
    private long enters;

    private Ring(Libc libc, RingSetup setup, int fd, long scratch) throws RingException {
        this.libc = libc;
        this.fd = fd;
        this.scratch = scratch;
        setupFlags = setup.flags();
        dropped = setup.dropped();
        features = Memory.getInt(scratch + RingParamsLayout.FEATURES);
        sqEntries = Memory.getInt(scratch + RingParamsLayout.SQ_ENTRIES);
        cqEntries = Memory.getInt(scratch + RingParamsLayout.CQ_ENTRIES);
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
        sqHead = rings + param(RingParamsLayout.SQ_OFF_HEAD);
        sqTail = rings + param(RingParamsLayout.SQ_OFF_TAIL);
        sqFlags = rings + param(RingParamsLayout.SQ_OFF_FLAGS);
        sqMask = Memory.getInt(rings + param(RingParamsLayout.SQ_OFF_RING_MASK));
        cqHead = rings + param(RingParamsLayout.CQ_OFF_HEAD);
        cqTail = rings + param(RingParamsLayout.CQ_OFF_TAIL);
        cqMask = Memory.getInt(rings + param(RingParamsLayout.CQ_OFF_RING_MASK));
        cqes = rings + param(RingParamsLayout.CQ_OFF_CQES);
        if ((setupFlags & RingParamsLayout.SETUP_NO_SQARRAY) == 0) {
            for (int i = 0; i < sqEntries; i++) {
                Memory.putInt(rings + sqArray + i * 4L, i);
            }
        }
        tail = Memory.getInt(sqTail);
        head = Memory.getInt(cqHead);
        enterFd = fd;
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
            enterFd = Memory.getInt(scratch + UPDATE + RsrcUpdateLayout.OFFSET);
            enterFlags |= RingParamsLayout.ENTER_REGISTERED_RING;
            registeredBy = Thread.currentThread();
        }
    }

    /** Performs {@code io_uring_register(2)} on this ring: {@code >= 0} or a negative errno. */
    public int register(int op, long argument, int count) {
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
                    "the submission queue is full (" + sqEntries + " entries): submit() first");
        }
        return sqe.at(address);
    }

    /** How many submission entries are free. */
    public int room() {
        return sqEntries - (tail - Memory.getIntAcquire(sqHead));
    }

    /**
     * The address of the next free submission entry, 64 bytes that the caller fills whole, or 0
     * when the queue is full: the raw form of {@link #sqe}.
     */
    public long nextSqe() {
        if (tail - Memory.getIntAcquire(sqHead) == sqEntries) {
            return 0;
        }
        return sqes + ((long) (tail++ & sqMask) << 6);
    }

    /** Entries that can be taken before a submit is needed. */
    public int sqSpaceLeft() {
        return sqEntries - pending();
    }

    /** Entries filled and not yet consumed by the kernel. */
    public int pending() {
        return tail - Memory.getIntAcquire(sqHead);
    }

    /**
     * Publishes all filled entries and lets the kernel consume them; reaps nothing.
     *
     * @return entries consumed, or a negative errno: see {@link #isPassing}; always on another
     *     thread than the one that enabled a ring of one
     */
    public int submit() {
        if ((setupFlags & RingParamsLayout.SETUP_SQPOLL) != 0) {
            return wakePoller();
        }
        return call(pending(), 0, 0, 0, 0);
    }

    /** The kernel's thread takes the entries by itself, unless it sleeps. */
    private int wakePoller() {
        int count = pending();
        Memory.putIntRelease(sqTail, tail);
        VarHandle.fullFence();
        if ((Memory.getIntAcquire(sqFlags) & RingParamsLayout.SQ_NEED_WAKEUP) != 0) {
            return call(count, 0, RingParamsLayout.ENTER_SQ_WAKEUP, 0, 0);
        }
        return count;
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
        return await(pending(), timeoutNanos);
    }

    private int await(int submit, long timeoutNanos) {
        if (timeoutNanos < 0) {
            return call(submit, 1, RingParamsLayout.ENTER_GETEVENTS, 0, 0);
        }
        Memory.putLong(scratch + TIMESPEC + TimespecLayout.TV_SEC, timeoutNanos / 1_000_000_000L);
        Memory.putLong(scratch + TIMESPEC + TimespecLayout.TV_NSEC, timeoutNanos % 1_000_000_000L);
        Memory.putLong(scratch + ARG + GeteventsArgLayout.SIGMASK, 0);
        Memory.putLong(scratch + ARG + GeteventsArgLayout.SIGMASK_SZ, 0);
        Memory.putLong(scratch + ARG + GeteventsArgLayout.TS, scratch + TIMESPEC);
        return call(
                submit,
                1,
                RingParamsLayout.ENTER_GETEVENTS | RingParamsLayout.ENTER_EXT_ARG,
                scratch + ARG,
                GeteventsArgLayout.SIZE);
    }

    private int call(int submit, int minComplete, int flags, long argument, long argumentSize) {
        Memory.putIntRelease(sqTail, tail);
        enters++;
        return (int)
                libc.syscall(
                        Sys.IO_URING_ENTER,
                        enterFd,
                        submit,
                        minComplete,
                        flags | enterFlags,
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
            throw new IllegalStateException("io_uring_enter failed with errno " + -result);
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
            check(await(0, -1));
            found = peek();
        }
        return found;
    }

    /** The oldest completion; waits for one at most {@code timeout}, then null. */
    public @Nullable Cqe waitCqe(Duration timeout) {
        long deadline = System.nanoTime() + timeout.toNanos();
        long left = timeout.toNanos();
        Cqe found = peek();
        while (found == null && left > 0) {
            check(await(0, left));
            found = peek();
            left = deadline - System.nanoTime();
        }
        return found;
    }

    /**
     * Hands out every completion that is there now, oldest first, each marked as seen behind it.
     *
     * @return how many there were
     */
    public int forEachCqe(CqeConsumer consumer) {
        int ready = cqReady();
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
        return Memory.getIntAcquire(cqTail) - head;
    }

    /** The address of the oldest completion, 16 bytes, or 0: the raw form of {@link #peek}. */
    public long peekCqe() {
        if (head == Memory.getIntAcquire(cqTail)) {
            return 0;
        }
        return cqes + (long) (head & cqMask) * CqeLayout.SIZE;
    }

    /** Gives the oldest completion's place back: copy it out before. */
    public void seen() {
        Memory.putIntRelease(cqHead, ++head);
    }

    /** True when the kernel holds work or completions that only an enter brings out. */
    public boolean kernelWantsEnter() {
        int bits = RingParamsLayout.SQ_CQ_OVERFLOW | RingParamsLayout.SQ_TASKRUN;
        return (Memory.getIntAcquire(sqFlags) & bits) != 0;
    }

    /** True while completions wait in the kernel because the queue is full. */
    public boolean isOverflowing() {
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
        return sqEntries;
    }

    /** The completion queue's size. */
    public int cqEntries() {
        return cqEntries;
    }

    /** How many times {@code io_uring_enter} was called. */
    public long enters() {
        return enters;
    }

    /**
     * Unmaps the queues and closes the descriptor. Not a barrier: nothing may be in flight, or the
     * kernel goes on writing into memory that its owner thinks free.
     */
    @Override
    public void close() {
        // The place is the thread's, 16 in all, and would keep the ring alive until the thread
        // ends.
        if (registeredBy == Thread.currentThread()) {
            Memory.putInt(scratch + UPDATE + RsrcUpdateLayout.OFFSET, enterFd);
            Memory.putLong(scratch + UPDATE + RsrcUpdateLayout.DATA, 0);
            register(RegisterOp.UNREGISTER_RING_FDS, scratch + UPDATE, 1);
        }
        libc.munmap(sqes, sqesLength);
        libc.munmap(rings, ringsLength);
        libc.munmap(scratch, PAGE);
        libc.close(fd);
        libc.close();
    }
}
