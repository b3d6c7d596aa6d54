package dev.chime.reactor.stream;

import dev.chime.reactor.Buffer;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.internal.Core;
import org.jspecify.annotations.Nullable;

/** Brings the data of one stream to another, which sets the pace. */
final class Pipe implements DataHandler {
    private final Readable from;
    private final Writable to;
    private final boolean end;
    private boolean waiting;

    Pipe(Readable from, Writable to, boolean end) {
        this.from = from;
        this.to = to;
        this.end = end;
    }

    Writable destination() {
        return to;
    }

    void start() {
        Core.of(from.reactor()).checkThread("Readable.pipe");
        from.onClose(this::sourceClosed);
        to.onClose(err -> destinationClosed());
        to.onDrain(this::drained);
        if (from.isEnded()) {
            from.reactor().nextTick(this::ended);
        } else {
            from.onEnd(this::ended);
            from.onData(this);
        }
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // the very same stream: an echo
    public void data(Buffer data) {
        if (to.isEnding()) {
            if (from != to) {
                from.destroy(Checks.writeAfterEnd());
            }
        } else if (!to.write(data)) {
            waiting = true;
            from.pause();
        }
    }

    private void drained() {
        if (waiting) {
            waiting = false;
            from.resume();
        }
    }

    private void ended() {
        if (end) {
            to.end();
        }
    }

    private void sourceClosed(@Nullable ReactorException err) {
        if (!from.isEnded()) {
            to.destroy(err);
        }
    }

    private void destinationClosed() {
        if (!from.isEnded()) {
            from.destroy();
        }
    }
}
