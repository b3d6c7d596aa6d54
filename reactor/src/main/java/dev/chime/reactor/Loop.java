package dev.chime.reactor;

import dev.chime.reactor.engine.CallSite;
import dev.chime.reactor.engine.Chunk;
import dev.chime.reactor.engine.Completion;
import dev.chime.reactor.engine.Engine;
import dev.chime.reactor.engine.Fd;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.OpSlots;
import dev.chime.reactor.engine.SlabPool;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.libc.Libc;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** The turning loop behind a {@link Reactor}: phases, liveness, wake-up and the end. */
final class Loop extends Core {
    private enum Phase {
        RUNNING,
        CANCELLING,
        CLOSED
    }

    private final Reactor reactor;
    private final ReactorOptions options;
    private final Thread thread = Thread.currentThread();
    private final Libc libc = new Libc();
    private final OpSlots slots = new OpSlots(libc);
    private final SlabPool memory;
    private final Buffers buffers;
    private final Operations operations;
    private final Engine engine;
    private final Inbox inbox;
    private final NanoClock clock;
    private final boolean realTime;
    private final Timers timers;
    private final Waiting waiting;
    private final Callbacks callbacks = new Callbacks(this::stop);
    private final Hooks idle;
    private final Hooks prepare;
    private final Hooks check;
    private final ArrayDeque<Immediate> immediates = new ArrayDeque<>();
    private final Lanes lanes;
    private final List<Task> beforeExit = new ArrayList<>();
    private final List<Task> exit = new ArrayList<>();
    private final TaskQueue beforeEnter = new TaskQueue();
    private final TaskQueue closePhase = new TaskQueue();
    private final Handles handles = new Handles();
    private final Meter meter;
    private Phase phase = Phase.RUNNING;
    private long now;
    private volatile @Nullable ShutdownReport report;
    private boolean stopping;
    private @Nullable Timer drain;
    private boolean turning;
    private int votes;

    Loop(Reactor reactor, ReactorOptions options) {
        this.reactor = reactor;
        this.options = options;
        boolean poison = Settings.poison();
        memory = new SlabPool(libc, poison, options.maxNativeBytes());
        buffers = new Buffers(poison);
        clock = options.clock();
        realTime = clock.equals(NanoClock.SYSTEM);
        timers = new Timers(this);
        lanes = new Lanes(this, options.lanes());
        idle = new Hooks(reactor);
        prepare = new Hooks(reactor);
        check = new Hooks(reactor);
        now = clock.nanoTime();
        meter = new Meter(thread, options.stallThreshold());
        if (thread.isVirtual()) {
            libc.close();
            throw new IllegalStateException(
                    "a reactor needs a platform thread: io_uring knows its user by the OS thread;"
                            + " use Thread.ofPlatform()");
        }
        try {
            operations = new Operations(this, slots, callbacks, libc, memory);
            engine = operations.engine();
        } catch (RuntimeException e) {
            slots.close();
            memory.close();
            libc.close();
            throw e;
        }
        inbox = new Inbox(engine);
        waiting = new Waiting(this, operations, inbox, meter, options.busyPoll());
    }

    // ---- the turn

    /** Starts a program, and turns the loop to its end and the reactor's. */
    void run(Reactor.Main main) {
        try {
            turning = true;
            meter.begins();
            callbacks.call(() -> main.start(reactor));
            turning = false;
            run(RunMode.UNTIL_DONE);
        } finally {
            close();
        }
        callbacks.rethrow();
    }

    /** Turns the loop as {@code mode} says; true when something still keeps it alive. */
    boolean run(RunMode mode) {
        checkThread("run");
        refuseNested("run");
        turning = true;
        meter.begins();
        try {
            if (mode == RunMode.UNTIL_DONE) {
                untilDone();
            } else if (!stopping && isAlive()) {
                turn(mode);
            }
        } finally {
            meter.ends();
            turning = false;
        }
        stopping = false;
        reactor.clearTimeout(drain);
        drain = null;
        return isAlive();
    }

    private void refuseNested(String call) {
        if (turning) {
            throw new IllegalStateException(
                    call
                            + " was called in a callback of the same reactor: return from it, or stop()");
        }
    }

    private void untilDone() {
        do {
            while (!stopping && isAlive()) {
                turn(RunMode.UNTIL_DONE);
            }
            if (!stopping && drain == null) {
                beforeExit.forEach(callbacks::call);
            }
        } while (!stopping && isAlive());
    }

    boolean isAlive() {
        if (drain != null) {
            return isBusy();
        }
        return votes > 0
                || operations.referenced() > 0
                || timers.referenced() > 0
                || !inbox.isEmpty();
    }

