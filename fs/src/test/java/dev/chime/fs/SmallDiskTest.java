package dev.chime.fs;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.chime.reactor.EngineKind;
import dev.chime.reactor.testing.ChildJvm;
import dev.chime.reactor.testing.EngineTest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.io.TempDir;

/** Every call that writes, on a real file system that has room for so many pages. */
class SmallDiskTest {
    private static final int PAGE = 4096;

    @TempDir Path directory;

    /** Runs a command where the directory is a file system of 1 MiB that nobody else sees. */
    private List<String> prefix() {
        String script = "mount -t tmpfs -o size=1m none " + directory + " && exec \"$@\"";
        return List.of("unshare", "-Urm", "sh", "-c", script, "sh");
    }

    @EngineTest
    void spaceThatEndsAtAPage(EngineKind engine) throws Exception {
        List<String> trial = new ArrayList<>(prefix());
        trial.add("true");
        Assumptions.assumeTrue(
                ChildJvm.run(trial).equals(List.of("exit 0")), "may not mount a file system");
        List<Integer> rooms = List.of(0, 1, 2, 16, 63, 64, 65, 73, 74);
        List<String> arguments = new ArrayList<>(List.of(engine.name(), directory.toString()));
        List<String> expected = new ArrayList<>();
        for (int room : rooms) {
            arguments.add(String.valueOf(room));
            for (WritingCall call : WritingCall.values()) {
                int pages = room + (call.truncates() || call.appends() ? 1 : 0);
                boolean fits = pages * PAGE >= WritingCall.Before.CONTENT.length;
                String error = "ENOSPC: no space left on device, " + call.step(directory);
                expected.add(call + " " + room + " " + (fits ? "ok" : error));
            }
        }
        expected.add("exit 0");
        List<String> output =
                ChildJvm.run(
                        prefix(),
                        List.of("-Xmx128m", "-XX:-UsePerfData", "-ea"),
                        List.of(Fs.class),
                        SmallDiskProgram.class,
                        arguments.toArray(String[]::new));
        assertEquals(String.join("\n", expected), String.join("\n", output));
    }
}
