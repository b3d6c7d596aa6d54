package dev.chime.net;

import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.Task;
import dev.chime.reactor.Timer;
import dev.chime.reactor.internal.Checks;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.libc.ErrnoCode;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** How long a socket may be idle, and how long it may last. */
final class SocketTimes {
    private final Core core;
    private final Socket socket;
    private @Nullable Timer idle;
    private @Nullable Timer total;

    SocketTimes(Core core, Socket socket) {
        this.core = core;
        this.socket = socket;
    }

    /** Runs {@code task} when nothing has happened for {@code time}; zero: never. */
    void idle(Duration time, Task task) {
        check("idle", time);
        core.reactor().clearTimeout(idle);
        idle = timer(time, task);
    }

    /** Destroys the socket after {@code limit}; zero: never. */
    void total(Duration limit) {
        check("limit", limit);
        core.reactor().clearTimeout(total);
        total =
                timer(
                        limit,
                        () ->
                                socket.destroy(
                                        ErrnoException.socket(
                                                ErrnoCode.ETIMEDOUT, "read", socket.remoteName())));
    }

    private static void check(String name, Duration time) {
        Checks.required(time, name, "pass a duration");
        if (time.isNegative()) {
            throw new IllegalArgumentException(name + " is " + time + ": use 0 or more");
        }
    }

    private @Nullable Timer timer(Duration time, Task task) {
        if (socket.isDestroyed() || time.isZero()) {
            return null;
        }
        return core.reactor().setTimeout(time, task).unref();
    }

    /** Something has been read or written. */
    void active() {
        if (idle != null) {
            idle.refresh();
        }
    }

    /** The socket is being destroyed. */
    void clear() {
        core.reactor().clearTimeout(idle);
        core.reactor().clearTimeout(total);
        idle = null;
        total = null;
    }
}
