package dev.chime.fs;

import dev.chime.reactor.Done;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.internal.Core;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A directory for a time: {@link Fs#mkdtempDisposable} makes it, {@link #close} removes it with all
 * that is in it. One that is not closed stays, also when the reactor ends. Loop thread only.
 */
public final class TempDirectory {
    private static final RmOptions ALL = RmOptions.defaults().recursive(true).force(true);

    private final Core core;
    private final Path path;
    private final List<Done> waiting = new ArrayList<>(1);
    private boolean removed;

    TempDirectory(Core core, Path made) {
        this.core = core;
        path = made.toAbsolutePath(); // as it was called then, wherever the program works later
    }

    /** The directory's absolute path. */
    public Path path() {
        return path;
    }

    /**
     * Removes the directory and everything in it; that it is gone already is no error. Errors: of
     * {@link Fs#rm}; then the next close tries again. Who closes while a close is under way hears
     * its outcome.
     */
    public void close(Done callback) {
        core.checkThread("TempDirectory.close");
        Arguments.callback(callback);
        if (removed) {
            core.reactor().nextTick(() -> callback.call(null));
            return;
        }
        waiting.add(callback);
        if (waiting.size() == 1) {
            new Rm(core, path, ALL, this::removed).start();
        }
    }

    private void removed(@Nullable ReactorException err) {
        removed = err == null;
        List<Done> told = List.copyOf(waiting);
        waiting.clear();
        told.forEach(each -> core.call(each, err));
    }

    @Override
    public String toString() {
        return "TempDirectory[" + path + (removed ? ", removed]" : "]");
    }
}
