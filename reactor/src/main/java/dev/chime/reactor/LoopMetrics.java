package dev.chime.reactor;

import dev.chime.reactor.engine.Durations;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.HdrHistogram.Histogram;

/**
 * What a loop has done until one moment, or, from {@link #since}, between two. Immutable.
 *
 * <p>Durations are in nanoseconds of real time, but for the delays of timers, which are by {@link
 * ReactorOptions#clock}. Taken on another thread than the loop's, the figures are each right but
 * may be of moments that lie a little apart.
 */
public final class LoopMetrics {
    /** The single figures. */
    enum Figure {
        BUSY_NANOS,
        IDLE_NANOS,
        TURNS,
        STALLS,
        STALLED_NANOS,
        ENTERS,
        DEMOTIONS,
        OVERFLOWS
    }

    private final Map<Figure, Long> figures;
    private final long[] turnDurations;
    private final long[] timerDelays;
    private final Map<String, OpMetrics> operations;
    private final List<LaneMetrics> lanes;

    LoopMetrics(
            Map<Figure, Long> figures,
            long[] turnDurations,
            long[] timerDelays,
            Map<String, OpMetrics> operations,
            List<LaneMetrics> lanes) {
        this.figures = new EnumMap<>(figures);
        this.turnDurations = turnDurations;
        this.timerDelays = timerDelays;
        this.operations = Map.copyOf(operations);
        this.lanes = List.copyOf(lanes);
    }

    /**
     * What happened since {@code earlier}, which was taken from the same reactor. Only {@link
     * #lanes} are those of the later moment.
     */
    public LoopMetrics since(LoopMetrics earlier) {
        Map<Figure, Long> delta = new EnumMap<>(Figure.class);
        figures.forEach((figure, value) -> delta.put(figure, value - earlier.figure(figure)));
        Map<String, OpMetrics> operationsSince = new TreeMap<>();
        operations.forEach(
                (name, counts) -> operationsSince.put(name, counts.since(earlier.operation(name))));
        return new LoopMetrics(
                delta,
                Durations.difference(turnDurations, earlier.turnDurations),
                Durations.difference(timerDelays, earlier.timerDelays),
                operationsSince,
                lanes);
    }

    private long figure(Figure figure) {
        return figures.getOrDefault(figure, 0L);
    }

    /** Time in which the loop ran callbacks or its own code. */
    public long busyNanos() {
        return figure(Figure.BUSY_NANOS);
    }

    /**
     * Time in which the loop waited for the kernel. On the ring the call that waits also hands over
     * what was submitted, so what the kernel does with it at once counts as waiting.
     */
    public long idleNanos() {
        return figure(Figure.IDLE_NANOS);
    }

    /**
     * The busy part of the time, from 0, always waiting, to 1, never waiting: Node's event loop
     * utilization. 0 when no time has passed.
     */
    public double utilization() {
        double busy = busyNanos();
        double all = busy + idleNanos();
        return all == 0 ? 0 : busy / all;
    }

    /** Turns: looks at the kernel. */
    public long turns() {
        return figure(Figure.TURNS);
    }

    /** Turns that took {@link ReactorOptions#stallThreshold} or longer; an exact count. */
    public long stalls() {
        return figure(Figure.STALLS);
    }

    /** How long those turns took together. */
    public long stalledNanos() {
        return figure(Figure.STALLED_NANOS);
    }

    /** System calls that submit or wait. */
    public long enters() {
        return figure(Figure.ENTERS);
    }

    /** Kinds of operations that the ring turned out not to have, and that go to the pool since. */
    public long demotions() {
        return figure(Figure.DEMOTIONS);
    }

    /** How often the ring's completion queue was found full; the kernel keeps the surplus. */
    public long overflows() {
        return figure(Figure.OVERFLOWS);
    }

    /** Results delivered to the loop. */
    public long completions() {
        return operations.values().stream().mapToLong(OpMetrics::results).sum();
    }

    /** Results delivered in a turn, on average. */
    public double completionsPerTurn() {
        return turns() == 0 ? 0 : (double) completions() / turns();
    }

    /**
     * How long the loop was busy between two looks at the kernel, up to an hour, to two digits. A
     * new histogram at each call; the JAR {@code HdrHistogram} must be there.
     */
    public Histogram turnDurations() {
        return Durations.histogram(turnDurations);
    }

    /**
     * How late timers fire: in each turn the one that was due first. Up to an hour, to two digits.
     * A new histogram at each call; the JAR {@code HdrHistogram} must be there.
     */
    public Histogram loopDelays() {
        return Durations.histogram(timerDelays);
    }

    /** Counts by kind of operation; the names are io_uring's, such as {@code READ}. */
    public Map<String, OpMetrics> operations() {
        return operations;
    }

    /** Counts of one kind of operation; all 0 when there is none of that name. */
    public OpMetrics operation(String name) {
        return operations.getOrDefault(name, new OpMetrics(0, 0, 0, 0, 0));
    }

    /** The lanes that are open. */
    public List<LaneMetrics> lanes() {
        return lanes;
    }

    @Override
    public String toString() {
        return "LoopMetrics[utilization %.3f, %d turns, %d completions, %d enters, %d stalls]"
                .formatted(utilization(), turns(), completions(), enters(), stalls());
    }
}
