package dev.chime.bench;

import dev.chime.reactor.Buffer;
import dev.chime.reactor.Done;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.Task;
import dev.chime.reactor.Timer;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What the loop itself costs: operations that do nothing, ticks, immediates, timers, memory. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@State(Scope.Thread)
public class LoopBenchmark {
    private static final int MANY = 1024;

    private final Timer[] timers = new Timer[MANY];

    /** A timer for {@link #timerRefresh}. */
    @Setup
    public void timer(LoopState loop) {
        timers[0] = loop.reactor().setTimeout(1_000_000, () -> {});
        timers[0].unref();
    }

    /** To the kernel and back, alone: a system call each. */
    @Benchmark
    public void nop(LoopState loop) {
        Done done = err -> loop.came();
        loop.expect(1);
        loop.reactor().nop(done);
        loop.turn();
    }

    /** Many at once: a system call for all. */
    @Benchmark
    @OperationsPerInvocation(MANY)
    public void nops(LoopState loop) {
        Done done = err -> loop.came();
        loop.expect(MANY);
        for (int i = 0; i < MANY; i++) {
            loop.reactor().nop(done);
        }
        loop.turn();
    }

    /** Ticks. */
    @Benchmark
    @OperationsPerInvocation(MANY)
    public void ticks(LoopState loop) {
        Reactor reactor = loop.reactor();
        Task task = loop::came;
        loop.expect(MANY + 1);
        reactor.setImmediate(() -> {
            loop.came();
            for (int i = 0; i < MANY; i++) {
                reactor.nextTick(task);
            }
        });
        loop.turn();
    }

    /** Immediates, all in one turn. */
    @Benchmark
    @OperationsPerInvocation(MANY)
    public void immediates(LoopState loop) {
        Task task = loop::came;
        loop.expect(MANY);
        for (int i = 0; i < MANY; i++) {
            loop.reactor().setImmediate(task);
        }
        loop.turn();
    }

    /** Timers of many lengths that are cleared before they fire, as those of time limits are. */
    @Benchmark
    @OperationsPerInvocation(MANY)
    public void timersSetAndCleared(LoopState loop) {
        Reactor reactor = loop.reactor();
        Task task = () -> {};
        for (int i = 0; i < MANY; i++) {
            timers[i] = reactor.setTimeout(1000 + i, task);
        }
        for (int i = 0; i < MANY; i++) {
            reactor.clearTimeout(timers[i]);
        }
    }

    /** A timer that starts anew, as an idle time does with each message. */
    @Benchmark
    public Timer timerRefresh() {
        return timers[0].refresh();
    }

    /** Native memory taken and given back. */
    @Benchmark
    public int buffer(LoopState loop) {
        Buffer buffer = loop.reactor().buffer(4096);
        int length = buffer.length();
        buffer.release();
        return length;
    }
}
