package dev.chime.fs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.EngineKind;
import dev.chime.reactor.LaneMetrics;
import dev.chime.reactor.LoopMetrics;
import dev.chime.reactor.OpMetrics;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.testing.EveryEngine;
import dev.chime.reactor.testing.Reactors;
import java.nio.file.Path;
import java.util.TreeSet;
import org.junit.jupiter.api.io.TempDir;

/** How many reads of a file's stream are under way at once. */
class ReadAheadTest {
    /** More than what the loop has copied while it enters the kernel: a kernel worker does it. */
    private static final int PIECE_BYTES = 512 << 10;

    private static final int PIECES = 12;
    private static final ReadStreamOptions BIG =
            ReadStreamOptions.defaults().highWaterMark(PIECE_BYTES);

    @TempDir Path directory;

    @EveryEngine
    void twoReads_areInFlightAtOnce_andNeverMore(EngineKind engine) {
        TreeSet<Long> inFlight = new TreeSet<>();
        long[] total = new long[1];
        long[] reads = new long[1];
        Reactors.run(
                engine,
                reactor -> {
                    Fs fs = Fs.of(reactor);
                    Path path = directory.resolve("f");
                    fs.mkdir(
                            directory,
                            MkdirOptions.defaults().recursive(true),
                            (failed, made) ->
                                    fs.writeFile(
                                            path,
                                            new byte[PIECES * PIECE_BYTES],
                                            err ->
                                                    fs.createReadStream(path, BIG)
                                                            .onData(data ->
                                                                    total[0] += data.length())));
                    // What is submitted by now goes to the kernel, all of it, in one call.
                    reactor.onPrepare(() -> inFlight.add(reads(reactor).inFlight())).unref();
                    reactor.onExit(() -> {
                        reads[0] = reads(reactor).completed();
                        assertOnTheRing(engine, reactor.metrics());
                    });
                });
        assertEquals((long) PIECES * PIECE_BYTES, total[0]);
        assertEquals(2L, inFlight.last());
        assertTrue(reads[0] >= PIECES, reads[0] + " reads");
    }

    private static OpMetrics reads(Reactor reactor) {
        return reactor.metrics().operation("READ");
    }

    /** Nothing of it was done by a thread of ours, unless somebody wants it so. */
    private static void assertOnTheRing(EngineKind engine, LoopMetrics metrics) {
        if (engine == EngineKind.URING && System.getProperty("chime.deny", "").isBlank()) {
            for (LaneMetrics lane : metrics.lanes()) {
                assertEquals(0, lane.completed(), lane::toString);
            }
        }
    }
}