    private void turn(RunMode mode) {
        // Without timers the time that the last enter returned serves: a clock costs as much as a
        // turn.
        boolean timed = timers.nextDeadline() != Engine.FOREVER;
        if (timed) {
            now = clock.nanoTime();
        }
        long tasks = callbacks.tasks();
        timers.run(now, callbacks, meter);
        inbox.run(callbacks);
        idle.run(callbacks);
        prepare.run(callbacks);
        runAll(beforeEnter);
        poll(mode, timed ? tasks : -1);
        check.run(callbacks);
        runImmediates();
        runAll(closePhase);
        if (mode == RunMode.ONCE) {
            now = clock.nanoTime();
            timers.run(now, callbacks, meter);
        }
    }

    private void poll(RunMode mode, long tasks) {
        boolean early;
        do {
            boolean wait = mode != RunMode.NO_WAIT && !stopping && isAlive() && isIdle();
            if (wait) {
                meter.waits(realTime && tasks == callbacks.tasks() ? now | 1 : Meter.time());
            }
            boolean worked = waiting.enter(wait);
            now = clock.nanoTime();
            meter.looked(realTime ? now | 1 : Meter.time());
            int delivered = operations.drain();
            // A signal ends the sleep early: to a loop just another turn, but not to a single one.
            early =
                    wait
                            && !worked
                            && delivered == 0
                            && inbox.isEmpty()
                            && timers.nextDeadline() > now;
        } while (early && mode == RunMode.ONCE);
    }

    private boolean isIdle() {
        return immediates.isEmpty()
                && beforeEnter.isEmpty()
                && closePhase.isEmpty()
                && !operations.hasRefused()
                && idle.isEmpty()
                && inbox.isEmpty();
    }

    private void runImmediates() {
        for (int n = immediates.size(); n > 0; n--) {
            Immediate immediate = immediates.poll();
            Task task = immediate == null ? null : immediate.take();
            if (task != null) {
                callbacks.call(task);
            }
        }
    }

    /** Runs what is queued now; what is added meanwhile waits for the next time. */
    private void runAll(TaskQueue queue) {
        for (int n = queue.size(); n > 0; n--) {
            Task task = queue.take();
            if (task != null) {
                callbacks.call(task);
            }
        }
    }

    @Override
    public void call(Task task) {
        callbacks.call(task);
    }

    @Override
    public <T extends @Nullable Object> void call(
            Callback<T> callback, @Nullable ReactorException err, T value) {
        callbacks.call(callback, err, value);
    }

    @Override
    public void call(Done done, @Nullable ReactorException err) {
        callbacks.call(done, err);
    }

    void stop() {
        stopping = true;
    }

    /** Lets what is under way end; what is not then is cut. */
    void stop(Duration grace) {
        reactor.clearTimeout(drain);
        drain = reactor.setTimeout(grace, this::stop).unref();
    }

    private boolean isBusy() {
        return operations.underWay()
                || lanes.pending() > 0
                || !inbox.isEmpty()
                || !immediates.isEmpty()
                || !beforeEnter.isEmpty()
                || !closePhase.isEmpty();
    }

    @Nullable ShutdownReport report() {
        return report;
    }

    // ---- the end

    /** Ends everything; at the second call nothing. */
    void close() {
        if (phase == Phase.CLOSED) {
            return;
        }
        checkThread("close");
        refuseNested("close");
        turning = true;
        try {
            end();
        } finally {
            turning = false;
        }
    }

    private void end() {
        phase = Phase.CANCELLING;
        meter.closes();
        callbacks.ending();
        Ending ending = new Ending(callbacks, handles.open().size(), lanes.pending());
        operations.ending(ending);
        exit.forEach(callbacks::call);
        handles.open().forEach(handle -> ending.step(handle::shutdown));
        ending.step(lanes::abandonAll);
        long deadline = System.nanoTime() + options.shutdownDeadline().toNanos();
        ending.step(operations::cancelAll);
        ending.step(() -> finishAll(deadline));
        ending.step(() -> ending.ran(inbox.close(callbacks)));
        ending.step(() -> finishAll(deadline)); // what the last tasks have asked for
        int threads = lanes.join();
        report = ending.report(operations.inFlight(), slots.dump(), threads);
        // The kernel may still write into our memory: leaking it is the lesser evil.
        if (operations.inFlight() == 0) {
            ending.step(() -> operations.closeLeftovers(libc));
            int lent = engine.lentChunks();
            if (ending.step(engine::close)) {
                ending.step(() -> buffers.census(memory.inUse() + lent, callbacks));
                ending.step(slots::close);
                ending.step(memory::close);
                ending.step(libc::close);
            }
        }
        phase = Phase.CLOSED;
    }

    /** Brings everything in flight to its end, until the deadline. */
    private void finishAll(long deadline) {
        while (operations.inFlight() > 0 || !closePhase.isEmpty() || !beforeEnter.isEmpty()) {
            runAll(beforeEnter);
            boolean wait =
                    operations.inFlight() > 0 && closePhase.isEmpty() && !operations.hasRefused();
            engine.enter(wait ? Math.max(0, deadline - System.nanoTime()) : 0);
            operations.drain(Integer.MAX_VALUE);
            runAll(closePhase);
            if (operations.inFlight() > 0 && System.nanoTime() >= deadline) {
                break;
            }
        }
    }

