package dev.chime.reactor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.testing.Census;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Random programs give the same on every engine. {@code -Dchime.seed} chooses where the seeds
 * start; the long run takes what {@code -Dchime.fuzz} says, as 10m or 90s.
 */
@ExtendWith(Census.class)
class DifferentialFuzzTest {
    private static final long SEED = Long.getLong("chime.seed", 1);
    private static final int ROUNDS = 120;

    @TempDir private Path base;

    @Test
    void everyEngine_seesTheSame() {
        for (long seed = SEED; seed < SEED + ROUNDS; seed++) {
            all(seed).check(program(seed));
        }
    }

    @Tag("slow")
    @Test
    void everyEngine_seesTheSame_forAsLongAsAsked() {
        String time = System.getProperty("chime.fuzz", "60s").toUpperCase(Locale.ROOT);
        long end = System.nanoTime() + Duration.parse("PT" + time).toNanos();
        for (long seed = SEED; System.nanoTime() < end; seed++) {
            all(seed).check(program(seed));
        }
    }

    /** Short ones, and now and then a long one; the seed alone names it. */
    private static FuzzProgram program(long seed) {
        return FuzzProgram.random(seed, seed % 20 == 0 ? 200 : 20 + (int) (seed % 20));
    }

    private Fuzz all(long seed) {
        List<Fuzz.Contender> contenders = new ArrayList<>(Fuzz.real());
        contenders.add(Fuzz.simulated(seed));
        return new Fuzz(base, contenders);
    }

    /** An engine that is wrong on purpose must be found, and what it takes to see it. */
    @ParameterizedTest
    @EnumSource(WrongEngine.Fault.class)
    void canary_isFoundAndShrunk(WrongEngine.Fault fault) {
        Fuzz fuzz =
                new Fuzz(
                        base,
                        List.of(
                                Fuzz.simulated(SEED),
                                new Fuzz.Contender(
                                        "wrong",
                                        path ->
                                                WrongEngine.options(
                                                        Fuzz.simulation(SEED, path), fault))));
        FuzzProgram found = null;
        for (long seed = SEED; found == null; seed++) {
            assertTrue(seed < SEED + 500, "the canary sings unheard");
            FuzzProgram program = program(seed);
            found = fuzz.difference(program).isEmpty() ? null : program;
        }
        FuzzProgram shrunk = fuzz.shrink(found);
        assertFalse(fuzz.difference(shrunk).isEmpty());
        assertTrue(shrunk.steps().size() <= fault.steps, () -> "not short: " + shrunk);
    }

    @Test
    void simulatedRun_isTheSameEachTime() {
        FuzzProgram program = FuzzProgram.random(SEED, 200);
        Simulation[] machines = {null, null};
        for (int i = 0; i < 2; i++) {
            int which = i;
            Fuzz.Contender contender =
                    new Fuzz.Contender(
                            "sim",
                            path -> {
                                machines[which] = Fuzz.simulation(SEED, path);
                                return machines[which].options();
                            });
            new Fuzz(base.resolve("same"), List.of(contender)).run(program, contender);
        }
        assertEquals(machines[0].fingerprint(), machines[1].fingerprint());
        assertEquals(machines[0].nanoTime(), machines[1].nanoTime());
    }
}
