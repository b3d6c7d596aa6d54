package dev.chime.reactor.engine.sim;

import dev.chime.reactor.engine.Capabilities;
import dev.chime.reactor.engine.CompletionSink;
import dev.chime.reactor.engine.Engine;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.ReceiveMemory;
import dev.chime.reactor.engine.SlabPool;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.engine.SlotQueue;
import dev.chime.reactor.engine.sim.SimFaults.Fault;
import dev.chime.reactor.libc.ErrnoCode;
import dev.chime.reactor.libc.Libc;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The engine of a simulated machine. Waiting takes no time: the clock jumps to the next event, or
 * to the end of the wait. Only a wait for nothing at all is a real one, until {@link #wakeup}; and
 * while threads work for the reactor ({@link #outside}) the clock runs as the real one does.
 *
 * <p>Sockets are served in the order of submission, files when their time has come, in any order.
 * What a cancel finds begun, by the seed's decision, completes with its true result.
 */
public final class SimEngine implements Engine {
    /** What a turn that does not wait takes, so that a loop that never waits gets on, too. */
    private static final long TURN_NANOS = 1_000;

    /** Bits of {@link Slot#engineBits}: where a slot is. */
    private static final int PLANNED = 1;

    private static final int WAITING = 2;
    private static final int READY = 4;
    private static final int FINISHED = 8;
    private static final int SUBMITTED = 16;

    /** A cancel was asked for. */
    private static final int ASKED_TO_CANCEL = 32;

    /** The fault of the next result is chosen. */
    private static final int DECIDED = 64;

    /** The fault of the next result makes it short. */
    private static final int SHORT = 128;

    /** A connect has begun. */
    private static final int CONNECTING = 256;

    private final SimWorld world;
    private final SimKernel kernel;
    private final CompletionSink sink;
    private final ReceiveMemory receives;
    private final ReceiveMemory messages;
    private final SlotQueue submitted = new SlotQueue();
    private final SlotQueue ready = new SlotQueue();
    private final SlotQueue finished = new SlotQueue();
    private final SlotQueue starved = new SlotQueue();
    private final SlotQueue starvedOfMessages = new SlotQueue();
    private final Map<Slot, Events.Event> planned = new HashMap<>();
    private final Map<Slot, SlotQueue> waiting = new HashMap<>();
    private final Sleep sleep = new Sleep();
    private int outside;
    private long enters;

    private SimEngine(SimWorld world, SlabPool memory, CompletionSink sink) {
        this.world = world;
        this.sink = sink;
        kernel = new SimKernel(world);
        receives = ReceiveMemory.ofStreams(memory);
        messages = ReceiveMemory.ofMessages(memory);
        world.attach(this::wake);
    }

    /**
     * Starts a process on the machine.
     *
     * @throws IllegalStateException when another reactor runs there
     */
    public static SimEngine open(SimWorld world, SlabPool memory, CompletionSink sink) {
        return new SimEngine(world, memory, sink);
    }

    // ---- submitting

    @Override
    public void submit(Slot slot) {
        slot.move(Slot.State.QUEUED, Slot.State.IN_FLIGHT);
        slot.engineBits = SUBMITTED;
        submitted.add(slot);
    }

    private void admit() {
        while (!submitted.isEmpty()) {
            Slot slot = submitted.remove();
            slot.engineBits &= ~SUBMITTED;
            if (slot.op().route() == Op.Route.WORKER && slot.mayBlock) {
                plan(slot, world.latency());
            } else {
                ready(slot);
            }
        }
    }

    private void plan(Slot slot, long nanos) {
        slot.engineBits |= PLANNED;
        planned.put(
                slot,
                world.events()
                        .at(
                                world.in(nanos),
                                () -> {
                                    planned.remove(slot);
                                    slot.engineBits &= ~PLANNED;
                                    ready(slot);
                                }));
    }

    private void ready(Slot slot) {
        slot.engineBits |= READY;
        ready.add(slot);
    }

    private void wake(SlotQueue queue) {
        while (!queue.isEmpty()) {
            Slot slot = queue.remove();
            waiting.remove(slot);
            slot.engineBits &= ~WAITING;
            ready(slot);
        }
    }

    // ---- cancelling

    @Override
    public void cancel(Slot slot) {
        int bits = slot.engineBits;
        if ((bits & (ASKED_TO_CANCEL | FINISHED)) != 0) {
            return;
        }
        slot.engineBits |= ASKED_TO_CANCEL;
        boolean withdrawn = false;
        if ((bits & SUBMITTED) != 0) {
            withdrawn = submitted.remove(slot);
        } else if ((bits & WAITING) != 0) {
            SlotQueue queue = waiting.remove(slot);
            withdrawn = queue != null && queue.remove(slot);
        } else if ((bits & PLANNED) != 0) {
            withdrawn = world.random().nextBoolean();
            Events.Event event = withdrawn ? planned.remove(slot) : null;
            if (event != null) {
                world.events().cancel(event);
            }
        } else if ((bits & READY) != 0) {
            withdrawn = ready.remove(slot);
        }
        if (withdrawn) {
            slot.engineBits &= ~(SUBMITTED | WAITING | PLANNED | READY);
            finish(slot, -ErrnoCode.ECANCELED);
        }
    }

    private void finish(Slot slot, int result) {
        slot.engineBits |= FINISHED;
        slot.result = result;
        finished.add(slot);
    }

    // ---- waiting

    @Override
    public void enter(long timeoutNanos) {
        enters++;
        admit();
        if (!starved.isEmpty() && receives.hasRoom()) {
            wake(starved);
        }
        if (!starvedOfMessages.isEmpty() && messages.hasRoom()) {
            wake(starvedOfMessages);
        }
        if (timeoutNanos <= 0 || hasWork()) {
            sleep.take();
            world.advanceTo(world.now() + TURN_NANOS);
            return;
        }
        long end = timeoutNanos == FOREVER ? FOREVER : world.in(timeoutNanos);
        while (!hasWork() && world.now() < end && !sleep.take()) {
            long next = Math.min(end, world.events().next());
            if (outside > 0) {
                long slept = sleep.await(next - world.now());
                world.advanceTo(Math.min(next, world.in(slept)));
            } else if (next == FOREVER) {
                sleep.await();
            } else {
                world.advanceTo(next);
            }
        }
    }

    private boolean hasWork() {
        return !ready.isEmpty() || !finished.isEmpty();
    }

    @Override
    public void wakeup() {
        sleep.give();
    }

    @Override
    public void outside(int more) {
        outside += more;
    }

    // ---- completing

    @Override
    public int drain(int budget) {
        int delivered = 0;
        for (int n = Math.min(budget, finished.size()); n > 0; n--) {
            Slot slot = finished.remove();
            deliver(slot, slot.result, false);
            delivered++;
        }
        for (int n = Math.min(budget - delivered, ready.size()); n > 0 && !ready.isEmpty(); n--) {
            Slot slot = ready.remove();
            slot.engineBits &= ~READY;
            delivered += attempt(slot);
        }
        return delivered;
    }

    private void deliver(Slot slot, int result, boolean more) {
        world.happened(slot, result, more);
        sink.deliver(slot, result, more);
    }

    private int attempt(Slot slot) {
        if ((slot.engineBits & DECIDED) == 0) {
            slot.engineBits |= DECIDED;
            Fault fault = world.faults().next(slot.op(), world.random());
            switch (fault.kind()) {
                case ERROR -> {
                    fail(slot);
                    deliver(slot, (int) -fault.value(), false);
                    return 1;
                }
                case DELAY -> {
                    plan(slot, fault.value());
                    return 0;
                }
                case SHORT -> slot.engineBits |= SHORT;
                case NONE, LOSS, TWICE -> {} // the last two are of datagrams on their way
            }
        }
        int result = perform(slot);
        if (result == -ErrnoCode.EAGAIN && waits(slot)) {
            await(slot, kernel.waitingPlace(slot));
            return 0;
        }
        if (result == ReceiveMemory.NO_ROOM) {
            await(slot, slot.op() == Op.RECVMSG ? starvedOfMessages : starved);
            return 0;
        }
        boolean more = slot.op().multishot() && result >= (slot.op() == Op.RECV ? 1 : 0);
        slot.engineBits &= ~(DECIDED | SHORT);
        deliver(slot, result, more);
        if (more) {
            goOn(slot);
        }
        return 1;
    }

    /** What an operation that fails does all the same. */
    private void fail(Slot slot) {
        switch (slot.op()) {
            case CLOSE -> kernel.perform(slot, 0); // the number is free whatever close(2) says
            case FSYNC -> {
                SimOpen file = kernel.file(slot.fd);
                if (file != null) {
                    file.syncFailed();
                }
            }
            default -> {}
        }
    }

    private int perform(Slot slot) {
        int most = Integer.MAX_VALUE;
        if ((slot.engineBits & SHORT) != 0) {
            int whole =
                    switch (slot.op()) {
                        case RECV, RECVMSG, SENDMSG -> 64;
                        default -> slot.length;
                    };
            most = whole > 1 ? world.random().nextInt(1, whole) : Integer.MAX_VALUE;
        }
        return switch (slot.op()) {
            case RECV -> receive(slot, most);
            case RECVMSG -> receiveMessage(slot, most);
            case CONNECT -> connect(slot);
            default -> kernel.perform(slot, most);
        };
    }

    private int receive(Slot slot, int most) {
        slot.chunk = null;
        Object found = kernel.socketOf(slot.fd);
        if (!(found instanceof SimSocket socket)) {
            return found instanceof Integer errno ? errno : -ErrnoCode.EOPNOTSUPP;
        }
        if (!receives.hasRoom()) {
            return ReceiveMemory.NO_ROOM;
        }
        int result = socket.receive(receives.address(), Math.min(most, receives.left()));
        if (result > 0) {
            receives.received(slot, result);
        }
        return result;
    }

    private int receiveMessage(Slot slot, int most) {
        slot.chunk = null;
        Object found = kernel.socketOf(slot.fd);
        if (!(found instanceof SimDatagramSocket socket)) {
            return found instanceof Integer errno ? errno : -ErrnoCode.EOPNOTSUPP;
        }
        if (!messages.hasRoom()) {
            return ReceiveMemory.NO_ROOM;
        }
        int result = socket.receiveMessage(slot.address, messages.address(), messages.left(), most);
        if (result > 0) {
            messages.received(slot, result);
        }
        return result;
    }

    private int connect(Slot slot) {
        if ((slot.engineBits & CONNECTING) != 0
                && kernel.file(slot.fd) instanceof SimSocket socket) {
            return socket.connectResult();
        }
        slot.engineBits |= CONNECTING;
        return kernel.perform(slot, Integer.MAX_VALUE);
    }

    /** Whether an operation waits where a plain call would say EAGAIN. */
    private boolean waits(Slot slot) {
        SimOpen file = kernel.file(slot.fd);
        if (file == null) {
            return false;
        }
        return switch (slot.op()) {
            case READ, WRITE -> !file.isNonBlocking();
            case LOCK -> false; // somebody else's: an answer
            default -> true;
        };
    }

    private void await(Slot slot, SlotQueue queue) {
        if ((slot.engineBits & ASKED_TO_CANCEL) != 0) {
            finish(slot, -ErrnoCode.ECANCELED);
            return;
        }
        slot.engineBits |= WAITING;
        queue.add(slot);
        waiting.put(slot, queue);
    }

    private void goOn(Slot slot) {
        if ((slot.engineBits & ASKED_TO_CANCEL) != 0) {
            finish(slot, -ErrnoCode.ECANCELED);
        } else {
            ready(slot);
        }
    }

    // ---- the rest

    @Override
    public long call(Libc libc, int number, long a, long b, long c, long d, long e, long f) {
        return kernel.call(number, a, b, c, d, e);
    }

    @Override
    public Capabilities capabilities() {
        return new Capabilities("sim", Set.of(), List.of());
    }

    @Override
    public long enters() {
        return enters;
    }

    @Override
    public String place(Slot slot) {
        return "simulation";
    }

    @Override
    public void close() {
        receives.close();
        messages.close();
        world.detach();
    }
}
