package dev.chime.net;

import dev.chime.reactor.AbortSignal;
import dev.chime.reactor.Errno;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.Task;
import dev.chime.reactor.Timer;
import dev.chime.reactor.stream.Duplex;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A connection with a peer: what a {@link Socket} and a protocol upon one, such as TLS, have in
 * common. Loop thread only.
 */
public interface Connection extends Duplex {
    /**
     * The peer's address; it stays after the close. Null when there is none, as on Unix sockets.
     */
    @Nullable InetSocketAddress remoteAddress();

    /** Our address; it stays after the close. Null when there is none, as on Unix sockets. */
    @Nullable InetSocketAddress localAddress();

    /** The server's address on both sides of a Unix socket; null on any other. */
    @Nullable UnixDomainSocketAddress unixAddress();

    /**
     * Runs {@code task} when nothing has been read or written for {@code idle}: again only after
     * something has. It only tells: the connection stays open unless the task closes it. The newest
     * call alone holds; {@link Duration#ZERO} ends it. It does not keep the loop alive.
     */
    Connection setTimeout(Duration idle, Task task);

    /**
     * Destroys the connection with ETIMEDOUT if it is still there after {@code limit}, whatever it
     * does meanwhile: against peers who take their time. The newest call alone holds; {@link
     * Duration#ZERO} lifts it.
     */
    Connection deadline(Duration limit);

    /**
     * Bytes that have left our kernel, of {@link #bytesWritten}: of TCP what the peer's kernel has
     * acknowledged, of a Unix socket what the peer has read (SIOCOUTQ, tcp(7)). There the kernel
     * counts its own overhead, so that the figure is too small while something is left, even below
     * 0. Under TLS the bytes are those of the transport, encrypted. As {@link #bytesWritten} once
     * the connection is destroyed, and where the kernel does not say.
     */
    default long bytesDelivered() {
        return bytesWritten();
    }

    /**
     * Destroys the connection with ETIMEDOUT when in a {@code window} fewer than {@code bytes} of
     * what was queued at its beginning have gone, and not all of it: against peers who read slowly,
     * and keep {@link #setTimeout} content with a byte now and then. Gone is what the kernel has
     * taken, or the peer from the kernel ({@link #bytesDelivered}): the greater of the two. A part
     * of a file that is sent without a copy is queued as well.
     *
     * @return what clears it; it does not keep the loop alive
     */
    default Timer minimumWritten(long bytes, Duration window) {
        return Progress.ofWrites(this, bytes, window);
    }

    /**
     * Destroys the connection with ETIMEDOUT when in a {@code window} fewer than {@code bytes} have
     * come, unless it was paused or the peer has ended: for the time of a message, against peers
     * who send slowly. It is looked at eight times a window: a pause that is shorter than an eighth
     * of it may go unseen, a longer one excuses the whole window.
     *
     * @return what clears it; it does not keep the loop alive
     */
    default Timer minimumRead(long bytes, Duration window) {
        return Progress.ofReads(this, bytes, window);
    }

    /**
     * Ends our side behind what is queued, and closes then, whatever the peer may still send:
     * Node's {@code destroySoon}.
     */
    default void destroySoon() {
        if (isFinished()) {
            destroy();
        } else {
            onFinish(this::destroy);
            end();
        }
    }

    /**
     * Destroys the connection when {@code signal} aborts, or in the next tick if it has: with the
     * signal's reason, which has the code ABORT_ERR, or ETIMEDOUT after a timeout; with ECANCELED
     * when the reason has no code. The signal forgets the connection when that has closed.
     */
    default void destroyOn(AbortSignal signal) {
        Runnable forget =
                signal.onAbort(() -> {
                    Throwable reason = signal.reason();
                    destroy(
                            reason instanceof ReactorException coded
                                    ? coded
                                    : new ReactorException(
                                            Errno.ECANCELED.name(), "The signal aborted", reason));
                });
        onClose(err -> forget.run());
    }

    /**
     * Whether our side stays open when the peer has ended its own; counts at the moment in which
     * the peer's end is told.
     */
    Connection allowHalfOpen(boolean on);

    /** Lets the connection keep the loop alive while it is open, as from the start. */
    Connection ref();

    /** Lets the loop end although the connection is open. */
    Connection unref();
}
