package dev.chime.net;

import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.Timer;
import dev.chime.reactor.internal.Checks;
import dev.chime.reactor.libc.ErrnoCode;
import java.time.Duration;
import java.util.function.LongSupplier;

/** Looks at a connection once a window, and destroys it when too little has moved since. */
final class Progress {
    private final Connection connection;
    private final String syscall;
    private final LongSupplier moved;
    private final LongSupplier expected;
    private long due;

    private Progress(
            Connection connection, String syscall, LongSupplier moved, LongSupplier expected) {
        this.connection = connection;
        this.syscall = syscall;
        this.moved = moved;
        this.expected = expected;
    }

    /** At least {@code bytes} of what is queued are to go in each window, or all of it. */
    static Timer ofWrites(Connection connection, long bytes, Duration window) {
        return new Progress(
                        connection,
                        "write",
                        connection::bytesWritten,
                        () -> Math.min(bytes, connection.queuedBytes()))
                .start(bytes, window);
    }

    /** At least {@code bytes} are to come in each window that begins and ends without a pause. */
    static Timer ofReads(Connection connection, long bytes, Duration window) {
        return new Progress(
                        connection,
                        "read",
                        connection::bytesRead,
                        () -> connection.isPaused() || connection.isEnded() ? 0 : bytes)
                .start(bytes, window);
    }

    private Timer start(long bytes, Duration window) {
        Checks.required(window, "window", "pass a duration");
        if (bytes < 1 || !window.isPositive()) {
            throw new IllegalArgumentException(
                    bytes + " bytes in " + window + ": both must be more than 0");
        }
        begin();
        Timer looking = connection.reactor().setInterval(window, this::look).unref();
        connection.onClose(err -> looking.clear());
        return looking;
    }

    private void begin() {
        due = moved.getAsLong() + expected.getAsLong();
    }

    private void look() {
        if (moved.getAsLong() < due && expected.getAsLong() > 0) {
            connection.destroy(
                    ErrnoException.socket(
                            ErrnoCode.ETIMEDOUT, syscall, connection.remoteAddress()));
        } else {
            begin();
        }
    }
}
