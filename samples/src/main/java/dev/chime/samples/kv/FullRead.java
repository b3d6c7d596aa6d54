package dev.chime.samples.kv;

import dev.chime.fs.FileHandle;
import dev.chime.reactor.Buffer;
import dev.chime.reactor.Callback;
import dev.chime.reactor.ReactorException;
import org.jspecify.annotations.Nullable;

/** Reads until a buffer is full or the file ends: one read alone may bring less. */
final class FullRead {
    private final FileHandle file;
    private final Buffer target;
    private final long position;
    private final Callback<Integer> callback;
    private int filled;

    private FullRead(FileHandle file, Buffer target, long position, Callback<Integer> callback) {
        this.file = file;
        this.target = target;
        this.position = position;
        this.callback = callback;
    }

    /** Calls back with how many bytes there were. The caller keeps {@code target} until then. */
    static void start(FileHandle file, Buffer target, long position, Callback<Integer> callback) {
        new FullRead(file, target, position, callback).next();
    }

    private void next() {
        Buffer rest = target.slice(filled, target.length() - filled);
        file.read(rest, position + filled, this::came);
        rest.release();
    }

    private void came(@Nullable ReactorException err, int bytes, Buffer piece) throws Exception {
        filled += err == null ? bytes : 0;
        if (err != null || bytes == 0 || filled == target.length()) {
            callback.call(err, filled);
        } else {
            next();
        }
    }
}
