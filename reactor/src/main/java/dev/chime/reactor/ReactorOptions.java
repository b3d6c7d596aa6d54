package dev.chime.reactor;

import dev.chime.reactor.engine.SlabPool;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * How a reactor is set up.
 *
 * @param engine which engine performs the operations
 * @param sqEntries submission queue entries, 1 to 32768, a power of two; fewer mean more system
 *     calls, never a failure
 * @param cqEntries completion queue entries, at least twice {@code sqEntries}, a power of two
 * @param workers threads for what may block on storage where there is no ring, at least 1
 * @param busyPoll how long the loop spins before it sleeps; zero, the default, never spins. A core
 *     is busy meanwhile
 * @param lanes bounds for blocking work and look-ups
 * @param shutdownDeadline how long the end of the loop waits for operations that cannot be
 *     cancelled
 * @param clock by which timers run; what the kernel waits for passes in real time
 * @param stallThreshold how long the loop may be busy between two looks at the kernel before the
 *     watchdog logs its stack; zero watches nothing. By default {@code -Dchime.stallMillis}, or a
 *     second
 * @param maxNativeBytes how much native memory a reactor maps for buffers at the most, 4 MiB or
 *     more; by default as much as the heap may grow to, but at least 64 MiB. Not counted are the
 *     ring's queues and receive buffers (4.5 MiB) and about 1 KiB for each operation in flight. At
 *     the limit calls get ENOMEM, {@link Reactor#buffer} throws, receives wait until buffers are
 *     released
 */
public record ReactorOptions(
        EngineKind engine,
        int sqEntries,
        int cqEntries,
        int workers,
        LaneOptions lanes,
        Duration busyPoll,
        Duration shutdownDeadline,
        NanoClock clock,
        Duration stallThreshold,
        long maxNativeBytes) {

    private static final int MAX_ENTRIES = 1 << 15;

    /** Checks every value. */
    public ReactorOptions {
        Objects.requireNonNull(engine, "engine");
        Objects.requireNonNull(clock, "clock");
        clock = Machine.clockFor(engine, clock);
        Objects.requireNonNull(lanes, "lanes");
        checkEntries("sqEntries", sqEntries, 1, MAX_ENTRIES);
        checkEntries("cqEntries", cqEntries, 2 * sqEntries, 2 * MAX_ENTRIES);
        if (workers < 1 || workers > 1024) {
            throw new IllegalArgumentException("workers is " + workers + ": use 1 to 1024");
        }
        if (busyPoll.isNegative()) {
            throw new IllegalArgumentException("busyPoll is negative: " + busyPoll);
        }
        if (shutdownDeadline.isNegative()) {
            throw new IllegalArgumentException("shutdownDeadline is negative");
        }
        if (stallThreshold.isNegative()) {
            throw new IllegalArgumentException("stallThreshold is negative: " + stallThreshold);
        }
        if (maxNativeBytes < SlabPool.LEAST_LIMIT_BYTES) {
            throw new IllegalArgumentException(
                    "maxNativeBytes is "
                            + maxNativeBytes
                            + ": use "
                            + SlabPool.LEAST_LIMIT_BYTES
                            + " or more");
        }
    }

    private static void checkEntries(String name, int value, int least, int most) {
        if (value < least || value > most || Integer.bitCount(value) != 1) {
            throw new IllegalArgumentException(
                    name + " is " + value + ": use a power of two from " + least + " to " + most);
        }
    }

    /** The defaults: the engine that {@code -Dchime.engine} names, 1024 and 8192 entries. */
    public static ReactorOptions defaults() {
        return new ReactorOptions(
                Settings.ENGINE,
                Settings.SQ_ENTRIES,
                Settings.CQ_ENTRIES,
                Settings.WORKERS,
                LaneOptions.defaults(),
                Duration.ZERO,
                Duration.ofSeconds(5),
                NanoClock.SYSTEM,
                Settings.STALL_THRESHOLD,
                Settings.MAX_NATIVE_BYTES);
    }

    /**
     * The defaults, with a reactor on a simulated machine where time is virtual and the seed
     * decides everything; {@link Simulation} also has faults, power cuts and a trace.
     */
    public static ReactorOptions simulated(long seed) {
        return Simulation.seeded(seed).options();
    }

    /** These options with a reactor on a simulated machine, whose clock is the reactor's. */
    public ReactorOptions simulated(Simulation machine) {
        return on(Objects.requireNonNull(machine, "machine"));
    }

    /** These options on another machine. */
    ReactorOptions on(Machine machine) {
        Draft draft = new Draft(this);
        draft.engine = EngineKind.SIM;
        draft.clock = machine;
        return draft.finish();
    }

    /** These options with another engine. */
    public ReactorOptions engine(EngineKind other) {
        return with(draft -> draft.engine = other);
    }

    /** These options with other queue sizes. */
    public ReactorOptions entries(int submission, int completion) {
        return with(draft -> {
            draft.sqEntries = submission;
            draft.cqEntries = completion;
        });
    }

    /** These options with another number of worker threads. */
    public ReactorOptions workers(int threads) {
        return with(draft -> draft.workers = threads);
    }

    /** These options with other bounds for blocking work and look-ups. */
    public ReactorOptions lanes(LaneOptions bounds) {
        return with(draft -> draft.lanes = bounds);
    }

    /** These options with another time of spinning. */
    public ReactorOptions busyPoll(Duration spin) {
        return with(draft -> draft.busyPoll = spin);
    }

    /** These options with another patience at the end. */
    public ReactorOptions shutdownDeadline(Duration patience) {
        return with(draft -> draft.shutdownDeadline = patience);
    }

    /** These options with another clock for timers. */
    public ReactorOptions clock(NanoClock other) {
        return with(draft -> draft.clock = other);
    }

    /** These options with another length of a turn that counts as a stall; zero: none does. */
    public ReactorOptions stallThreshold(Duration longest) {
        return with(draft -> draft.stallThreshold = longest);
    }

    /** These options with another limit of native memory for buffers, in bytes. */
    public ReactorOptions maxNativeBytes(long bytes) {
        return with(draft -> draft.maxNativeBytes = bytes);
    }

    private ReactorOptions with(Consumer<Draft> change) {
        Draft draft = new Draft(this);
        change.accept(draft);
        return draft.finish();
    }

    /** A copy that can be changed: each option is named once here, not in every method. */
    private static final class Draft {
        private EngineKind engine;
        private int sqEntries;
        private int cqEntries;
        private int workers;
        private LaneOptions lanes;
        private Duration busyPoll;
        private Duration shutdownDeadline;
        private NanoClock clock;
        private Duration stallThreshold;
        private long maxNativeBytes;

        Draft(ReactorOptions from) {
            engine = from.engine;
            sqEntries = from.sqEntries;
            cqEntries = from.cqEntries;
            workers = from.workers;
            lanes = from.lanes;
            busyPoll = from.busyPoll;
            shutdownDeadline = from.shutdownDeadline;
            clock = from.clock;
            stallThreshold = from.stallThreshold;
            maxNativeBytes = from.maxNativeBytes;
        }

        ReactorOptions finish() {
            return new ReactorOptions(
                    engine,
                    sqEntries,
                    cqEntries,
                    workers,
                    lanes,
                    busyPoll,
                    shutdownDeadline,
                    clock,
                    stallThreshold,
                    maxNativeBytes);
        }
    }
}
