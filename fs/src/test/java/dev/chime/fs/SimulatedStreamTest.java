package dev.chime.fs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.chime.reactor.Errno;
import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.Simulation;
import dev.chime.reactor.Simulation.Target;
import dev.chime.reactor.Simulation.When;
import dev.chime.reactor.stream.Pipeline;
import dev.chime.reactor.testing.Reactors;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Streams on a machine whose transfers are short, late, out of order, or fail. */
class SimulatedStreamTest {
    private static final Path FROM = Path.of("/from");
    private static final Path TO = Path.of("/to");
    private static final byte[] CONTENT = Fixtures.pattern(300_000);

    /** Copies a file by reads and writes, with faults; the machine afterwards. */
    private static Simulation copy(long seed, Consumer<Simulation> faults, Heard<Void> done) {
        return pipe(
                seed,
                machine -> {
                    machine.fail(Target.COPY, Errno.EXDEV, When.always());
                    faults.accept(machine);
                },
                done);
    }

    private static Simulation pipe(long seed, Consumer<Simulation> faults, Heard<Void> done) {
        Simulation simulation = Simulation.seeded(seed);
        simulation.disk().put(FROM, CONTENT);
        faults.accept(simulation);
        Reactors.run(
                simulation.options(),
                reactor -> {
                    Fs fs = Fs.of(reactor);
                    Pipeline.run(
                            fs.createReadStream(
                                    FROM, ReadStreamOptions.defaults().highWaterMark(10_000)),
                            fs.createWriteStream(TO),
                            done);
                });
        done.assertOnce();
        return simulation;
    }

    @Test
    void shortTransfers_loseAndDoubleNoByte() {
        long first = new SplittableRandom().nextLong();
        for (long seed = first; seed < first + 50; seed++) {
            Heard<Void> done = new Heard<>();
            Simulation simulation =
                    copy(
                            seed,
                            machine ->
                                    machine.shorten(Target.READ, When.chance(0.3))
                                            .shorten(Target.WRITE, When.chance(0.3)),
                            done);
            done.ok();
            assertArrayEquals(CONTENT, simulation.disk().get(TO), "seed " + seed);
        }
    }

    @Test
    void copiesThatAreShortOrFail_loseAndDoubleNoByte() {
        long first = new SplittableRandom().nextLong();
        for (long seed = first; seed < first + 50; seed++) {
            Heard<Void> done = new Heard<>();
            long nth = 1 + Math.floorMod(seed, 4);
            Simulation simulation =
                    pipe(
                            seed,
                            machine ->
                                    machine.shorten(Target.COPY, When.always())
                                            .fail(Target.COPY, Errno.EIO, When.nth(nth)),
                            done);
            done.ok();
            assertArrayEquals(CONTENT, simulation.disk().get(TO), "seed " + seed);
        }
    }

    @Test
    void aFailureOfAnyOperation_isHeardOnce_withItsStep() {
        for (Target target : List.of(Target.OPEN, Target.READ, Target.WRITE)) {
            for (long nth = 1; nth <= 2; nth++) {
                When when = When.nth(nth);
                Heard<Void> done = new Heard<>();
                copy(nth, machine -> machine.fail(target, Errno.EIO, when), done);
                ErrnoException err = done.errno();
                assertEquals(Errno.EIO, err.errno(), target + " " + nth);
                assertEquals(target.name().toLowerCase(java.util.Locale.ROOT), err.syscall());
            }
        }
    }

    @Test
    void behindAFailedWrite_noneIsBegun() {
        List<String> lines = new ArrayList<>();
        Heard<Void> done = new Heard<>();
        copy(
                1,
                machine ->
                        machine.fail(Target.WRITE, Errno.ENOSPC, When.nth(3))
                                .onOperation(lines::add),
                done);
        assertEquals("ENOSPC", done.errno().code());
        assertEquals(
                3, lines.stream().filter(line -> line.contains("WRITE")).count(), lines::toString);
    }
}
