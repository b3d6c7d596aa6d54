package dev.chime.reactor.engine.sim;

import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.engine.SlotQueue;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A simulated machine: clock, disk, network, descriptors, faults, and the random numbers that
 * decide about all of them. One engine at a time runs on it, on that engine's thread.
 */
public final class SimWorld {
    private static final long DEFAULT_LEAST_NANOS = 1_000;
    private static final long DEFAULT_MOST_NANOS = 100_000;
    private static final long MIX = 0x9E3779B97F4A7C15L;

    private final SplittableRandom random;
    private final SimFaults faults = new SimFaults();
    private final Events events = new Events();
    private final SimDisk disk;
    private final SimNetwork network;
    private final Descriptors descriptors = new Descriptors();
    private final long powerSeed;
    private volatile long now;
    private long leastNanos = DEFAULT_LEAST_NANOS;
    private long mostNanos = DEFAULT_MOST_NANOS;
    private int watchQueue = SimInotify.QUEUED_EVENTS;
    private @Nullable Consumer<SlotQueue> waker;
    private @Nullable Consumer<String> trace;
    private long fingerprint;

    /** A machine whose every choice comes from {@code seed}, with an empty disk. */
    public SimWorld(long seed) {
        this(seed, new SimDisk());
    }

    /** A machine with a disk that was used before. */
    public SimWorld(long seed, SimDisk disk) {
        random = new SplittableRandom(seed);
        powerSeed = random.nextLong();
        this.disk = disk;
        network = new SimNetwork(this);
    }

    /** The disk. */
    public SimDisk disk() {
        return disk;
    }

    /** What goes wrong. */
    public SimFaults faults() {
        return faults;
    }

    /** What is left of the disk when the power fails now; the machine itself goes on. */
    public SimDisk powerCut() {
        return disk.afterPowerCut(new SplittableRandom(powerSeed ^ now * MIX));
    }

    /** How long files and the network take, in nanoseconds, for each operation anew. */
    public void latency(long least, long most) {
        leastNanos = least;
        mostNanos = most;
    }

    /** How many events an inotify descriptor holds before it loses some. */
    public void watchQueue(int events) {
        watchQueue = events;
    }

    int watchQueue() {
        return watchQueue;
    }

    /** Hears of each result: one line each. */
    public void trace(@Nullable Consumer<String> sink) {
        trace = sink;
    }

    /** A number made of everything that happened so far. */
    public long fingerprint() {
        return fingerprint;
    }

    /** Nanoseconds since the machine was made; any thread. */
    public long now() {
        return now;
    }

    void advanceTo(long time) {
        if (time > now) {
            now = time;
        }
        disk.now(now);
        events.runDue(now);
    }

    Events events() {
        return events;
    }

    SplittableRandom random() {
        return random;
    }

    SimNetwork network() {
        return network;
    }

    Descriptors descriptors() {
        return descriptors;
    }

    /** How long the next thing takes. */
    long latency() {
        return leastNanos >= mostNanos ? leastNanos : random.nextLong(leastNanos, mostNanos + 1);
    }

    /** The moment {@code nanos} from now; far away it is never. */
    long in(long nanos) {
        long time = now + nanos;
        return time < now ? Long.MAX_VALUE - 1 : time;
    }

    void attach(Consumer<SlotQueue> wakesSlots) {
        if (waker != null) {
            throw new IllegalStateException(
                    "this simulation runs a reactor already: one at a time, or one Simulation each");
        }
        waker = wakesSlots;
    }

    /** The process ends: its descriptors close, what was under way is lost. */
    void detach() {
        waker = null;
        descriptors.closeAll();
        events.clear();
        network.clear();
    }

    /** Those that wait here have something to look at. */
    void wake(SlotQueue waiting) {
        if (waker != null && !waiting.isEmpty()) {
            waker.accept(waiting);
        }
    }

    void happened(Slot slot, int result, boolean more) {
        Op op = slot.op();
        long word = op.name().hashCode() * MIX + slot.fd;
        fingerprint = (fingerprint ^ word ^ (now * MIX)) * MIX + result;
        Consumer<String> sink = trace;
        if (sink != null) {
            String end = more ? " ..." : "";
            sink.accept(now + " " + op + " fd " + slot.fd + " = " + result + end);
        }
    }
}
