package dev.chime.samples.cache;

import dev.chime.reactor.Buffer;
import dev.chime.reactor.Done;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.stream.ReadableBase;
import org.jspecify.annotations.Nullable;

/** Reads the body of a fill from its file, behind the writer. */
final class FillReader extends ReadableBase {
    private static final int PIECE_BYTES = 64 << 10;

    private final Fill fill;
    private final long end;
    private long at;
    private boolean wanted;
    private boolean reading;

    FillReader(Fill fill, long from, long bytes) {
        super(fill.reactor(), PIECE_BYTES);
        this.fill = fill;
        at = from;
        end = bytes == Long.MAX_VALUE ? bytes : from + bytes;
        fill.joined(this);
    }

    /** The first byte that it still needs. */
    long at() {
        return at;
    }

    @Override
    protected void pull(int bytes) {
        wanted = true;
        advance();
    }

    /** More has been written, or all. */
    void advance() {
        if (!wanted || reading || isDestroyed()) {
            return;
        }
        long there = Math.min(fill.written(), end) - at;
        if (there > 0) {
            read((int) Math.min(there, PIECE_BYTES));
        } else if (at == end || fill.isWhole()) {
            wanted = false;
            pushEnd();
        }
    }

    private void read(int bytes) {
        Buffer target;
        try {
            target = reactor().buffer(bytes);
        } catch (RuntimeException e) {
            destroy(new ReactorException("ENOMEM", "no memory to read " + bytes + " bytes", e));
            return;
        }
        reading = true;
        fill.read(target, at, this::come);
        target.release();
    }

    private void come(@Nullable ReactorException err, int bytes, Buffer data) {
        reading = false;
        if (isDestroyed()) {
            return;
        }
        if (err != null || bytes == 0) {
            destroy(err != null ? err : new ReactorException("EIO", "the file was cut"));
            return;
        }
        wanted = false;
        at += bytes;
        fill.moved();
        deliver(bytes < data.length() ? data.slice(0, bytes) : data.retain());
    }

    @Override
    protected void close(Done closed) throws Exception {
        fill.left(this);
        closed.call(null);
    }
}
