package dev.chime.reactor;

import dev.chime.reactor.engine.Chunk;
import dev.chime.reactor.engine.Completion;
import dev.chime.reactor.engine.Engine;
import dev.chime.reactor.engine.Fd;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.OpSlots;
import dev.chime.reactor.engine.SlabPool;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.engine.SlotQueue;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.libc.ErrnoCode;
import dev.chime.reactor.libc.Libc;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The turning loop behind a {@link Reactor}: phases, liveness, wake-up and the end. */
final class Loop extends Core {
    private static final Logger LOG = LoggerFactory.getLogger(Reactor.class);

    /** Completions delivered in one turn before timers and tasks get theirs. */
    static final int DRAIN_BUDGET_OPS = 256;

    private static final int LOOKUP_THREADS = 4;
    private static final int BLOCKING_THREADS = 16;

    /** Whether a poster must wake the loop. */
    private static final int RUNNING = 0;

    private static final int SLEEPING = 1;
    private static final int NOTIFIED = 2;

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
    private final boolean poison = Settings.poison();
    private final SlabPool memory = new SlabPool(libc, poison);
    private final Buffers buffers = new Buffers(poison);
    private final Engine engine;
    private final Mailbox mailbox = new Mailbox();
    private final AtomicInteger sleep = new AtomicInteger(RUNNING);
    private final AtomicInteger wakers = new AtomicInteger();
    private final SlotQueue refused = new SlotQueue();
    private final TaskQueue beforeEnter = new TaskQueue();
    private final TaskQueue closePhase = new TaskQueue();
    private final Set<Handle> handles = new LinkedHashSet<>();
    private final Set<BlockingCall<?>> blockingCalls = new LinkedHashSet<>();
    private final Set<Fd> descriptors = new LinkedHashSet<>();
    private @Nullable Lane lookups;
    private @Nullable Lane blocking;
    private @Nullable UncaughtHandler uncaught;
    private @Nullable Throwable failure;
    private Phase phase = Phase.RUNNING;
    private volatile boolean closed;
    private boolean stopping;
    private int votes;
    private int inFlight;

    Loop(Reactor reactor, ReactorOptions options) {
        this.reactor = reactor;
        this.options = options;
        if (thread.isVirtual()) {
            libc.close();
            throw new IllegalStateException(
                    "a reactor needs a platform thread: io_uring knows its user by the OS thread;"
                            + " use Thread.ofPlatform()");
        }
        try {
            engine =
                    EngineChoice.open(
                            options,
                            new EngineChoice.Parts(libc, slots, memory, this::deliver));
        } catch (RuntimeException e) {
            slots.close();
            memory.close();
            libc.close();
            throw e;
        }
    }

    // ---- the turn

    void run(Reactor.Main main) {
        try {
            try {
                main.start(reactor);
            } catch (Throwable t) {
                uncaught(t);
            }
            checkpoint();
            while (!stopping && isAlive()) {
                turn();
            }
        } finally {
            end();
        }
        rethrow();
    }

    private boolean isAlive() {
        return votes > 0 || reactor.timers().referenced() > 0 || !mailbox.isEmpty();
    }

    private void turn() {
        runTimers();
        runMailbox();
        if (stopping) {
            return;
        }
        runAll(beforeEnter);
        enter(isAlive() && isIdle());
        drain(DRAIN_BUDGET_OPS);
        runImmediates();
        runAll(closePhase);
    }

    private boolean isIdle() {
        return reactor.immediates().isEmpty()
                && beforeEnter.isEmpty()
                && closePhase.isEmpty()
                && refused.isEmpty()
                && mailbox.isEmpty();
    }

    private void runTimers() {
        Timers timers = reactor.timers();
        if (timers.nextDeadline() == Engine.FOREVER) {
            return;
        }
        long now = System.nanoTime();
        long mark = timers.mark();
        for (Timer due = timers.takeDue(now, mark);
                due != null && !stopping;
                due = timers.takeDue(now, mark)) {
            long started = due.repeats ? System.nanoTime() : 0;
            call(due.task);
            if (due.repeats && !due.isCleared() && !due.isActive()) {
                timers.add(due, started);
            }
        }
    }