    // ---- other threads

    void post(Runnable task) {
        inbox.post(task);
    }

    long pendingTasks() {
        return inbox.size();
    }

    // ---- for the modules

    @Override
    public Reactor reactor() {
        return reactor;
    }

    @Override
    public void checkThread(String call) {
        requireThread(call);
        CallSite.enter(call);
    }

    /** Throws when this is not the loop's thread, or the loop's end is over. */
    void requireThread(String call) {
        if (Thread.currentThread() != thread) {
            throw new IllegalStateException(
                    call
                            + " was called on "
                            + Thread.currentThread()
                            + ", but belongs to the loop's thread: use reactor.execute(...)");
        }
        if (phase == Phase.CLOSED) {
            throw new IllegalStateException(call + " was called after the reactor had ended");
        }
    }

    @Override
    public Slot slot(Op op, Completion completion) {
        return slots.acquire(op, completion);
    }

    @Override
    public void submit(Slot slot) {
        operations.submit(slot);
    }

    @Override
    public Operation operation(Slot slot) {
        return new SlotOperation(this, slot, slot.generation());
    }

    @Override
    public void cancel(Slot slot, int errno) {
        operations.cancel(slot, errno);
    }

    @Override
    public Runnable after(Duration limit, Runnable task) {
        long nanos = Timers.limit(limit);
        Timer timer = timers.start(task::run, nanos, Timer.ONCE, clock.nanoTime());
        return timer.unref()::clear;
    }

    @Override
    public Runnable listen(AbortSignal signal, IntConsumer aborted) {
        return signal.listen(errno -> aborted.accept(errno.number()));
    }

    @Override
    public Fd adopt(int number, Fd.Kind kind) {
        return operations.adopt(number, kind);
    }

    @Override
    public void close(Fd fd, Completion completion) {
        operations.close(fd, completion);
    }

    @Override
    public Libc libc() {
        return libc;
    }

    @Override
    public long syscall(int number, long a, long b, long c, long d, long e, long f) {
        return engine.call(libc, number, a, b, c, d, e, f);
    }

    @Override
    public SlabPool memory() {
        return memory;
    }

    @Override
    public Buffer wrap(Chunk chunk, int offset, int bytes) {
        return buffers.wrap(chunk, offset, bytes, null);
    }

    @Override
    public long address(Buffer buffer) {
        return buffer.address();
    }

    @Override
    public void beforeEnter(Task task) {
        beforeEnter.add(TracedTask.resuming(task));
    }

    @Override
    public void inClosePhase(Task task) {
        ref();
        Task traced = TracedTask.resuming(task);
        closePhase.add(() -> {
            unref();
            traced.run();
        });
    }

    @Override
    public void ref() {
        votes++;
    }

    @Override
    public void unref() {
        votes--;
    }

    void vote(int more) {
        votes += more;
    }

    @Override
    public void opened(Handle handle) {
        handles.opened(handle);
        if (phase != Phase.RUNNING) {
            inClosePhase(handle::shutdown); // too late for the end's own round
        }
    }

    @Override
    public void closed(Handle handle) {
        handles.closed(handle);
    }

    @Override
    public <T extends @Nullable Object> Operation lookup(Callable<T> work, Callback<T> callback) {
        return lanes.lookup(work, callback);
    }

    // ---- for the reactor

    boolean isEnding() {
        return phase != Phase.RUNNING;
    }

    ReactorOptions options() {
        return options;
    }

    Operations operations() {
        return operations;
    }

    Lanes lanes() {
        return lanes;
    }

    NanoClock clock() {
        return clock;
    }

    long now() {
        return now;
    }

    long updateNow() {
        now = clock.nanoTime();
        return now;
    }

    Timers timers() {
        return timers;
    }

    Callbacks callbacks() {
        return callbacks;
    }

    ArrayDeque<Immediate> immediates() {
        return immediates;
    }

    Hooks idle() {
        return idle;
    }

    Hooks prepare() {
        return prepare;
    }

    Hooks check() {
        return check;
    }

    void onBeforeExit(Task task) {
        beforeExit.add(task);
    }

    void onExit(Task task) {
        exit.add(task);
    }

    Engine engine() {
        return engine;
    }

    /** What a reactor tells of itself. */
    Inspector inspector() {
        return new Inspector(this, operations, meter);
    }

    Inbox inbox() {
        return inbox;
    }

    Handles handles() {
        return handles;
    }

    Thread thread() {
        return thread;
    }

    int votes() {
        return votes;
    }

    int closeCallbacks() {
        return closePhase.size();
    }

    int buffersInUse() {
        return buffers.inUse();
    }

    int chunksInUse() {
        return memory.inUse();
    }

    Buffers buffers() {
        return buffers;
    }
}
