package dev.chime.samples.kv;

import dev.chime.fs.FileHandle;
import dev.chime.reactor.Buffer;
import dev.chime.reactor.Callback;
import dev.chime.reactor.Done;
import dev.chime.reactor.Reactor;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Goes through a log frame by frame, a window at a time. Its owner closes it. */
final class LogReader implements AutoCloseable {
    private final FileHandle file;
    private final long salt;
    private final Buffer window;
    private ByteBuffer view = ByteBuffer.allocate(0);
    private long windowAt;
    private long position;

    /** Starts with the first frame. */
    LogReader(Reactor reactor, FileHandle file, long salt) {
        this.file = file;
        this.salt = salt;
        window = reactor.buffer(LogFormat.MAX_FRAME_BYTES);
        position = LogFormat.FILE_HEAD_BYTES;
    }

    /** Where the next frame starts, if there is one. */
    long position() {
        return position;
    }

    /** Brings the next frame into the window, and what fits behind it, up to {@code end}. */
    void read(long end, Done done) {
        load(position, end, done);
    }

    private void load(long from, long end, Done done) {
        Buffer target = window.slice(0, (int) Math.min(window.length(), end - from));
        FullRead.start(
                file,
                target,
                from,
                (err, bytes) -> {
                    target.release();
                    windowAt = from;
                    view = window.asByteBuffer().limit(bytes);
                    done.call(err);
                });
    }

    /**
     * The records of the next frame, and goes on behind it. Null when it is not whole: because the
     * window ends in it, or, when it is the window's first, because it is damaged.
     */
    @Nullable List<Entry> nextFrame() {
        int start = (int) (position - windowAt);
        int bytes = LogFormat.frameBytes(view, start, salt, position);
        int end = start + bytes;
        if (bytes < 0 || end > view.limit()) {
            return null;
        }
        List<Entry> records = new ArrayList<>();
        for (int at = start + LogFormat.FRAME_HEAD_BYTES; at < end; ) {
            Entry record = LogFormat.record(view, at, end);
            if (record == null) {
                return null;
            }
            record.position = windowAt + at;
            records.add(record);
            at += record.length;
        }
        position += bytes;
        return records;
    }

    /** The bytes of a record of the window. */
    ByteBuffer bytes(Entry record) {
        return view.slice((int) (record.position - windowAt), record.length);
    }

    /** Looks for the head of a frame behind the next one, up to {@code end}; -1: none. */
    void search(long end, Callback<Long> callback) {
        search(position + 1, end, callback);
    }

    private void search(long from, long end, Callback<Long> callback) {
        load(
                from,
                end,
                err -> {
                    int heads = view.limit() - LogFormat.FRAME_HEAD_BYTES + 1;
                    for (int i = 0; i < heads && err == null; i++) {
                        if (LogFormat.frameBytes(view, i, salt, windowAt + i) > 0) {
                            callback.call(null, windowAt + i);
                            return;
                        }
                    }
                    if (err != null || heads <= 0) {
                        callback.call(err, -1L);
                    } else {
                        search(from + heads, end, callback);
                    }
                });
    }

    @Override
    public void close() {
        view = ByteBuffer.allocate(0); // it must not be read after its memory has gone
        window.release();
    }
}
