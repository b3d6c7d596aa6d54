package dev.chime.reactor.internal;

import dev.chime.reactor.AbortSignal;
import dev.chime.reactor.Buffer;
import dev.chime.reactor.Callback;
import dev.chime.reactor.Done;
import dev.chime.reactor.Operation;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.Task;
import dev.chime.reactor.engine.Chunk;
import dev.chime.reactor.engine.Completion;
import dev.chime.reactor.engine.Fd;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.SlabPool;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.libc.ErrnoCode;
import dev.chime.reactor.libc.Libc;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A reactor from inside: slots, descriptors, memory and the loop's phases. Loop thread only.
 *
 * <p>The reactor implements it; modules get theirs by {@link #of}.
 */
public abstract class Core {
    private static final Completion IGNORED = (slot, result, more) -> {};

    private static volatile @Nullable Function<Reactor, Core> access;

    private final Map<Class<?>, Object> parts = new HashMap<>();

    /** For the reactor's implementation. */
    protected Core() {}

    /** The inside of a reactor. */
    public static Core of(Reactor reactor) {
        Function<Reactor, Core> function = access;
        if (function == null) {
            throw new AssertionError("the reactor's class gives access when it is loaded");
        }
        return function.apply(reactor);
    }

    /** The reactor's class calls this when it is loaded. */
    public static void giveAccess(Function<Reactor, Core> function) {
        access = function;
    }

    /** Something open that must end before the reactor does: a server, a socket. */
    public interface Handle {
        /** Ends now: what is pending calls back with ECANCELED, then close fires. */
        void shutdown();

        /** What it is: the name of the user's class. */
        default String kind() {
            return "Handle";
        }

        /** Whether it keeps the loop alive while it is open. */
        default boolean hasRef() {
            return true;
        }
    }

    /** The reactor. */
    public abstract Reactor reactor();

    /** What a module keeps once for each reactor: made when it is first asked for. */
    public final <T> T part(Class<T> type, Supplier<T> make) {
        return type.cast(parts.computeIfAbsent(type, key -> make.get()));
    }

    /** Throws when this is not the loop's thread; {@code call} names the method. */
    public abstract void checkThread(String call);

    /** Takes a slot to fill and {@link #submit}. */
    public abstract Slot slot(Op op, Completion completion);

    /**
     * Submits a filled slot, or with {@link Slot#linked} a chain. On a descriptor that is closing,
     * or when the reactor ends, it completes with -EBADF or -ECANCELED, in a later turn as always.
     */
    public abstract void submit(Slot slot);

    /**
     * Gives a slot back that was taken and cannot be filled: it goes round as a NOP of which nobody
     * hears.
     */
    public final void discard(Slot slot) {
        slot.become(Op.NOP, IGNORED);
        submit(slot);
    }

    /** The user's hold on a slot just submitted; costs nothing when the user drops it. */
    public abstract Operation operation(Slot slot);

    /**
     * Asks for an early end of a slot that its owner knows to be in flight; if it ends early its
     * result is {@code -errno}.
     */
    public abstract void cancel(Slot slot, int errno);

    /** Asks for an early end of a slot that its owner knows to be in flight, with ECANCELED. */
    public final void cancel(Slot slot) {
        cancel(slot, ErrnoCode.ECANCELED);
    }

    /**
     * Runs {@code task} after {@code limit}, without keeping the loop alive; the result clears it.
     */
    public abstract Runnable after(Duration limit, Runnable task);

    /** Hears of a signal's abort, by the errno that it means; the result ends that. */
    public abstract Runnable listen(AbortSignal signal, IntConsumer aborted);

    /** Takes a descriptor over: the reactor closes it at the end if nobody did. */
    public abstract Fd adopt(int number, Fd.Kind kind);

    /**
     * Closes a descriptor once: refuses new operations, cancels those in flight, waits for them,
     * closes, completes.
     */
    public abstract void close(Fd fd, Completion completion);

    /** For memory of the kernel; calls on descriptors go through {@link #syscall}. */
    public abstract Libc libc();

    /**
     * Performs a system call that never blocks, at once: on the kernel, or on the machine that the
     * reactor's engine simulates. The result is {@code >= 0}, or a negative errno.
     */
    public abstract long syscall(int number, long a, long b, long c, long d, long e, long f);

    /** Performs a system call of three arguments. */
    public final long syscall(int number, long a, long b, long c) {
        return syscall(number, a, b, c, 0, 0, 0);
    }

    /** Where native memory comes from. */
    public abstract SlabPool memory();

    /**
     * Native memory with one user, the caller; at least {@code bytes}.
     *
     * @throws OutOfMemoryError at the reactor's limit, and when the kernel maps no more
     */
    public final Chunk allocate(int bytes) {
        return memory().allocate(bytes);
    }

    /** As {@link #allocate}, but null where that throws. */
    public final @Nullable Chunk tryAllocate(int bytes) {
        return memory().tryAllocate(bytes);
    }

    /** 4 KiB with one user for an operation's own arguments: beyond the limit, too. */
    public final Chunk allocateArguments() {
        return memory().allocateArguments();
    }

    /** The address of 4 KiB for the arguments of one {@link #syscall}. */
    public final long scratch() {
        return memory().scratch();
    }

    /** A buffer over memory whose use it takes over. */
    public abstract Buffer wrap(Chunk chunk, int offset, int bytes);

    /** The address of a buffer in use. */
    public abstract long address(Buffer buffer);

    /** Calls a user's callback from a completion, then ticks and microtasks. */
    public abstract <T extends @Nullable Object> void call(
            Callback<T> callback, @Nullable ReactorException err, T value);

    /** Calls a user's callback with an error and no value. */
    @SuppressWarnings("NullAway") // the one place where a value is null: beside an error
    public final <T extends @Nullable Object> void fail(
            Callback<T> callback, ReactorException err) {
        call(callback, err, null);
    }

    /** Calls a user's callback from a completion, then ticks and microtasks. */
    public abstract void call(Done done, @Nullable ReactorException err);

    /** Runs a user's task from a completion, then ticks and microtasks. */
    public abstract void call(Task task);

    /** Runs once before the loop next enters the kernel: for what gathers a turn's work. */
    public abstract void beforeEnter(Task task);

    /** Runs in this turn's last phase. */
    public abstract void inClosePhase(Task task);

    /** Adds to the reasons for which the loop goes on. */
    public abstract void ref();

    /** Takes one reason away. */
    public abstract void unref();

    /** Ends {@code handle} when the reactor ends. */
    public abstract void opened(Handle handle);

    /** The handle ended by itself. */
    public abstract void closed(Handle handle);

    /** Runs blocking work on threads for name look-ups. */
    public abstract <T extends @Nullable Object> Operation lookup(
            Callable<T> work, Callback<T> callback);
}
