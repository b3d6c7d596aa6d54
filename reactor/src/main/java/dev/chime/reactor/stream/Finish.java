package dev.chime.reactor.stream;

import dev.chime.reactor.Done;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.internal.Core;
import org.jspecify.annotations.Nullable;

/** Waits until a stream has done what is asked of it: been read to its end, finished, or both. */
final class Finish {
    private final ByteStream stream;
    private final @Nullable Readable readable;
    private final @Nullable Writable writable;
    private final Done done;

    /** The close comes when all is done: it is what is waited for. */
    private final boolean closes;

    private boolean told;

    private Finish(ByteStream stream, boolean reads, boolean writes, Done done) {
        this.stream = stream;
        readable = reads ? (Readable) stream : null;
        writable = writes ? (Writable) stream : null;
        this.done = done;
        closes =
                (reads || !(stream instanceof Readable))
                        && (writes || !(stream instanceof Writable));
    }

    /** Waits for all that a stream can do. */
    static void whole(ByteStream stream, Done done) {
        Checks.notNull(done, "done");
        of(stream, stream instanceof Readable, stream instanceof Writable, done);
    }

    /** Waits for the sides that are named. */
    static void of(ByteStream stream, boolean reads, boolean writes, Done done) {
        Finish finish = new Finish(stream, reads, writes, done);
        if (finish.readable != null) {
            finish.readable.onEnd(finish::lookLater);
        }
        if (finish.writable != null) {
            finish.writable.onFinish(finish::lookLater);
        }
        stream.onClose(finish::closed);
        if (finish.isComplete()) {
            finish.lookLater();
        }
    }

    /** A write with a callback after the end: the callback hears of it, in a later turn. */
    static boolean refused(Writable stream, Done done) {
        Checks.notNull(done, "done");
        if (!stream.isEnding()) {
            return false;
        }
        stream.reactor().nextTick(() -> done.call(Checks.writeAfterEnd()));
        return true;
    }

    private boolean isComplete() {
        return (readable == null || readable.isEnded())
                && (writable == null || writable.isFinished());
    }

    private void lookLater() {
        if (!closes) {
            stream.reactor()
                    .setImmediate(() -> {
                        if (isComplete() && !stream.isDestroyed()) {
                            tell(null);
                        }
                    });
        }
    }

    private void closed(@Nullable ReactorException err) {
        tell(err != null || isComplete() ? err : Checks.prematureClose());
    }

    private void tell(@Nullable ReactorException err) {
        if (!told) {
            told = true;
            Core.of(stream.reactor()).call(done, err);
        }
    }
}
