package dev.chime.reactor;

import dev.chime.reactor.engine.CallSite;
import dev.chime.reactor.engine.Capabilities;
import dev.chime.reactor.engine.Chunk;
import dev.chime.reactor.engine.Completion;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.libc.Arch;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.Sys;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * One thread that runs callbacks: of timers, of tasks from other threads, and of file and socket
 * operations that the kernel performs meanwhile.
 *
 * <p>{@link #run} turns the loop on the calling thread until nothing keeps it alive. All methods
 * are for that thread, but for {@link #execute}, {@link #pendingTasks} and {@link #shutdownReport}.
 * A turn's order: timers that are due, tasks from other threads, completions, immediates, close
 * callbacks; after each callback all ticks, then all microtasks. See {@code ARCHITECTURE.md}.
 */
public final class Reactor implements Executor, AutoCloseable {
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

    /**
     * Opens a reactor for this thread, to be turned by {@link #run(RunMode)}: for programs with a
     * loop of their own. Most want {@link #run(Main)}.
     *
     * @throws EngineUnavailableException when the options name an engine that cannot be had
     * @throws UnsupportedOperationException on anything but Linux on x86-64 or aarch64
     */
    public static Reactor open(ReactorOptions options) {
        Objects.requireNonNull(options, "options");
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

    /**
     * Turns the loop. After {@link #stop} it returns at the end of the turn; a stop before makes it
     * return at once, without work.
     *
     * @return true when something still keeps the loop alive: another call goes on with it
     * @throws IllegalStateException inside a callback of this reactor
     * @throws RuntimeException what a callback threw, as {@link #run(ReactorOptions, Main)} does
     */
    public boolean run(RunMode mode) {
        Objects.requireNonNull(mode, "mode");
        boolean alive = loop.run(mode);
        loop.callbacks().rethrow();
        return alive;
    }

    /**
     * Ends the reactor: what is open is closed, what is in flight calls back with ECANCELED, memory
     * and descriptors go back. Not in a callback: {@link #stop} is for that. Does nothing the
     * second time.
     */
    @Override
    public void close() {
        loop.close();
        loop.callbacks().rethrow();
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
        loop.callbacks().ticks().add(task);
    }

    /** Runs a task after all ticks, before the next callback. */
    public void microtask(Task task) {
        checkThread("microtask");
        requireCallback(task, "task");
        loop.callbacks().microtasks().add(task);
    }

    /** Runs a task after the completions of this turn; one set by an immediate, a turn later. */
    public Immediate setImmediate(Task task) {
        checkThread("setImmediate");
        requireCallback(task, "task");
        Immediate immediate = new Immediate(this, TracedTask.madeHere(task, "setImmediate"));
        loop.immediates().add(immediate);
        vote(1);
        return immediate;
    }

    /** Runs a task once, never before {@code delay} has passed; zero or less is the next turn. */
    public Timer setTimeout(Duration delay, Task task) {
        return start(delay, task, Timer.ONCE);
    }

    /** Runs a task once after {@code millis} milliseconds. */
    public Timer setTimeout(long millis, Task task) {
        return start(Duration.ofMillis(millis), task, Timer.ONCE);
    }

    /**
     * Runs a task again and again, each time {@code period} after the start of the last run, and at
     * most once a turn.
     */
    public Timer setInterval(Duration period, Task task) {
        return start(period, task, Timer.FIXED_DELAY);
    }

    /** Runs a task every {@code millis} milliseconds. */
    public Timer setInterval(long millis, Task task) {
        return start(Duration.ofMillis(millis), task, Timer.FIXED_DELAY);
    }

    /**
     * Runs a task at multiples of {@code period} after now, however late a run may start; runs that
     * were missed are left out.
     */
    public Timer setIntervalAtFixedRate(Duration period, Task task) {
        return start(period, task, Timer.FIXED_RATE);
    }

    private Timer start(Duration delay, Task task, int kind) {
        checkThread(kind == Timer.ONCE ? "setTimeout" : "setInterval");
        requireCallback(task, "task");
        Task traced = TracedTask.madeHere(task, kind == Timer.ONCE ? "setTimeout" : "setInterval");
        return loop.timers().start(traced, Timers.nanos(delay), kind, loop.clock().nanoTime());
    }

    /**
     * The time of this turn in nanoseconds by {@link ReactorOptions#clock}: read when the turn
     * began and again before completions are delivered.
     */
    public long now() {
        checkThread("now");
        return loop.now();
    }

    /** Reads the clock: for callbacks that run long and then ask for {@link #now}. */
    public long updateNow() {
        checkThread("updateNow");
        return loop.updateNow();
    }

    /**
     * Runs a task in every turn, after timers and tasks of other threads. While there is one the
     * loop does not sleep.
     */
    public Hook onIdle(Task task) {
        return hook("onIdle", loop.idle(), task);
    }

    /** Runs a task in every turn just before the loop asks the kernel for completions. */
    public Hook onPrepare(Task task) {
        return hook("onPrepare", loop.prepare(), task);
    }

    /** Runs a task in every turn just after the completions, before immediates. */
    public Hook onCheck(Task task) {
        return hook("onCheck", loop.check(), task);
    }

    private Hook hook(String call, Hooks hooks, Task task) {
        checkThread(call);
        requireCallback(task, "task");
        return hooks.add(TracedTask.madeHere(task, call));
    }

    /**
     * Runs a task whenever nothing keeps the loop alive any more; what it starts revives the loop.
     * Not after {@link #stop}.
     */
    public void onBeforeExit(Task task) {
        checkThread("onBeforeExit");
        requireCallback(task, "task");
        loop.onBeforeExit(task);
    }

    /** Runs a task once at the end. Operations that it starts are cancelled. */
    public void onExit(Task task) {
        checkThread("onExit");
        requireCallback(task, "task");
        loop.onExit(task);
    }

    /**
     * Runs a task on the loop each time the process gets a signal: {@code "TERM"} or {@code
     * "SIGTERM"}. Signals that come while one of their kind waits to be delivered are one to the
     * kernel, and so to the task. Several listeners, of several reactors, all hear of a signal.
     *
     * <p>As long as there is a listener the signal does nothing else: TERM, INT and HUP do not end
     * the process. A listener does not keep the loop alive. It ends with {@link
     * SignalListener#clear}, or with the reactor.
     *
     * <p>USR2 is the JVM's own for profilers that suspend threads: not to be used beside one.
     *
     * @throws IllegalArgumentException for an unknown signal, for KILL and STOP, for those that the
     *     JVM keeps (QUIT, SEGV, BUS, FPE, ILL), and under {@code -Xrs} for TERM, INT and HUP
     * @throws UnsupportedOperationException in a runtime image without {@code jdk.unsupported}
     */
    public SignalListener onSignal(String signal, Task task) {
        checkThread("onSignal");
        requireCallback(signal, "signal");
        requireCallback(task, "task");
        return SignalListener.open(loop, signal, task);
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
     * Never waits and has no bound: who may send faster than the loop runs looks at {@link
     * #pendingTasks}.
     *
     * @throws RejectedExecutionException when the loop has ended
     */
    @Override
    public void execute(Runnable task) {
        requireCallback(task, "task");
        loop.post(task);
    }

    /**
     * About how many tasks of {@link #execute} have not begun; any thread may ask. Exact when no
     * other thread is inside {@code execute}.
     */
    public long pendingTasks() {
        return loop.pendingTasks();
    }

    /**
     * Runs blocking work on a virtual thread and brings its outcome back; at most {@link
     * LaneOptions#blockingThreads} calls run at once, and call back in the order in which they end.
     * When {@link LaneOptions#blockingQueue} more are waiting, further ones get {@code
     * ERR_LANE_FULL} in a later turn, and never run.
     *
     * <p>Cancel works until a thread has begun: the work never runs, and ECANCELED comes. Later it
     * does nothing, and the true result comes. At the end of the reactor work that has not ended
     * calls back with ECANCELED and is interrupted.
     *
     * <p>Work that computes long keeps a processor from the other virtual threads. Work may throw a
     * {@link ReactorException}; anything else it throws arrives as the cause of one with the code
     * {@code ERR_BLOCKING_CALL}.
     */
    public <T extends @Nullable Object> Operation blocking(Callable<T> work, Callback<T> callback) {
        checkThread("blocking");
        requireCallback(work, "work");
        requireCallback(callback, "callback");
        CallSite.enter("Reactor.blocking");
        return loop.lanes().blocking(work, callback);
    }

    /**
     * How the lanes for blocking work stand: {@code blocking}, {@code lookup}, {@code file}, in
     * this order.
     */
    public List<LaneMetrics> lanes() {
        checkThread("lanes");
        return loop.lanes().metrics(loop.engine());
    }

    /** Sends an empty operation through the engine: the cost of a round trip. */
    public Operation nop(Done done) {
        checkThread("nop");
        requireCallback(done, "done");
        CallSite.enter("Reactor.nop");
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
     * Waits once until a descriptor is ready: for libraries of native code that have descriptors of
     * their own, and for calls of the foreign function API. The callback gets a new set of the
     * events that hold, {@link PollEvent#HANGUP} and {@link PollEvent#ERROR} also unasked. A
     * regular file is ready at once. The wait takes no thread, and keeps the loop alive.
     *
     * <p>The descriptor stays its owner's: nothing here reads, writes or closes it. Cancel the
     * operation before the descriptor is closed: afterwards its number may be another file's. Any
     * file that the kernel can poll will do, whether or not it is non-blocking.
     *
     * @param fd the number, as the kernel knows it
     * @param events what to wait for, at least one
     * @param callback hears once of the events, or of EBADF when the number is not open, ECANCELED,
     *     ETIMEDOUT
     * @throws IllegalArgumentException when {@code fd} is negative or {@code events} is empty
     * @throws UnsupportedOperationException in a simulation, which has no descriptors of others
     */
    public Operation poll(int fd, Set<PollEvent> events, Callback<Set<PollEvent>> callback) {
        return Polling.once(loop, fd, pollBits("poll", fd, events, callback), callback);
    }

    /**
     * Waits until a descriptor is ready, calls back, and waits again, until {@link
     * Operation#cancel}: the callback then hears of an error for the last time, and not before.
     * What it leaves unread is told again in the next turn, as by a level-triggered epoll(7). All
     * else is as by {@link #poll}.
     *
     * @param callback hears of events any number of times, and once, at last, of an error: of the
     *     end that was asked for by ECANCELED or ETIMEDOUT
     */
    public Operation pollRepeatedly(
            int fd, Set<PollEvent> events, Callback<Set<PollEvent>> callback) {
        return Polling.each(loop, fd, pollBits("pollRepeatedly", fd, events, callback), callback);
    }

    private int pollBits(
            String call, int fd, Set<PollEvent> events, Callback<Set<PollEvent>> callback) {
        checkThread(call);
        if (fd < 0) {
            throw new IllegalArgumentException("fd is " + fd + ": pass an open descriptor");
        }
        if (events == null || events.isEmpty()) {
            throw new IllegalArgumentException("events are none: name one to wait for");
        }
        requireCallback(callback, "callback");
        boolean simulated = capabilities().engine().equals("sim");
        if (simulated && loop.syscall(Sys.FCNTL, fd, Const.F_GETFD, 0) < 0) {
            throw new UnsupportedOperationException(
                    "fd " + fd + " is not the simulated machine's: poll on the ring or the pool");
        }
        CallSite.enter("Reactor." + call);
        return PollEvent.bits(events);
    }

    /**
     * Native memory of {@code bytes} bytes for the kernel to read and write; the caller releases
     * it. One of more than 256 KiB is mapped for itself, in whole pages, others are rounded up to
     * 4, 16, 64 or 256 KiB.
     *
     * @throws NativeMemoryException at the limit ({@link ReactorOptions#maxNativeBytes}), and when
     *     the kernel maps no more; a later call works when memory has been released
     */
    public Buffer buffer(int bytes) {
        checkThread("buffer");
        if (bytes < 0) {
            throw new IllegalArgumentException("bytes is negative: " + bytes);
        }
        Chunk chunk;
        try {
            chunk = loop.allocate(Math.max(1, bytes));
        } catch (OutOfMemoryError e) {
            throw new NativeMemoryException(e, memory());
        }
        return loop.buffers().wrap(chunk, 0, bytes, "Reactor.buffer");
    }

    /** How much native memory the reactor has for buffers, and how much of it is in use. */
    public MemoryMetrics memory() {
        checkThread("memory");
        return MemoryMetrics.of(loop.memory(), loop.buffers().inUse());
    }

    /** Takes what callbacks throw; null restores the default: log it, stop, throw it from run. */
    public void onUncaught(@Nullable UncaughtHandler handler) {
        checkThread("onUncaught");
        loop.callbacks().onUncaught(handler);
    }

    /** Ends {@link #run} after this turn, whatever keeps the loop alive. */
    public void stop() {
        checkThread("stop");
        loop.stop();
    }

    /**
     * Ends {@link #run} as soon as nothing is under way, at the latest after {@code grace}. File
     * operations, connects, writes, look-ups, blocking work and posted tasks are under way; what
     * waits for somebody else is not: accepting, receiving, timers. Callbacks run as ever
     * meanwhile, and what they start may be under way as well. A server goes on accepting: close it
     * first.
     */
    public void stop(Duration grace) {
        checkThread("stop");
        loop.stop(Objects.requireNonNull(grace, "grace"));
    }

    /** What the end of this reactor cut short, or null as long as it has not ended; any thread. */
    public @Nullable ShutdownReport shutdownReport() {
        return loop.report();
    }

    /** The name of the engine that runs: {@code uring}, {@code pool} or {@code sim}. */
    public String engine() {
        return capabilities().engine();
    }

    /** What the loop has done until now. Any thread, also when the loop hangs, or has ended. */
    public LoopMetrics metrics() {
        return loop.inspector().metrics();
    }

    /**
     * What keeps the loop alive: everything whose end it waits for. In trace mode ({@code
     * -Dchime.trace=true}) with the call that made it.
     */
    public List<ActiveResource> activeResources() {
        checkThread("activeResources");
        return loop.inspector().activeResources();
    }

    /**
     * A text for people: a line for every operation in flight, and counts of all else. Any thread;
     * on another than the loop's, while the loop runs, it is a guess at a moving target, but while
     * the loop hangs it is right.
     */
    public String dump() {
        return loop.inspector().dump();
    }

    Capabilities capabilities() {
        return loop.engine().capabilities();
    }

    void checkThread(String call) {
        loop.requireThread(call);
    }

    /** Calls a task of the user's from within another call: what it throws is nobody's there. */
    void runSafely(Task task) {
        loop.callbacks().callNested(task);
    }

    void vote(int more) {
        loop.vote(more);
    }
}