    private void runMailbox() {
        if (mailbox.isEmpty()) {
            return;
        }
        Object mark = mailbox.mark();
        while (!mailbox.reached(mark) && !stopping) {
            Runnable task = mailbox.take();
            if (task == null) {
                return; // its sender is about to link it in; next turn
            }
            call(task::run);
        }
    }

    private void enter(boolean wait) {
        if (!wait) {
            engine.enter(false, 0);
            return;
        }
        long deadline = reactor.timers().nextDeadline();
        if (!options.busyPoll().isZero() && spin(deadline)) {
            return;
        }
        sleep.set(SLEEPING);
        // A task added before the line above found us running: look again before sleeping.
        engine.enter(mailbox.isEmpty(), deadline);
        sleep.set(RUNNING);
    }

    /** Looks for work without sleeping; true when there is some. */
    private boolean spin(long deadline) {
        long end = Math.min(deadline, System.nanoTime() + options.busyPoll().toNanos());
        do {
            engine.enter(false, 0);
            if (drain(DRAIN_BUDGET_OPS) > 0 || !mailbox.isEmpty()) {
                return true;
            }
            Thread.onSpinWait();
        } while (System.nanoTime() < end);
        return false;
    }

    private int drain(int budget) {
        int delivered = 0;
        for (int n = refused.size(); n > 0; n--) {
            Slot slot = refused.remove();
            deliver(slot, slot.result, false);
            delivered++;
        }
        return delivered + engine.drain(budget);
    }

    private void runImmediates() {
        for (int n = reactor.immediates().size(); n > 0 && !stopping; n--) {
            Immediate immediate = reactor.immediates().poll();
            Task task = immediate == null ? null : immediate.take();
            if (task != null) {
                call(task);
            }
        }
    }

    /** Runs what is queued now; what is added meanwhile waits for the next time. */
    private void runAll(TaskQueue queue) {
        for (int n = queue.size(); n > 0; n--) {
            Task task = queue.take();
            if (task != null) {
                call(task);
            }
        }
    }

    // ---- callbacks

    private void deliver(Slot slot, int result, boolean more) {
        Fd owner = slot.owner;
        if (!more) {
            slot.move(Slot.State.IN_FLIGHT, Slot.State.DONE);
            inFlight--;
            if (slot.keepsAlive) {
                votes--;
            }
            if (owner != null) {
                owner.remove(slot);
            }
        }
        try {
            slot.completion().complete(slot, result, more);
        } catch (Throwable t) {
            uncaught(t);
        }
        if (!more) {
            slots.release(slot);
            if (owner != null && owner.state() == Fd.State.CLOSING && owner.inFlight() == 0) {
                submitClose(owner);
            }
        }
        checkpoint();
    }

    @Override
    public void call(Task task) {
        try {
            task.run();
        } catch (Throwable t) {
            uncaught(t);
        }
        checkpoint();
    }

    @Override
    public <T extends @Nullable Object> void call(
            Callback<T> callback, @Nullable ReactorException err, T value) {
        try {
            callback.call(err, value);
        } catch (Throwable t) {
            uncaught(t);
        }
        checkpoint();
    }

    @Override
    public void call(Done done, @Nullable ReactorException err) {
        try {
            done.call(err);
        } catch (Throwable t) {
            uncaught(t);
        }
        checkpoint();
    }

    /** All ticks, then all microtasks, until both are empty. */
    private void checkpoint() {
        TaskQueue ticks = reactor.ticks();
        TaskQueue microtasks = reactor.microtasks();
        while (!ticks.isEmpty() || !microtasks.isEmpty()) {
            drain(ticks);
            drain(microtasks);
        }
    }

    private void drain(TaskQueue tasks) {
        for (Task task = tasks.take(); task != null; task = tasks.take()) {
            try {
                task.run();
            } catch (Throwable t) {
                uncaught(t);
            }
        }
    }

    @SuppressWarnings("ReferenceEquality") // the same throwable, not an equal one
    private void uncaught(Throwable thrown) {
        UncaughtHandler handler = uncaught;
        if (handler != null && phase == Phase.RUNNING) {
            try {
                handler.uncaught(thrown);
                return;
            } catch (Throwable fromHandler) {
                if (fromHandler != thrown) {
                    fromHandler.addSuppressed(thrown);
                }
                fail(fromHandler);
                return;
            }
        }
        fail(thrown);
    }

