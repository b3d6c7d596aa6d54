package dev.chime.reactor;

import dev.chime.reactor.engine.Durations;
import dev.chime.reactor.jfr.Flight;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Where a loop's time goes. Between two looks at the kernel the loop is busy: that stretch is a
 * turn's duration. The loop's thread writes, any thread reads.
 *
 * <p>Costs next to nothing: most of the times are those that the turn has read anyway.
 */
final class Meter {
    /** A time that is not now: the loop does not do that. */
    static final long NEVER = 0;

    private final Durations turnDurations = new Durations();
    private final Durations timerDelays = new Durations();

    /** Since when it is busy; the watchdog's progress word. */
    private final AtomicLong busySince = new AtomicLong(NEVER);

    private final AtomicLong waitingSince = new AtomicLong(NEVER);
    private final Thread thread;
    private final long stallNanos;
    private Watchdog.@Nullable Watched watched;
    private long busyNanos;
    private long idleNanos;
    private long turns;
    private long stalls;
    private long stalledNanos;
    private boolean resumedEarly;

    /** Turns of {@code stallThreshold} or longer are stalls; zero: none is. */
    Meter(Thread thread, Duration stallThreshold) {
        this.thread = thread;
        stallNanos = stallThreshold.isZero() ? Long.MAX_VALUE : nanos(stallThreshold);
    }

    private static long nanos(Duration duration) {
        try {
            return duration.toNanos();
        } catch (ArithmeticException e) {
            return Long.MAX_VALUE; // 292 years serve as never
        }
    }

    /** The time to give the other methods: never {@link #NEVER}. */
    static long time() {
        return System.nanoTime() | 1;
    }

    /** The loop begins to turn; does nothing when it has begun. */
    void begins() {
        if (busySince.getPlain() == NEVER) {
            busySince.setRelease(time());
        }
        if (watched == null && stallNanos < Long.MAX_VALUE) {
            watched = new Watchdog.Watched(thread, this, stallNanos);
            Watchdog.watch(watched);
        }
    }

    /** The loop's run is over: what comes is not its time. */
    void ends() {
        if (busySince.getPlain() != NEVER) {
            endStretch(time());
        }
        busySince.setRelease(NEVER);
        waitingSince.setRelease(NEVER);
    }

    /** The reactor ends: nobody watches it any more. */
    void closes() {
        if (watched != null) {
            Watchdog.forget(watched);
            watched = null;
        }
    }

    /** The loop goes to wait for the kernel. */
    void waits(long now) {
        endStretch(now);
        busySince.setRelease(NEVER);
        waitingSince.setRelease(now);
    }

    /** It has found nothing to do and waits on. */
    void waitsOn(long now) {
        busySince.setRelease(NEVER);
        waitingSince.setRelease(now);
        resumedEarly = false;
    }

    /** It has looked at the kernel before the turn's own look is over. */
    void resumesEarly(long now) {
        resumes(now);
        resumedEarly = true;
    }

    /** It has looked at the kernel, with or without waiting: another stretch begins. */
    void looked(long now) {
        turns++;
        if (resumedEarly) {
            resumedEarly = false;
        } else {
            resumes(now);
        }
    }

    private void resumes(long now) {
        long waited = waitingSince.getPlain();
        if (waited == NEVER) {
            endStretch(now);
        } else {
            idleNanos += now - waited;
            waitingSince.setRelease(NEVER);
        }
        busySince.setRelease(now);
    }

    private void endStretch(long now) {
        long since = busySince.getPlain();
        long nanos = now - since;
        busyNanos += nanos;
        turnDurations.record(nanos);
        if (nanos >= stallNanos) {
            stalled(since, nanos);
        }
    }

    private void stalled(long since, long nanos) {
        stalls++;
        stalledNanos += nanos;
        Log.LOG.warn("the loop of {} goes on: it was busy for {} ms", thread, nanos / 1_000_000);
        Flight.stalled(nanos, watched != null && watched.hasReported(since));
    }

    /** The earliest timer of a turn fires so much too late. */
    void timerFires(long delayNanos) {
        timerDelays.record(delayNanos);
    }

    // ---- any thread

    /**
     * Since when the loop is busy, by {@link #time}, or {@link #NEVER}: it waits, or is not run.
     */
    long busySince() {
        return busySince.getAcquire();
    }

    /** Time waited for the kernel, with the wait under way. */
    long idleNanos() {
        long since;
        long idle;
        do {
            since = waitingSince.getAcquire();
            idle = idleNanos;
        } while (since != waitingSince.getAcquire());
        return since == NEVER ? idle : idle + Math.max(0, time() - since);
    }

    /** Time busy, with the stretch under way. */
    long busyNanos() {
        long since;
        long busy;
        do {
            since = busySince.getAcquire();
            busy = busyNanos;
        } while (since != busySince.getAcquire());
        return since == NEVER ? busy : busy + Math.max(0, time() - since);
    }

    long turns() {
        return turns;
    }

    long stalls() {
        return stalls;
    }

    long stalledNanos() {
        return stalledNanos;
    }

    Durations turnDurations() {
        return turnDurations;
    }

    Durations timerDelays() {
        return timerDelays;
    }
}
