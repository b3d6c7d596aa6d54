package dev.chime.fs;

import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.ReactorOptions;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What {@link TreeLimitsTest} runs in a process that may have few descriptors. */
final class TreeLimitsProgram {
    private TreeLimitsProgram() {}

    private static boolean isLoud;

    /** Arguments: engine, the tree. */
    public static void main(String[] args) throws Exception {
        EngineKind engine = EngineKind.valueOf(args[0]);
        Path root = Path.of(args[1]);
        // Classes that are loaded later would need descriptors: all of them, errors included.
        run(engine, Trees.make(root.resolveSibling("warm"), 20, 2), new ArrayList<>());
        run(engine, Path.of("/proc/self/fd"), new ArrayList<>());
        isLoud = true;
        run(engine, root, null);
    }

    private static void run(EngineKind engine, Path root, @Nullable List<FileInputStream> taken) {
        Reactor.run(
                ReactorOptions.defaults().engine(engine),
                reactor ->
                        starve(reactor, Fs.of(reactor), root, taken == null ? takeAll() : taken));
    }

    private static void starve(Reactor reactor, Fs fs, Path root, List<FileInputStream> all) {
        RmOptions tree = RmOptions.defaults().recursive(true);
        fs.readdir(
                root,
                ReaddirOptions.defaults().recursive(true),
                (err, list) -> {
                    say("readdir", err);
                    fs.rm(
                            root,
                            tree,
                            first -> {
                                say("rm", first);
                                RmOptions patient = tree.retries(500, Duration.ofMillis(1));
                                fs.rm(
                                        root,
                                        isLoud ? patient : tree.retries(1, Duration.ZERO),
                                        last -> say("rm", last));
                                reactor.setTimeout(50, () -> giveBack(all));
                            });
                });
    }

    private static void giveBack(List<FileInputStream> all) throws IOException {
        for (FileInputStream one : all) {
            one.close();
        }
    }

    private static List<FileInputStream> takeAll() {
        List<FileInputStream> all = new ArrayList<>();
        try {
            while (true) {
                all.add(new FileInputStream("/dev/null"));
            }
        } catch (IOException e) {
            return all;
        }
    }

    private static void say(String what, ReactorException err) {
        if (isLoud) {
            System.out.println(what + " " + (err == null ? "ok" : err.code()));
        }
    }
}