    @SuppressWarnings("ReferenceEquality") // the same throwable, not an equal one
    private void fail(Throwable thrown) {
        LOG.error("a callback threw, and there is no uncaught handler: stopping", thrown);
        Throwable first = failure;
        if (first == null) {
            failure = thrown;
        } else if (first != thrown) {
            first.addSuppressed(thrown);
        }
        stopping = true;
    }

    private void rethrow() {
        switch (failure) {
            case null -> {}
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            case Throwable e -> throw new IllegalStateException("a callback threw " + e, e);
        }
    }

    void onUncaught(@Nullable UncaughtHandler handler) {
        uncaught = handler;
    }

    void stop() {
        stopping = true;
    }

    // ---- the end

    private void end() {
        phase = Phase.CANCELLING;
        stopping = false;
        List<Handle> open = new ArrayList<>(handles);
        open.forEach(Handle::shutdown);
        List<BlockingCall<?>> calls = new ArrayList<>(blockingCalls);
        calls.forEach(BlockingCall::abandon);
        long deadline = System.nanoTime() + options.shutdownDeadline().toNanos();
        slots.forEachPending(
                slot -> {
                    // A close that is cancelled would leak its descriptor.
                    if (slot.op().cancelable()) {
                        engine.cancel(slot);
                    }
                });
        finishAll(deadline);
        closeMailbox();
        finishAll(deadline); // what the last tasks have asked for
        if (inFlight > 0) {
            // The kernel may still write into our memory: leaking it is the lesser evil.
            LOG.warn(
                    "{} operations did not end within {}: their memory is leaked on purpose: {}",
                    inFlight,
                    options.shutdownDeadline(),
                    slots.dump());
            closeLanes();
            phase = Phase.CLOSED;
            return;
        }
        for (Fd fd : descriptors) {
            LOG.debug("closing {} that the program left open", fd);
            libc.close(fd.number());
        }
        descriptors.clear();
        closeLanes();
        int lent = engine.lentChunks();
        engine.close();
        checkMemory(lent);
        slots.close();
        memory.close();
        libc.close();
        phase = Phase.CLOSED;
    }

    /** Brings everything in flight to its end, until the deadline. */
    private void finishAll(long deadline) {
        while (inFlight > 0 || !closePhase.isEmpty() || !beforeEnter.isEmpty()) {
            runAll(beforeEnter);
            engine.enter(inFlight > 0 && closePhase.isEmpty() && refused.isEmpty(), deadline);
            drain(Integer.MAX_VALUE);
            runAll(closePhase);
            if (inFlight > 0 && System.nanoTime() >= deadline) {
                break;
            }
        }
    }

    /** In poison mode memory that nobody has given back fails the run: so tests find leaks. */
    private void checkMemory(int lent) {
        int chunks = memory.inUse() + lent;
        if (poison && failure == null && (chunks > 0 || buffers.inUse() > 0)) {
            failure =
                    new AssertionError(
                            "the reactor ended with %d buffers and %d chunks in use: a release() is missing"
                                    .formatted(buffers.inUse(), chunks));
        }
    }

    /** Refuses further tasks, runs those that were added before, lets the last waker leave. */
    private void closeMailbox() {
        mailbox.close();
        while (!mailbox.isEmpty()) {
            Runnable task = mailbox.take();
            if (task == null) {
                Thread.onSpinWait(); // its sender is about to link it in, and others behind it
            } else {
                call(task::run);
            }
        }
        closed = true;
        while (wakers.get() > 0) {
            Thread.onSpinWait();
        }
    }

    private void closeLanes() {
        if (lookups != null) {
            lookups.close();
        }
        if (blocking != null) {
            blocking.close();
        }
    }

    // ---- other threads

    void post(Runnable task) {
        mailbox.add(task);
        if (sleep.get() == SLEEPING && sleep.compareAndSet(SLEEPING, NOTIFIED)) {
            wakers.incrementAndGet();
            try {
                if (!closed) {
                    engine.wakeup();
                }
            } finally {
                wakers.decrementAndGet();
            }
        }
    }

    // ---- for the modules

    @Override
    public Reactor reactor() {
        return reactor;
    }

