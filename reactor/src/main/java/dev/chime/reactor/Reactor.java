package dev.chime.reactor;

import dev.chime.reactor.engine.Capabilities;
import dev.chime.reactor.engine.Completion;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.libc.Arch;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * One thread that runs callbacks: of timers, of tasks from other threads, and of file and socket
 * operations that the kernel performs meanwhile.
 *
 * <p>{@link #run} turns the loop on the calling thread until nothing keeps it alive. All methods
 * are for that thread, but for {@link #execute}. A turn's order: timers that are due, tasks from
 * other threads, completions, immediates, close callbacks; after each callback all ticks, then all
 * microtasks. See {@code ARCHITECTURE.md}.
 */
public final class Reactor implements Executor {
    /** The program: starts what the loop then runs. */
    @FunctionalInterface
    public interface Main {
        /** Runs on the loop thread before the first turn. */
        void start(Reactor reactor) throws Exception;
    }

    static {
        Core.giveAccess(reactor -> reactor.loop);
    }

    private static final Completion NOP_DONE = Reactor::nopDone;

    private final Loop loop;
    private final Timers timers = new Timers();
    private final TaskQueue ticks = new TaskQueue();
    private final TaskQueue microtasks = new TaskQueue();
    private final ArrayDeque<Immediate> immediates = new ArrayDeque<>();

    private Reactor(ReactorOptions options) {
        loop = new Loop(this, options);
    }

    /** Runs a loop with {@link ReactorOptions#defaults()}. */
    public static void run(Main main) {
        run(ReactorOptions.defaults(), main);
    }

    /**
     * Runs a loop on this thread until nothing keeps it alive, or until {@link #stop}. What is
     * still open then is closed, and what is in flight calls back with ECANCELED.
     *
     * @throws EngineUnavailableException when the options name an engine that cannot be had
     * @throws UnsupportedOperationException on anything but Linux on x86-64 or aarch64
     * @throws RuntimeException what a callback threw, when there is no uncaught handler; checked
     *     exceptions come as the cause of an {@link IllegalStateException}
     */
    public static void run(ReactorOptions options, Main main) {
        Objects.requireNonNull(options, "options");
        requireCallback(main, "main");
        open(options).loop.run(main);
    }

    private static Reactor open(ReactorOptions options) {
        try {
            Objects.requireNonNull(Arch.CURRENT);
        } catch (ExceptionInInitializerError e) {
            if (e.getCause() instanceof UnsupportedOperationException unsupported) {
                throw unsupported;
            }
            throw e;
        }
        return new Reactor(options);
    }

    private static void requireCallback(@Nullable Object callback, String name) {
        if (callback == null) {
            throw new IllegalArgumentException(name + " is null: pass a function");
        }
    }

    /** Runs a task before anything else happens, after the callback that runs now. */
    public void nextTick(Task task) {
        checkThread("nextTick");
        requireCallback(task, "task");
        ticks.add(task);
    }

    /** Runs a task after all ticks, before the next callback. */
    public void microtask(Task task) {
        checkThread("microtask");
        requireCallback(task, "task");
        microtasks.add(task);
    }

    /** Runs a task after the completions of this turn; one set by an immediate, a turn later. */
    public Immediate setImmediate(Task task) {
        checkThread("setImmediate");
        requireCallback(task, "task");
        Immediate immediate = new Immediate(this, task);
        immediates.add(immediate);
        vote(1);
        return immediate;
    }

    /** Runs a task once, never before {@code delay} has passed; zero or less is the next turn. */
    public Timer setTimeout(Duration delay, Task task) {
        return start(delay, task, false);
    }

    /** Runs a task once after {@code millis} milliseconds. */
    public Timer setTimeout(long millis, Task task) {
        return start(Duration.ofMillis(millis), task, false);
    }

    /**
     * Runs a task again and again, each time {@code period} after the start of the last run, and at
     * most once a turn.
     */
    public Timer setInterval(Duration period, Task task) {
        return start(period, task, true);
    }

    /** Runs a task every {@code millis} milliseconds. */
    public Timer setInterval(long millis, Task task) {
        return start(Duration.ofMillis(millis), task, true);
    }

    private Timer start(Duration delay, Task task, boolean repeats) {
        checkThread(repeats ? "setInterval" : "setTimeout");
        requireCallback(task, "task");
        Timer timer = new Timer(this, task, nanos(delay), repeats);
        timers.add(timer, System.nanoTime());
        return timer;
    }

    private static long nanos(Duration delay) {
        try {
            return Math.max(0, delay.toNanos());
        } catch (ArithmeticException e) {
            return delay.isNegative() ? 0 : Long.MAX_VALUE; // 292 years serve as for ever
        }
    }

    /** Clears a timer, as {@link Timer#clear}; null is nothing to clear. */
    public void clearTimeout(@Nullable Timer timer) {
        if (timer != null) {
            timer.clear();
        }
    }

    /** Clears a timer, as {@link Timer#clear}; null is nothing to clear. */
    public void clearInterval(@Nullable Timer timer) {
        clearTimeout(timer);
    }

    /** Clears an immediate; null is nothing to clear. */
    public void clearImmediate(@Nullable Immediate immediate) {
        if (immediate != null) {
            immediate.clear();
        }
    }

    /**
     * Runs a task on the loop's thread; any thread may call this. Tasks of one sender run in order.
     *
     * @throws RejectedExecutionException when the loop has ended
     */
    @Override
    public void execute(Runnable task) {
        requireCallback(task, "task");
        loop.post(task);
    }

    /**
     * Runs blocking work on another thread and brings its outcome back. Cancel works until a thread
     * has begun with it. Work may throw a {@link ReactorException}; anything else it throws arrives
     * as the cause of one with the code {@code ERR_BLOCKING_CALL}.
     */
    public <T extends @Nullable Object> Operation blocking(
            Callable<T> work, Callback<T> callback) {
        checkThread("blocking");
        requireCallback(work, "work");
        requireCallback(callback, "callback");
        return loop.blocking(work, callback);
    }

    /** Sends an empty operation through the engine: the cost of a round trip. */
    public Operation nop(Done done) {
        checkThread("nop");
        requireCallback(done, "done");
        Slot slot = loop.slot(Op.NOP, NOP_DONE);
        slot.callback = done;
        loop.submit(slot);
        return loop.operation(slot);
    }

    private static void nopDone(Slot slot, int result, boolean more) throws Exception {
        Done done = (Done) Objects.requireNonNull(slot.callback);
        done.call(result < 0 ? ErrnoException.file(result, "nop", null) : null);
    }

    /**
     * Native memory of {@code bytes} bytes for the kernel to read and write; the caller releases
     * it.
     */
    public Buffer buffer(int bytes) {
        checkThread("buffer");
        if (bytes < 0) {
            throw new IllegalArgumentException("bytes is negative: " + bytes);
        }
        return loop.wrap(loop.allocate(Math.max(1, bytes)), 0, bytes);
    }

    /** Takes what callbacks throw; null restores the default: log it, stop, throw it from run. */
    public void onUncaught(@Nullable UncaughtHandler handler) {
        checkThread("onUncaught");
        loop.onUncaught(handler);
    }

    /** Ends the loop after this turn, as if nothing kept it alive. */
    public void stop() {
        checkThread("stop");
        loop.stop();
    }

    /** The name of the engine that runs: {@code uring} or {@code pool}. */
    public String engine() {
        return capabilities().engine();
    }

    Capabilities capabilities() {
        return loop.engine().capabilities();
    }

    void checkThread(String call) {
        loop.checkThread(call);
    }

    Timers timers() {
        return timers;
    }

    TaskQueue ticks() {
        return ticks;
    }

    TaskQueue microtasks() {
        return microtasks;
    }

    ArrayDeque<Immediate> immediates() {
        return immediates;
    }

    void vote(int more) {
        loop.vote(more);
    }

    void ended(BlockingCall<?> call) {
        loop.ended(call);
    }

    <T extends @Nullable Object> void invoke(
            Callback<T> callback, @Nullable ReactorException err, T value) {
        loop.call(callback, err, value);
    }
}
