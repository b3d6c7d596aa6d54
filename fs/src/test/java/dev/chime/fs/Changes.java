package dev.chime.fs;

import dev.chime.reactor.Done;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.Task;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Queue;

/**
 * Changes to files, made one after the other by Chime's own calls, and so on the simulated machine,
 * too. Names are relative to a directory.
 */
final class Changes {
    /** One change. */
    interface Change {
        void make(Fs fs, Done then);
    }

    private static final MkdirOptions PARENTS = MkdirOptions.defaults().recursive(true);

    private final Path directory;
    private final Queue<Change> changes = new ArrayDeque<>();

    private Changes(Path directory) {
        this.directory = directory;
    }

    static Changes in(Path directory) {
        return new Changes(directory);
    }

    Changes then(Change change) {
        changes.add(change);
        return this;
    }

    private Path path(String name) {
        return directory.resolve(name);
    }

    /** Makes a folder, and those above it. */
    Changes folder(String name) {
        return then((fs, then) -> fs.mkdir(path(name), PARENTS, (err, first) -> then.call(err)));
    }

    /** Makes an empty file, or empties one. */
    Changes file(String name) {
        return file(Path.of(name));
    }

    Changes file(Path name) {
        return then((fs, then) -> fs.writeFile(directory.resolve(name), "", then));
    }

    /** Writes a byte: one change of the content. */
    Changes write(String name) {
        return then((fs, then) ->
                fs.open(
                        path(name),
                        "r+",
                        (err, file) -> file.write("x", 0, (failed, n) -> file.close(then))));
    }

    Changes move(String from, String to) {
        return then((fs, then) -> fs.rename(path(from), path(to), then));
    }

    Changes remove(String name) {
        return then((fs, then) -> fs.unlink(path(name), then));
    }

    Changes removeFolder(String name) {
        return then((fs, then) -> fs.rmdir(path(name), then));
    }

    Changes link(String target, String name) {
        return then((fs, then) -> fs.symlink(Path.of(target), path(name), then));
    }

    /** Sets both times. */
    Changes times(String name) {
        Instant time = Instant.EPOCH;
        return then((fs, then) -> fs.utimes(path(name), time, time, then));
    }

    /** Starts with the first; {@code end} runs behind the last. */
    void run(Reactor on, Task end) throws Exception {
        next(Fs.of(on), end);
    }

    void run(Reactor on) throws Exception {
        run(on, () -> {});
    }

    private void next(Fs fs, Task end) throws Exception {
        Change change = changes.poll();
        if (change == null) {
            end.run();
            return;
        }
        change.make(
                fs,
                err -> {
                    if (err != null) {
                        throw new AssertionError(err.getMessage(), err);
                    }
                    next(fs, end);
                });
    }
}
