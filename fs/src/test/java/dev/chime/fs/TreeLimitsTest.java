package dev.chime.fs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.chime.reactor.EngineKind;
import dev.chime.reactor.testing.ChildJvm;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.Hoard;
import dev.chime.reactor.testing.Reactors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;

/** Walks without memory, and without descriptors: an error, nothing left open, and on they go. */
class TreeLimitsTest {
    @TempDir Path dir;

    @EngineTest
    void withoutMemory_enomem_thenAllIsWell(EngineKind engine) throws IOException {
        Path root = Trees.make(dir.resolve("root"), 5, 4);
        Path to = dir.resolve("to");
        CpOptions whole = CpOptions.defaults().recursive(true);
        RmOptions tree = RmOptions.defaults().recursive(true);
        Heard<List<Dirent>> listed = new Heard<>();
        Heard<Void> copied = new Heard<>();
        Heard<Void> removed = new Heard<>();
        Heard<List<Path>> found = new Heard<>();
        Heard<Dirent> read = new Heard<>();
        Heard<Void> then = new Heard<>();
        List<Heard<?>> all = List.of(listed, copied, removed, found, read);
        Reactors.run(
                Reactors.options(engine).maxNativeBytes(4 << 20),
                reactor -> {
                    Fs fs = Fs.of(reactor);
                    Hoard hoard = new Hoard(reactor);
                    fs.readdir(root, ReaddirOptions.defaults().recursive(true), listed);
                    fs.cp(root, to, whole, copied);
                    fs.rm(root, tree, removed);
                    fs.glob(List.of("**"), GlobOptions.defaults().cwd(root), found);
                    fs.opendir(root, (err, open) -> open.read(read));
                    boolean[] released = {false};
                    Fixtures.everyTurn(
                            reactor,
                            () -> released[0],
                            () -> {
                                boolean over = all.stream().allMatch(heard -> heard.calls > 0);
                                if (over && Fixtures.openIn(root) == 0) {
                                    released[0] = true;
                                    hoard.release();
                                    fs.cp(root, to, whole, then);
                                }
                            });
                });
        for (Heard<?> heard : all) {
            assertEquals("ENOMEM", heard.errno().code());
        }
        then.ok();
        assertEquals(Trees.of(root), Trees.of(to));
    }

    @EngineTest
    void withoutDescriptors_emfile_andRmWaitsForSome(EngineKind engine) throws Exception {
        Path root = Trees.make(dir.resolve("root"), 40, 2);
        List<String> output =
                ChildJvm.run(
                        List.of("sh", "-c", "ulimit -n 96; exec \"$@\"", "sh"),
                        List.of("-Xmx64m", "-XX:-UsePerfData"),
                        List.of(Fs.class),
                        TreeLimitsProgram.class,
                        engine.name(),
                        root.toString());
        assertEquals(List.of("readdir EMFILE", "rm EMFILE", "rm ok", "exit 0"), output);
        assertFalse(Trees.exists(root));
        assertEquals(Map.of("", "/"), Trees.of(dir));
    }
}
