package dev.chime.reactor;

import dev.chime.reactor.engine.Engine;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The lanes of a reactor, which have threads only while there is work, and the calls on them.
 *
 * <p>The user's work runs on virtual threads: most of it waits. Look-ups have platform threads,
 * because they wait inside the C library, where a virtual thread would keep its carrier.
 */
final class Lanes {
    private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final long JOIN_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Loop loop;
    private final Set<BlockingCall<?>> calls = new LinkedHashSet<>();
    private final Lane blocking;
    private final Lane lookups;

    Lanes(Loop loop, LaneOptions options) {
        this.loop = loop;
        blocking =
                new Lane(
                        "blocking",
                        options.blockingThreads(),
                        options.blockingQueue(),
                        Thread.ofVirtual().name("chime-blocking-", 0).factory(),
                        0);
        lookups =
                new Lane(
                        "lookup",
                        options.lookupThreads(),
                        options.lookupQueue(),
                        Thread.ofPlatform().daemon().name("chime-lookup-", 0).factory(),
                        IDLE_NANOS);
    }

    /** Runs the user's own blocking work. */
    <T extends @Nullable Object> Operation blocking(Callable<T> work, Callback<T> callback) {
        return start(blocking, work, callback);
    }

    /** Looks a name up. */
    <T extends @Nullable Object> Operation lookup(Callable<T> work, Callback<T> callback) {
        return start(lookups, work, callback);
    }

    private <T extends @Nullable Object> Operation start(
            Lane lane, Callable<T> work, Callback<T> callback) {
        BlockingCall<T> call = new BlockingCall<>(loop, this, lane, work, callback);
        calls.add(call);
        loop.engine().outside(1);
        loop.ref();
        if (loop.isEnding()) {
            loop.beforeEnter(call::abandon);
            return call;
        }
        ReactorException refusal = lane.execute(call);
        if (refusal != null) {
            // Not by a tick: who tries again at once must not starve the loop.
            loop.beforeEnter(() -> call.fail(refusal));
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

    /** Calls that have not called back. */
    int pending() {
        return calls.size();
    }

    /** Calls back with ECANCELED for everything that is on a lane, and interrupts what runs. */
    void abandonAll() {
        List<BlockingCall<?>> pending = new ArrayList<>(calls);
        pending.forEach(BlockingCall::abandon);
        blocking.interrupt();
        lookups.interrupt();
    }

    /** Calls that have not called back. */
    Set<BlockingCall<?>> calls() {
        return calls;
    }

    /** Waits for the lanes' threads, a second at the most; how many go on all the same. */
    int join() {
        long deadline = System.nanoTime() + JOIN_NANOS;
        return blocking.join(deadline) + lookups.join(deadline);
    }

    List<LaneMetrics> metrics(Engine engine) {
        return List.of(
                blocking.metrics(),
                lookups.metrics(),
                new LaneMetrics("file", Integer.MAX_VALUE, 0, engine.workerCounts()));
    }
}
