package dev.chime.fs;

import dev.chime.reactor.Callback;
import dev.chime.reactor.Operation;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.engine.AbortReason;
import dev.chime.reactor.engine.Fd;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.libc.ErrnoCode;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Opens a directory below a {@link Root}: for the user, or to list it and those below. */
final class RootDirectory extends Beneath {
    private final Path path;
    private final OpendirOptions options;
    private final boolean recursive;
    private final @Nullable Callback<Dir> opened;
    private final @Nullable Callback<List<Dirent>> listed;
    private final List<Dirent> found = new ArrayList<>();
    private final ArrayDeque<Path> waiting = new ArrayDeque<>();
    private boolean begun;

    private RootDirectory(
            Root root,
            String step,
            Path path,
            OpendirOptions options,
            boolean recursive,
            @Nullable Callback<Dir> opened,
            @Nullable Callback<List<Dirent>> listed) {
        super(root, step);
        this.path = path;
        this.options = options;
        this.recursive = recursive;
        this.opened = opened;
        this.listed = listed;
    }

    static Operation open(Root root, Path path, OpendirOptions options, Callback<Dir> callback) {
        return new RootDirectory(root, "opendir", path, options, false, callback, null).start();
    }

    static Operation list(
            Root root, Path path, boolean recursive, Callback<List<Dirent>> callback) {
        OpendirOptions options = OpendirOptions.defaults();
        return new RootDirectory(root, "scandir", path, options, recursive, null, callback).start();
    }

    /** Calls back with the names alone. */
    static Callback<List<Dirent>> names(Callback<List<Path>> callback) {
        return (err, entries) -> {
            if (err == null) {
                callback.call(null, entries.stream().map(Dirent::file).toList());
            } else {
                callback.call(err, Arguments.none());
            }
        };
    }

    @Override
    void begin() {
        open(path, Listing.OPEN_NAMED, 0);
    }

    @Override
    void opened(int fd) throws Exception {
        Dir directory = new Dir(core, core.adopt(fd, Fd.Kind.FILE), path(), options);
        begun = true;
        if (opened == null) {
            list(directory);
        } else {
            end();
            opened.call(null, directory);
        }
    }

    private void list(Dir directory) {
        under(
                directory.forEach(
                        entry -> {
                            if (recursive && entry.isDirectory()) {
                                waiting.add(entry.path());
                            }
                            return found.add(entry);
                        },
                        err -> AbortReason.during(abortReason(), () -> read(err))));
    }

    private void read(@Nullable ReactorException err) throws Exception {
        under(null);
        if (stopped() && (err != null || !waiting.isEmpty())) {
            fail(-stopErrno());
        } else if (err != null) {
            end();
            failed(err);
        } else {
            next();
        }
    }

    private void next() throws Exception {
        Path below = waiting.poll();
        if (below != null) {
            open(below, Listing.OPEN_FOUND, 0);
        } else {
            end();
            if (listed != null) {
                listed.call(null, found);
            }
        }
    }

    /** What was found as a directory may be gone by now, or be something else. */
    @Override
    void refused(Slot completed, int result) throws Exception {
        boolean gone =
                result == -ErrnoCode.ENOENT
                        || result == -ErrnoCode.ENOTDIR
                        || result == -ErrnoCode.ELOOP;
        if (begun && gone && !stopped()) {
            next();
        } else {
            fail(result);
        }
    }

    @Override
    void failed(ReactorException err) throws Exception {
        if (listed != null) {
            listed.call(err, Arguments.none());
        } else if (opened != null) {
            opened.call(err, Arguments.none());
        }
    }
}
