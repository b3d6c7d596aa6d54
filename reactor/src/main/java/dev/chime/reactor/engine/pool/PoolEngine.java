package dev.chime.reactor.engine.pool;

import dev.chime.reactor.engine.Capabilities;
import dev.chime.reactor.engine.CompletionSink;
import dev.chime.reactor.engine.Engine;
import dev.chime.reactor.engine.EngineOptions;
import dev.chime.reactor.engine.Fd;
import dev.chime.reactor.engine.Invariant;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.OpSlots;
import dev.chime.reactor.engine.ReceiveMemory;
import dev.chime.reactor.engine.SlabPool;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.engine.SlotQueue;
import dev.chime.reactor.engine.WorkerCounts;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.ErrnoCode;
import dev.chime.reactor.libc.Libc;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The engine of plain system calls: sockets are tried at once on the loop thread and again when
 * epoll reports an edge; files go to {@link Workers}.
 *
 * <p>A wait for events ({@link Op#POLL}) of anything that epoll takes, a FIFO, a terminal, an
 * inotify descriptor, is like a socket's: no thread waits in it.
 *
 * <p>A receive or an accept that is shorter than asked for has drained its descriptor, so it waits
 * for the next edge without a further system call; after a hang-up it is tried until the end.
 */
public final class PoolEngine implements Engine {
    /** Bits of {@link Slot#engineBits}; the low bits are the ring engine's. */
    private static final int ASKED_TO_CANCEL = 1 << 8;

    private static final int READY = 1 << 9;
    private static final int WAITING = 1 << 10;
    private static final int BATCHED = 1 << 11;
    private static final int WITH_WORKERS = 1 << 12;
    private static final int CONNECTING = 1 << 13;
    private static final int FINISHED = 1 << 14;
    private static final int STARVED = 1 << 15;

    /** Datagrams received in a row: a flood of them must not keep others from their turn. */
    private static final int MESSAGES_AT_ONCE = 32;

    private static final int EVENTS =
            Const.EPOLLIN | Const.EPOLLPRI | Const.EPOLLOUT | Const.EPOLLRDHUP;
    private static final int HANG_UP = Const.EPOLLRDHUP | Const.EPOLLHUP | Const.EPOLLERR;

    /** What epoll knows of a descriptor, and who waits for it. */
    private static final class Interest {
        final @Nullable Fd owner;
        final int serial;
        final SlotQueue readers = new SlotQueue();
        final SlotQueue writers = new SlotQueue();
        final SlotQueue pollers = new SlotQueue();
        boolean hungUp;

        Interest(@Nullable Fd owner, int serial) {
            this.owner = owner;
            this.serial = serial;
        }

        /** Whether a slot with its number means the same file. */
        boolean serves(Slot slot) {
            boolean closed = owner != null && owner.state() == Fd.State.CLOSED;
            return slot.owner == owner || (slot.owner == null && !closed);
        }

        boolean remove(Slot slot) {
            return readers.remove(slot) || writers.remove(slot) || pollers.remove(slot);
        }

        /** What those who wait for it want to hear of. */
        int wanted() {
            int events = readers.isEmpty() ? 0 : Const.EPOLLIN | Const.EPOLLRDHUP;
            events |= writers.isEmpty() ? 0 : Const.EPOLLOUT;
            for (Slot slot = pollers.first(); slot != null; slot = slot.next) {
                events |= slot.flags;
            }
            return events;
        }

        boolean isIdle() {
            return readers.isEmpty() && writers.isEmpty() && pollers.isEmpty();
        }
    }

    private final Libc libc;
    private final CompletionSink sink;
    private final Poller poller;
    private final Workers workers;
    private final ReceiveMemory chunks;
    private final ReceiveMemory messages;
    private final boolean embedded;
    private final SlotQueue ready = new SlotQueue();
    private final SlotQueue finished = new SlotQueue();
    private final SlotQueue starved = new SlotQueue();
    private final SlotQueue batch = new SlotQueue();
    private final SlotQueue taken = new SlotQueue();
    private final AtomicBoolean sleeping = new AtomicBoolean();
    private @Nullable Interest[] interests = new @Nullable Interest[64];
    private int serials;
    private boolean skippedPoll;

    private PoolEngine(
            Libc libc,
            SlabPool memory,
            CompletionSink sink,
            EngineOptions options,
            boolean embedded) {
        this.libc = libc;
        this.sink = sink;
        this.embedded = embedded;
        poller = new Poller(libc);
        workers = new Workers(options.workers(), this::resultArrived);
        chunks = ReceiveMemory.ofStreams(memory);
        messages = ReceiveMemory.ofMessages(memory);
    }

    /** Opens the engine for a reactor of its own. */
    public static PoolEngine open(
            Libc libc, OpSlots slots, SlabPool memory, CompletionSink sink, EngineOptions options) {
        return new PoolEngine(libc, memory, sink, options, false);
    }

    /** Opens the engine inside another one, which polls {@link #pollFd}. */
    public static PoolEngine embedded(
            Libc libc, OpSlots slots, SlabPool memory, CompletionSink sink, EngineOptions options) {
        return new PoolEngine(libc, memory, sink, options, true);
    }

    /** Readable when there is something to drain. */
    public int pollFd() {
        return poller.fd();
    }

    /** True when {@link #drain} has something to do without waiting. */
    public boolean hasCompletions() {
        return !finished.isEmpty() || !ready.isEmpty() || workers.hasResults();
    }

    @Override
    public void submit(Slot slot) {
        if (slot.state() == Slot.State.QUEUED) {
            slot.move(Slot.State.QUEUED, Slot.State.IN_FLIGHT);
        }
        if ((slot.engineBits & ASKED_TO_CANCEL) != 0) {
            finish(slot, -ErrnoCode.ECANCELED); // while it waited for its turn in a chain
        } else if (slot.op().route() == Op.Route.WORKER && slot.mayBlock) {
            slot.engineBits |= BATCHED;
            batch.add(slot);
        } else {
            ready(slot);
        }
    }

    private void ready(Slot slot) {
        slot.engineBits = (slot.engineBits & ~WAITING) | READY;
        ready.add(slot);
    }

    @Override
    public void cancel(Slot slot) {
        int bits = slot.engineBits;
        if ((bits & (ASKED_TO_CANCEL | FINISHED)) != 0) {
            return;
        }
        slot.engineBits |= ASKED_TO_CANCEL;
        boolean withdrawn = false;
        if ((bits & READY) != 0) {
            withdrawn = ready.remove(slot);
        } else if ((bits & BATCHED) != 0) {
            withdrawn = batch.remove(slot);
        } else if ((bits & WITH_WORKERS) != 0) {
            withdrawn = workers.withdraw(slot);
        } else if ((bits & STARVED) != 0) {
            withdrawn = starved.remove(slot);
        } else if ((bits & WAITING) != 0) {
            Interest interest = interests[slot.fd];
            withdrawn = interest != null && interest.remove(slot);
            if (interest != null && interest.owner == null && interest.isIdle()) {
                // Somebody else's: what goes on there is none of our business any more.
                poller.unregister(slot.fd);
                interests[slot.fd] = null;
            }
        }
        if (withdrawn) {
            slot.engineBits &= ~(READY | BATCHED | WITH_WORKERS | WAITING | STARVED);
            finish(slot, -ErrnoCode.ECANCELED);
        }
    }

    private void finish(Slot slot, int result) {
        slot.engineBits |= FINISHED;
        slot.result = result;
        finished.add(slot);
    }

    @Override
    public void enter(long timeoutNanos) {
        handOver();
        feed();
        if (timeoutNanos > 0 || embedded) {
            sleeping.set(true);
        }
        boolean busy = hasCompletions();
        if (busy && !skippedPoll && !embedded) {
            // What is ready goes first; every other turn asks for news as well.
            skippedPoll = true;
            sleeping.set(false);
            return;
        }
        skippedPoll = false;
        int events = poller.await(busy ? 0 : timeoutNanos);
        if (!embedded) {
            sleeping.set(false);
        }
        for (int i = 0; i < events; i++) {
            long data = poller.data(i);
            if (data != Poller.WAKE) {
                edge(data, poller.events(i));
            }
        }
    }

    /** Receives that found no memory are tried again when there is some. */
    private void feed() {
        for (int n = starved.size(); n > 0; n--) {
            Slot slot = starved.remove();
            if (memoryOf(slot).hasRoom()) {
                slot.engineBits &= ~STARVED;
                ready(slot);
            } else {
                starved.add(slot);
            }
        }
    }

    private ReceiveMemory memoryOf(Slot slot) {
        return slot.op() == Op.RECVMSG ? messages : chunks;
    }

    private void handOver() {
        for (int n = batch.size(); n > 0; n--) {
            Slot slot = batch.remove();
            slot.engineBits &= ~BATCHED;
            int result = embedded ? CachedRead.UNKNOWN : CachedRead.attempt(libc, slot);
            if (result != CachedRead.UNKNOWN) {
                finish(slot, result);
            } else {
                slot.engineBits |= WITH_WORKERS;
                batch.add(slot);
            }
        }
        if (!batch.isEmpty()) {
            workers.execute(batch);
        }
    }

    private void edge(long data, int events) {
        int fd = (int) data;
        Interest interest = interests[fd];
        if (interest == null || interest.serial != (int) (data >>> 32)) {
            return; // an old descriptor's, its number used again
        }
        if ((events & HANG_UP) != 0) {
            interest.hungUp = true;
        }
        if ((events & (Const.EPOLLIN | HANG_UP)) != 0) {
            while (!interest.readers.isEmpty()) {
                ready(interest.readers.remove());
            }
        }
        if ((events & (Const.EPOLLOUT | Const.EPOLLHUP | Const.EPOLLERR)) != 0) {
            while (!interest.writers.isEmpty()) {
                ready(interest.writers.remove());
            }
        }
        for (int n = interest.pollers.size(); n > 0; n--) {
            Slot slot = interest.pollers.remove();
            if ((events & (slot.flags | Const.EPOLLERR | Const.EPOLLHUP)) != 0) {
                ready(slot);
            } else {
                interest.pollers.add(slot);
            }
        }
        if (interest.owner == null && !interest.isIdle()) {
            watchOnce(fd, interest, true);
        }
    }

    /** A descriptor of somebody else is watched for what is wanted, and for one event. */
    private int watchOnce(int fd, Interest interest, boolean known) {
        int events = interest.wanted() | Const.EPOLLONESHOT;
        long data = (long) interest.serial << 32 | fd;
        return known ? poller.change(fd, events, data) : poller.register(fd, events, data);
    }

    /** Those who wait look again. */
    private void wakeAll(Interest interest) {
        for (SlotQueue queue : List.of(interest.readers, interest.writers, interest.pollers)) {
            while (!queue.isEmpty()) {
                ready(queue.remove());
            }
        }
    }

    @Override
    public int drain(int budget) {
        if (workers.hasResults()) {
            workers.takeResults(taken);
            while (!taken.isEmpty()) {
                Slot slot = taken.remove();
                slot.engineBits |= FINISHED;
                finished.add(slot);
            }
        }
        int delivered = 0;
        for (int n = Math.min(budget, finished.size()); n > 0; n--) {
            Slot slot = finished.remove();
            sink.deliver(slot, slot.result, false);
            delivered++;
        }
        for (int n = Math.min(budget - delivered, ready.size()); n > 0 && !ready.isEmpty(); n--) {
            Slot slot = ready.remove();
            slot.engineBits &= ~READY;
            Slot following = slot.leads ? slot.linked : null;
            delivered += attempt(slot);
            if (following != null && (following.engineBits & READY) != 0 && delivered < budget) {
                n++; // a chain of sends goes out in one turn
            }
        }
        return delivered;
    }

    private int attempt(Slot slot) {
        switch (slot.op()) {
            case RECV -> {
                slot.chunk = null;
                int result = receive(slot);
                if (result == ReceiveMemory.NO_ROOM) {
                    starve(slot);
                    return 0;
                }
                return multishot(slot, result, result > 0, chunks.left() > 0);
            }
            case RECVMSG -> {
                return receiveMessages(slot);
            }
            case ACCEPT -> {
                int result = Syscalls.perform(libc, slot);
                return multishot(slot, result, result >= 0, false);
            }
            case CONNECT -> {
                return connect(slot);
            }
            default -> {}
        }
        int result = Syscalls.perform(libc, slot);
        Op.Route route = slot.op().route();
        boolean waits = route == Op.Route.WRITABLE || route == Op.Route.POLLED;
        if (result == -ErrnoCode.EAGAIN && waits) {
            await(slot);
            return 0;
        }
        sink.deliver(slot, result, false);
        return 1;
    }

    private void starve(Slot slot) {
        if ((slot.engineBits & ASKED_TO_CANCEL) != 0) {
            finish(slot, -ErrnoCode.ECANCELED);
        } else {
            slot.engineBits |= STARVED;
            starved.add(slot);
        }
    }

    /** Receives once. Without memory the end, an error, and that there is nothing, are told. */
    private int receive(Slot slot) {
        if (!chunks.hasRoom()) {
            int found = Syscalls.receive(libc, slot, slot.scratch, 1, Const.MSG_PEEK);
            return found > 0 ? ReceiveMemory.NO_ROOM : found;
        }
        int result = Syscalls.receive(libc, slot, chunks.address(), chunks.left(), 0);
        if (result > 0) {
            chunks.received(slot, result);
        }
        return result;
    }

    private int receiveMessages(Slot slot) {
        for (int delivered = 0; delivered < MESSAGES_AT_ONCE; delivered++) {
            if ((slot.engineBits & ASKED_TO_CANCEL) != 0) {
                finish(slot, -ErrnoCode.ECANCELED);
                return delivered;
            }
            slot.chunk = null;
            int result = receiveMessage(slot);
            if (result == ReceiveMemory.NO_ROOM) {
                starve(slot);
                return delivered;
            }
            if (result == -ErrnoCode.EAGAIN) {
                await(slot);
                return delivered;
            }
            sink.deliver(slot, result, result >= 0);
            if (result < 0) {
                return delivered + 1;
            }
        }
        ready(slot);
        return MESSAGES_AT_ONCE;
    }

    /** Receives one message. Without memory an error, and that there is none, are told. */
    private int receiveMessage(Slot slot) {
        if (!messages.hasRoom()) {
            long probe = slot.scratch + Slot.SCRATCH_BYTES / 2;
            int found = Syscalls.receive(libc, slot, probe, 1, Const.MSG_PEEK);
            return found >= 0 ? ReceiveMemory.NO_ROOM : found;
        }
        int result = Syscalls.receiveMessage(libc, slot, messages.address(), messages.left());
        if (result >= 0) {
            messages.received(slot, result);
        }
        return result;
    }

    private int connect(Slot slot) {
        // Asked again when there is news, connect says how it went; after a spurious edge,
        // EALREADY.
        int result = Syscalls.perform(libc, slot);
        boolean begun = (slot.engineBits & CONNECTING) != 0;
        if (result == -ErrnoCode.EINPROGRESS || (begun && result == -ErrnoCode.EALREADY)) {
            slot.engineBits |= CONNECTING;
            await(slot);
            return 0;
        }
        sink.deliver(slot, result, false);
        return 1;
    }

    private int multishot(Slot slot, int result, boolean goesOn, boolean drained) {
        if (result == -ErrnoCode.EAGAIN || result == -ErrnoCode.EINTR) {
            await(slot);
            return 0;
        }
        if (!goesOn) {
            sink.deliver(slot, result, false);
            return 1;
        }
        sink.deliver(slot, result, true);
        if ((slot.engineBits & ASKED_TO_CANCEL) != 0) {
            finish(slot, -ErrnoCode.ECANCELED);
        } else if (drained && isRegistered(slot)) {
            await(slot);
        } else {
            ready(slot);
        }
        return 1;
    }

    /** True when epoll reports edges of the descriptor and has not reported its end. */
    private boolean isRegistered(Slot slot) {
        Interest interest = slot.fd < interests.length ? interests[slot.fd] : null;
        return interest != null && interest.owner == slot.owner && !interest.hungUp;
    }

    private void await(Slot slot) {
        if ((slot.engineBits & ASKED_TO_CANCEL) != 0) {
            finish(slot, -ErrnoCode.ECANCELED);
            return;
        }
        int fd = slot.fd;
        if (fd >= interests.length) {
            interests = Arrays.copyOf(interests, Math.max(fd + 1, 2 * interests.length));
        }
        Interest interest = interests[fd];
        boolean known = interest != null && interest.serves(slot);
        if (interest == null || !known) {
            Interest before = interest;
            interest = new Interest(slot.owner, serials++ & Integer.MAX_VALUE);
            interests[fd] = interest;
            if (before != null) {
                wakeAll(before); // by number alone, which is another file's now
            }
        }
        SlotQueue queue = queueOf(interest, slot.op().route());
        queue.add(slot);
        slot.engineBits |= WAITING;
        int result = watch(fd, interest, known);
        if (result < 0) {
            queue.remove(slot);
            slot.engineBits &= ~WAITING;
            wakeAll(interest);
            interests[fd] = null;
            // Not a thing to wait for, such as a regular file: as the ring says it.
            finish(slot, result == -ErrnoCode.EPERM ? -ErrnoCode.EINVAL : result);
        }
    }

    /** Registered behind an attempt: epoll reports at once what has changed since. */
    private int watch(int fd, Interest interest, boolean known) {
        if (interest.owner == null) {
            return watchOnce(fd, interest, known);
        }
        long data = (long) interest.serial << 32 | fd;
        return known ? 0 : poller.register(fd, EVENTS, data);
    }

    private static SlotQueue queueOf(Interest interest, Op.Route route) {
        return switch (route) {
            case READABLE -> interest.readers;
            case WRITABLE -> interest.writers;
            case POLLED -> interest.pollers;
            case INLINE, WORKER -> throw new AssertionError(route + " waits for no descriptor");
        };
    }

    private void resultArrived() {
        if (sleeping.compareAndSet(true, false)) {
            poller.wake();
        }
    }

    @Override
    public void wakeup() {
        poller.wake();
    }

    @Override
    public Capabilities capabilities() {
        return new Capabilities("pool", Set.of(), List.of());
    }

    @Override
    public long enters() {
        return poller.waits();
    }

    @Override
    public String place(Slot slot) {
        int bits = slot.engineBits;
        if ((bits & FINISHED) != 0) {
            return "pool, finished";
        }
        if ((bits & WAITING) != 0) {
            return "pool, waits for epoll";
        }
        if ((bits & STARVED) != 0) {
            return "pool, waits for memory";
        }
        return (bits & WITH_WORKERS) != 0 ? "pool, with a worker" : "pool, next turn";
    }

    @Override
    public WorkerCounts workerCounts() {
        return workers.counts();
    }

    @Override
    public void close() {
        Invariant.check(
                ready.isEmpty() && starved.isEmpty() && finished.isEmpty() && batch.isEmpty(),
                "an engine is closed at zero in flight");
        workers.close();
        chunks.close();
        messages.close();
        poller.close();
    }
}
