package dev.chime.fs;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.chime.reactor.EngineKind;
import dev.chime.reactor.testing.ChildJvm;
import dev.chime.reactor.testing.EngineTest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;

/** Wherever space ends: writes say so and how far they came, and no file is left by the way. */
class DiskFullTest {
    private static final int WANTED = 600_000;
    private static final int OLD = 3;

    @TempDir Path directory;

    @EngineTest
    void spaceThatEndsAnywhere_isAnError_andNothingIsLeft(EngineKind engine) throws Exception {
        List<Integer> limits =
                List.of(3, 4, 4095, 4096, 200_000, 262_143, 262_144, 262_145, 599_999, 600_000);
        List<String> arguments = new ArrayList<>(List.of(engine.name(), directory.toString()));
        limits.forEach(limit -> arguments.add(limit.toString()));
        List<String> expected = new ArrayList<>();
        for (int limit : limits) {
            boolean fits = limit >= WANTED;
            String outcome = fits ? "ok" : "EFBIG: file too large, write";
            String atomic = fits ? "ok" : outcome + " '" + directory.resolve("atomic") + "'";
            expected.add(limit + " writeFile " + outcome + " " + limit);
            expected.add(limit + " atomic " + atomic + " " + (fits ? limit : OLD));
            expected.add(limit + " append " + outcome + " " + limit);
            expected.add(limit + " writev " + outcome + " " + limit);
            expected.add(limit + " at ok " + limit);
            expected.add(limit + " files ok 4");
        }
        expected.add("exit 0");
        List<String> options = List.of("-Xmx128m", "-XX:-UsePerfData", "-ea");
        assertEquals(
                String.join("\n", expected),
                String.join(
                        "\n",
                        ChildJvm.run(
                                List.of(),
                                options,
                                List.of(Fs.class),
                                DiskFullProgram.class,
                                arguments.toArray(String[]::new))));
    }
}
