package dev.chime.fs;

import dev.chime.reactor.Callback;
import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.ErrnoCode;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One {@code readdir}: the entries of a directory, or of all below it too. */
final class Readdir extends Steps {
    /** How many directories are open at once. */
    static final int DIRECTORIES_AT_ONCE = 16;

    private final Path root;
    private final boolean types;
    private final boolean recursive;
    private final Callback<List<Dirent>> callback;
    private final List<Dirent> found = new ArrayList<>();
    private final ArrayDeque<Path> waiting = new ArrayDeque<>();
    private int open;
    private boolean begun;

    /** Without {@code types} those that the file system does not tell stay unknown. */
    Readdir(
            Core core,
            Path root,
            boolean types,
            boolean recursive,
            Callback<List<Dirent>> callback) {
        super(core);
        this.root = root;
        this.types = types || recursive;
        this.recursive = recursive;
        this.callback = callback;
    }

    /** Lists names alone, as paths of one element. */
    static Readdir names(Core core, Path root, Callback<List<Path>> callback) {
        return new Readdir(
                core,
                root,
                false,
                false,
                (err, entries) -> {
                    if (err != null) {
                        callback.call(err, Arguments.none());
                        return;
                    }
                    List<Path> names = new ArrayList<>(entries.size());
                    for (Dirent entry : entries) {
                        names.add(entry.file());
                    }
                    callback.call(null, names);
                });
    }

    Readdir start() {
        open(root, Listing.OPEN_NAMED);
        return this;
    }

    @Override
    void advance() {
        while (open < DIRECTORIES_AT_ONCE && !waiting.isEmpty()) {
            open(waiting.remove(), Listing.OPEN_FOUND);
        }
    }

    private void open(Path path, int flags) {
        open++;
        Slot slot = step(Op.OPENAT, (completed, result) -> opened(path, result));
        slot.fd = Const.AT_FDCWD;
        slot.flags = flags;
        NativePath.put(core, slot, path, 0);
        submit(slot);
    }

    private void opened(Path path, int result) {
        if (result >= 0) {
            begun = true;
            list(path, result, new ArrayList<>());
            return;
        }
        open--;
        // What was found as a directory may be gone by now, or be something else.
        boolean gone =
                result == -ErrnoCode.ENOENT
                        || result == -ErrnoCode.ENOTDIR
                        || result == -ErrnoCode.ELOOP;
        if (!begun || !gone) {
            fail(error(result, path));
        }
    }

    private void list(Path path, int fd, List<Dirent> entries) {
        if (halted()) {
            close(fd);
            return;
        }
        try {
            Listing.next(
                    this,
                    fd,
                    (name, type) ->
                            entries.add(
                                    new Dirent(
                                            path, NativePath.decode(name), FileType.ofEntry(type))),
                    result -> listed(path, fd, entries, result));
        } catch (OutOfMemoryError e) {
            close(fd);
            fail(error(ErrnoCode.ENOMEM, path));
        }
    }

    private void listed(Path path, int fd, List<Dirent> entries, int result) {
        if (result > 0) {
            list(path, fd, entries);
            return;
        }
        close(fd);
        boolean removed = result == -ErrnoCode.ENOENT;
        if (result < 0 && !removed) {
            fail(error(result, path));
        } else if (types) {
            Listing.types(this, entries, () -> add(entries));
        } else {
            add(entries);
        }
    }

    private void add(List<Dirent> entries) {
        found.addAll(entries);
        if (recursive) {
            for (Dirent entry : entries) {
                if (entry.isDirectory()) {
                    waiting.add(entry.path());
                }
            }
        }
    }

    private void close(int fd) {
        open--;
        Closes.forget(core, fd);
    }

    private static ErrnoException error(int result, Path path) {
        return ErrnoException.file(result, "scandir", path.toString());
    }

    @Override
    void conclude(@Nullable ReactorException err) throws Exception {
        ReactorException failure = err;
        if (failure == null && stopped()) {
            failure = stoppedError();
        }
        if (failure != null) {
            callback.call(failure, Arguments.none());
        } else {
            callback.call(null, found);
        }
    }

    @Override
    String name() {
        return "scandir";
    }

    @Override
    public String toString() {
        return "readdir " + root + ", " + found.size() + " entries";
    }
}
