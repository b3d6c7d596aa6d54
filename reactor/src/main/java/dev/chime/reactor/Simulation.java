package dev.chime.reactor;

import dev.chime.reactor.engine.Engine;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.sim.SimEngine;
import dev.chime.reactor.engine.sim.SimFaults;
import dev.chime.reactor.engine.sim.SimFaults.Fault;
import dev.chime.reactor.engine.sim.SimWorld;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A machine in memory on which a program's files, connections and timers run: the same seed, the
 * same run.
 *
 * <pre>{@code
 * Simulation simulation = Simulation.seeded(42);
 * simulation.fail(Simulation.Target.SYNC, Errno.EIO, Simulation.When.nth(2));
 * Reactor.run(simulation.options(), app::start);
 * }</pre>
 *
 * <p>Time is virtual: a wait takes none, the clock jumps to what comes next. While {@link
 * Reactor#blocking} or a name look-up is under way the clock runs as the real one does; what other
 * threads do is not simulated, and a run that depends on them is not repeatable. Files take times
 * that the seed chooses, so they complete in any order. The network is the loopback interface, with
 * TCP and UDP; the datagrams of one socket arrive in order unless they are told not to.
 *
 * <p>One reactor at a time runs on a simulation; one that comes later finds the disk as the last
 * left it. Everything here is for the loop's thread, or for any while no loop runs.
 */
public final class Simulation extends Machine {
    /** What a fault meets. */
    public enum Target {
        /** Opens of files. */
        OPEN(Op.OPENAT, Op.OPENAT2),
        /** Reads of files. */
        READ(Op.READ, Op.READV),
        /** Writes to files. */
        WRITE(Op.WRITE, Op.WRITEV),
        /** Syncs of data or all. */
        SYNC(Op.FSYNC),
        /** Questions about files. */
        STAT(Op.STATX),
        /** Renames. */
        RENAME(Op.RENAMEAT),
        /** Removals of files and directories. */
        REMOVE(Op.UNLINKAT),
        /** New directories. */
        MAKE_DIRECTORY(Op.MKDIRAT),
        /** New links of both kinds. */
        LINK(Op.LINKAT, Op.SYMLINKAT),
        /** Reads of directories. */
        LIST(Op.GETDENTS),
        /** Changes of a file's size, and space made for it. */
        RESIZE(Op.FTRUNCATE, Op.FALLOCATE),
        /** Copies from file to file in the kernel. */
        COPY(Op.COPY_FILE_RANGE, Op.CLONE),
        /** New watches of files and folders. */
        WATCH(Op.WATCH),
        /** Closes of files and sockets; the descriptor is gone whatever a close says. */
        CLOSE(Op.CLOSE),
        /** New sockets. */
        SOCKET(Op.SOCKET),
        /** Binds to addresses. */
        BIND(Op.BIND),
        /** Starts of listening. */
        LISTEN(Op.LISTEN),
        /** Each accepted connection. */
        ACCEPT(Op.ACCEPT),
        /** Connects. */
        CONNECT(Op.CONNECT),
        /** Each piece of data, or datagram, received. */
        RECEIVE(Op.RECV, Op.RECVMSG),
        /** Sends. */
        SEND(Op.SEND, Op.SENDMSG),
        /** Ends of one direction. */
        SHUTDOWN(Op.SHUTDOWN);

        private final Op first;
        private final Op second;

        Target(Op only) {
            this(only, only);
        }

        Target(Op first, Op second) {
            this.first = first;
            this.second = second;
        }

        private Set<Op> ops() {
            return EnumSet.of(first, second);
        }
    }

    /**
     * When a fault strikes.
     *
     * @param nth the one result of the target's operation, counted from 1 and from now; 0 goes by
     *     chance
     * @param probability of each result, from 0 to 1, where {@code nth} is 0
     */
    public record When(long nth, double probability) {
        /** Checks both. */
        public When {
            if (nth < 0 || !(probability >= 0 && probability <= 1)) {
                throw new IllegalArgumentException(
                        "nth is " + nth + ", probability " + probability + ": use 1.., 0 to 1");
            }
        }

        /** Each time. */
        public static When always() {
            return new When(0, 1);
        }

        /** Once: at the {@code n}th result from now, the next being 1. */
        public static When nth(long n) {
            if (n < 1) {
                throw new IllegalArgumentException("n is " + n + ": the first is 1");
            }
            return new When(n, 0);
        }

        /** Each time with a probability from 0 to 1. */
        public static When chance(double probability) {
            return new When(0, probability);
        }
    }

    private final long seed;
    private final SimWorld world;
    private final SimulatedDisk disk;

    private Simulation(long seed, SimulatedDisk disk) {
        this.seed = seed;
        this.disk = disk;
        world = new SimWorld(seed, disk.disk());
    }

    /** A machine with an empty disk. */
    public static Simulation seeded(long seed) {
        return seeded(seed, SimulatedDisk.empty());
    }

    /** A machine with a disk that was prepared, or that a {@link #powerCut} has left. */
    public static Simulation seeded(long seed, SimulatedDisk disk) {
        return new Simulation(seed, Objects.requireNonNull(disk, "disk"));
    }

    /** The defaults, with a reactor on this machine. */
    public ReactorOptions options() {
        return ReactorOptions.defaults().simulated(this);
    }

    /** What decides everything. */
    public long seed() {
        return seed;
    }

    /** The virtual time in nanoseconds since the machine was made; any thread. */
    @Override
    public long nanoTime() {
        return world.now();
    }

    // ---- faults

    /** Lets operations fail. A sync that fails loses what it should have written. */
    public Simulation fail(Target target, Errno errno, When when) {
        return add(target, new Fault(SimFaults.Kind.ERROR, errno.number()), when);
    }

    /** Lets transfers move fewer bytes than they could; of a datagram received the rest is lost. */
    public Simulation shorten(Target target, When when) {
        return add(target, new Fault(SimFaults.Kind.SHORT, 0), when);
    }

    /** Lets operations begin later, so that others overtake them. */
    public Simulation delay(Target target, Duration time, When when) {
        return add(target, new Fault(SimFaults.Kind.DELAY, time.toNanos()), when);
    }

    private Simulation add(Target target, Fault fault, When when) {
        if (when.nth() > 0) {
            world.faults().addNth(target.ops(), fault, when.nth());
        } else {
            world.faults().addRandom(target.ops(), fault, when.probability());
        }
        return this;
    }

    /** Lets datagrams get lost on their way: their sends are told that all is well. */
    public Simulation loseDatagrams(When when) {
        return onTheWay(new Fault(SimFaults.Kind.LOSS, 0), when);
    }

    /** Lets datagrams take {@code time}, so that others which were sent later overtake them. */
    public Simulation delayDatagrams(Duration time, When when) {
        return onTheWay(new Fault(SimFaults.Kind.DELAY, time.toNanos()), when);
    }

    /** Lets datagrams arrive twice. */
    public Simulation doubleDatagrams(When when) {
        return onTheWay(new Fault(SimFaults.Kind.TWICE, 0), when);
    }

    private Simulation onTheWay(Fault fault, When when) {
        world.faults().addToDatagrams(fault, when.probability(), when.nth());
        return this;
    }

    /** Takes all faults away. */
    public Simulation heal() {
        world.faults().clear();
        return this;
    }

    /**
     * Sets how long each operation on a file, and each packet, takes: from {@code least} to {@code
     * most}, by the seed. Equal times let files complete in the order of their submission.
     */
    public Simulation latency(Duration least, Duration most) {
        if (least.isNegative() || most.compareTo(least) < 0) {
            throw new IllegalArgumentException("latency from " + least + " to " + most);
        }
        world.latency(least.toNanos(), most.toNanos());
        return this;
    }

    /**
     * Sets how many events a watcher's queue holds, 16,384 at first: those that come while it is
     * full are lost, and the watcher hears of an overflow.
     */
    public Simulation watchQueue(int events) {
        if (events < 1) {
            throw new IllegalArgumentException("a queue of " + events + " events");
        }
        world.watchQueue(events);
        return this;
    }

    // ---- the disk

    /** The disk. */
    public SimulatedDisk disk() {
        return disk;
    }

    /**
     * What is left when the power fails now: all that was synced, and of everything else each page,
     * size and directory entry or not, by the seed. Directory entries are synced by a sync of the
     * directory. The run itself goes on: call {@link Reactor#stop}, and start the next one on
     * {@link #seeded(long, SimulatedDisk)}.
     */
    public SimulatedDisk powerCut() {
        return new SimulatedDisk(world.powerCut());
    }

    // ---- what happened

    /** Hears of every result, in order: time, operation, descriptor, result; null ends it. */
    public Simulation onOperation(@Nullable Consumer<String> line) {
        world.trace(line);
        return this;
    }

    /** A number made of all results so far: the same seed and program give the same. */
    public long fingerprint() {
        return world.fingerprint();
    }

    @Override
    Engine open(EngineChoice.Parts parts) {
        return SimEngine.open(world, parts.memory(), parts.sink());
    }

    @Override
    public String toString() {
        return "Simulation[seed " + seed + ", " + nanoTime() + " ns]";
    }
}
