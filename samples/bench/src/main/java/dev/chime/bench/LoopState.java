package dev.chime.bench;

import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.ReactorOptions;
import dev.chime.reactor.RunMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** A reactor that the benchmark's own thread turns. */
@State(Scope.Thread)
public class LoopState {
    /** Which engine performs the operations. */
    @Param({"URING", "POOL"})
    public EngineKind engine;

    private Reactor reactor;
    private int left;

    /** Opens the reactor. */
    @Setup(Level.Trial)
    public void open() {
        reactor = Reactor.open(ReactorOptions.defaults().engine(engine));
    }

    /** Ends it. */
    @TearDown(Level.Trial)
    public void close() {
        reactor.close();
    }

    Reactor reactor() {
        return reactor;
    }

    /** Says how many callbacks the round waits for. */
    void expect(int callbacks) {
        left = callbacks;
    }

    /** One of them has come. */
    void came() {
        left--;
    }

    /** Turns the loop until all have. */
    void turn() {
        while (left > 0) {
            reactor.run(RunMode.ONCE);
        }
    }
}