    @Override
    public void checkThread(String call) {
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
        Fd owner = slot.owner;
        if (owner != null) {
            slot.fd = owner.number();
        }
        inFlight++;
        if (slot.keepsAlive) {
            votes++;
        }
        boolean refuse = owner != null && !owner.isOpen();
        if (owner != null) {
            owner.add(slot);
        }
        if (refuse || (phase != Phase.RUNNING && slot.op() != Op.CLOSE)) {
            slot.move(Slot.State.QUEUED, Slot.State.IN_FLIGHT);
            slot.result = refuse ? -ErrnoCode.EBADF : -ErrnoCode.ECANCELED;
            refused.add(slot);
            return;
        }
        engine.submit(slot);
    }

    @Override
    public Operation operation(Slot slot) {
        return new SlotOperation(this, slot, slot.generation());
    }

    /** A slot in one of its uses: a stale one cancels nothing. */
    private record SlotOperation(Loop loop, Slot slot, int generation) implements Operation {
        @Override
        public void cancel() {
            loop.checkThread("Operation.cancel");
            if (slot.generation() == generation) {
                loop.cancel(slot);
            }
        }
    }

    @Override
    public void cancel(Slot slot) {
        boolean pending =
                slot.state() == Slot.State.QUEUED || slot.state() == Slot.State.IN_FLIGHT;
        // A cancelled close would leave its descriptor open for ever.
        if (pending && slot.op() != Op.CLOSE && !isRefused(slot)) {
            engine.cancel(slot);
        }
    }

    private boolean isRefused(Slot wanted) {
        for (Slot slot = refused.first(); slot != null; slot = slot.next) {
            if (slot == wanted) {
                return true;
            }
        }
        return false;
    }

    @Override
    public Fd adopt(int number, Fd.Kind kind) {
        Fd fd = new Fd(number, kind);
        descriptors.add(fd);
        return fd;
    }

    @Override
    public void close(Fd fd, Completion completion) {
        fd.closing(completion);
        if (fd.inFlight() == 0) {
            submitClose(fd);
        } else {
            engine.cancelAll(fd);
        }
    }

    private void submitClose(Fd fd) {
        descriptors.remove(fd);
        Slot slot = slot(Op.CLOSE, fd.closed());
        slot.fd = fd.number();
        slot.mayBlock = fd.kind() == Fd.Kind.FILE;
        submit(slot);
    }

    @Override
    public Libc libc() {
        return libc;
    }

    @Override
    public Chunk allocate(int bytes) {
        return memory.allocate(bytes);
    }

    @Override
    public Buffer wrap(Chunk chunk, int offset, int bytes) {
        return buffers.wrap(chunk, offset, bytes);
    }

    @Override
    public long address(Buffer buffer) {
        return buffer.address();
    }

    @Override
    public void beforeEnter(Task task) {
        beforeEnter.add(task);
    }

    @Override
    public void inClosePhase(Task task) {
        ref();
        closePhase.add(
                () -> {
                    unref();
                    task.run();
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
        handles.add(handle);
        if (phase != Phase.RUNNING) {
            inClosePhase(handle::shutdown); // too late for the end's own round
        }
    }

    @Override
    public void closed(Handle handle) {
        handles.remove(handle);
    }

    <T extends @Nullable Object> Operation blocking(Callable<T> work, Callback<T> callback) {
        Lane lane = blocking;
        if (lane == null) {
            lane = new Lane("blocking", BLOCKING_THREADS);
            blocking = lane;
        }
        return start(lane, work, callback);
    }

    @Override
    public <T extends @Nullable Object> Operation lookup(
            Callable<T> work, Callback<T> callback) {
        Lane lane = lookups;
        if (lane == null) {
            lane = new Lane("lookup", LOOKUP_THREADS);
            lookups = lane;
        }
        return start(lane, work, callback);
    }

    private <T extends @Nullable Object> Operation start(
            Lane lane, Callable<T> work, Callback<T> callback) {
        BlockingCall<T> call = new BlockingCall<>(reactor, lane, work, callback);
        blockingCalls.add(call);
        ref();
        if (phase == Phase.RUNNING) {
            lane.execute(call);
        } else {
            beforeEnter(call::abandon);
        }
        return call;
    }

    void ended(BlockingCall<?> call) {
        if (blockingCalls.remove(call)) {
            unref();
        }
    }

    Engine engine() {
        return engine;
    }

    int buffersInUse() {
        return buffers.inUse();
    }

    int chunksInUse() {
        return memory.inUse();
    }
}
