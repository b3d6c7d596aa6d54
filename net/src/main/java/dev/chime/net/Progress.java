package dev.chime.net;

import dev.chime.reactor.Done;
import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.Timer;
import dev.chime.reactor.internal.Checks;
import dev.chime.reactor.internal.Handlers;
import dev.chime.reactor.libc.ErrnoCode;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Destroys a connection when too little has moved in a window. It is the connection's close handler
 * for as long as its timer runs.
 */
final class Progress implements Done, Handlers.Temporary {
    /** Looks in a window for what excuses it. */
    private static final int LOOKS = 8;

    private final Connection connection;
    private final String syscall;

    /** Two ways to count; that counts which has gone further. */
    private final LongSupplier moved;

    private final LongSupplier alsoMoved;
    private final LongSupplier expected;
    private final BooleanSupplier excuse;
    private final int looks;
    private @Nullable Timer looking;
    private long due;
    private long alsoDue;
    private int looked;
    private boolean excused;

    private Progress(
            Connection connection,
            String syscall,
            LongSupplier moved,
            LongSupplier alsoMoved,
            LongSupplier expected,
            BooleanSupplier excuse,
            int looks) {
        this.connection = connection;
        this.syscall = syscall;
        this.moved = moved;
        this.alsoMoved = alsoMoved;
        this.expected = expected;
        this.excuse = excuse;
        this.looks = looks;
    }

    /**
     * At least {@code bytes} of what is queued are to go in each window, or all of it: to the
     * kernel, which asks for more only when much of its buffer is empty, or from there to the peer.
     */
    static Timer ofWrites(Connection connection, long bytes, Duration window) {
        LongSupplier unsent =
                connection instanceof Socket socket ? socket::unsentBytes : connection::queuedBytes;
        return new Progress(
                        connection,
                        "write",
                        connection::bytesWritten,
                        connection::bytesDelivered,
                        () -> Math.min(bytes, unsent.getAsLong()),
                        () -> unsent.getAsLong() == 0,
                        1)
                .start(bytes, window);
    }

    /** At least {@code bytes} are to come in each window without a pause. */
    static Timer ofReads(Connection connection, long bytes, Duration window) {
        return new Progress(
                        connection,
                        "read",
                        connection::bytesRead,
                        connection::bytesRead,
                        () -> bytes,
                        () -> connection.isPaused() || connection.isEnded(),
                        LOOKS)
                .start(bytes, window);
    }

    private Timer start(long bytes, Duration window) {
        Checks.required(window, "window", "pass a duration");
        if (bytes < 1 || !window.isPositive()) {
            throw new IllegalArgumentException(
                    bytes + " bytes in " + window + ": both must be more than 0");
        }
        begin();
        Duration time = window.dividedBy(looks);
        Timer timer = connection.reactor().setInterval(time, this::look).unref();
        looking = timer;
        connection.onClose(this);
        return timer;
    }

    private void begin() {
        long least = expected.getAsLong();
        due = moved.getAsLong() + least;
        alsoDue = alsoMoved.getAsLong() + least;
        looked = 0;
        excused = excuse.getAsBoolean();
    }

    private void look() {
        looked++;
        excused |= excuse.getAsBoolean();
        if (looked < looks) {
            return;
        }
        if (!excused && moved.getAsLong() < due && alsoMoved.getAsLong() < alsoDue) {
            connection.destroy(
                    ErrnoException.socket(
                            ErrnoCode.ETIMEDOUT, syscall, connection.remoteAddress()));
        } else {
            begin();
        }
    }

    @Override
    public void call(@Nullable ReactorException err) {
        if (looking != null) {
            looking.clear();
        }
    }

    @Override
    public boolean isOver() {
        return looking == null || !looking.isActive();
    }
}
