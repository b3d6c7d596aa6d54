package dev.chime.reactor;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/** The lanes of a reactor, opened when first used, and the calls that are on them. */
final class Lanes {
    private static final int LOOKUP_THREADS = 4;
    private static final int BLOCKING_THREADS = 16;

    private final Loop loop;
    private final Set<BlockingCall<?>> calls = new LinkedHashSet<>();
    private @Nullable Lane lookups;
    private @Nullable Lane blocking;

    Lanes(Loop loop) {
        this.loop = loop;
    }

    /** Runs the user's own blocking work. */
    <T extends @Nullable Object> Operation blocking(Callable<T> work, Callback<T> callback) {
        Lane lane = blocking;
        if (lane == null) {
            lane = new Lane("blocking", BLOCKING_THREADS);
            blocking = lane;
        }
        return start(lane, work, callback);
    }

    /** Looks a name up. */
    <T extends @Nullable Object> Operation lookup(Callable<T> work, Callback<T> callback) {
        Lane lane = lookups;
        if (lane == null) {
            lane = new Lane("lookup", LOOKUP_THREADS);
            lookups = lane;
        }
        return start(lane, work, callback);
    }

    private <T extends @Nullable Object> Operation start(
            Lane lane, Callable<T> work, Callback<T> callback) {
        BlockingCall<T> call = new BlockingCall<>(loop, this, lane, work, callback);
        calls.add(call);
        loop.engine().outside(1);
        loop.ref();
        if (loop.isEnding()) {
            loop.beforeEnter(call::abandon);
        } else {
            lane.execute(call);
        }
        return call;
    }

    /** A call is about to call back. */
    void ended(BlockingCall<?> call) {
        if (calls.remove(call)) {
            loop.engine().outside(-1);
            loop.unref();
        }
    }

    /** Calls back with ECANCELED for everything that is on a lane. */
    void abandonAll() {
        List<BlockingCall<?>> pending = new ArrayList<>(calls);
        pending.forEach(BlockingCall::abandon);
    }

    /** The lanes that were opened; any thread. */
    List<LaneMetrics> metrics() {
        List<LaneMetrics> open = new ArrayList<>(2);
        if (lookups != null) {
            open.add(lookups.metrics());
        }
        if (blocking != null) {
            open.add(blocking.metrics());
        }
        return open;
    }

    /** Calls that have not called back. */
    Set<BlockingCall<?>> calls() {
        return calls;
    }

    void close() {
        if (lookups != null) {
            lookups.close();
        }
        if (blocking != null) {
            blocking.close();
        }
    }
}
