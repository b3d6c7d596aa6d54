package dev.chime.reactor.stream;

import dev.chime.reactor.Buffer;
import dev.chime.reactor.Done;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.Task;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.internal.Handlers;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Brings the data of one stream to another, which sets the pace. */
final class Pipe implements DataHandler {
    private final Readable from;
    private final Writable to;
    private final boolean end;
    private boolean waiting;
    private boolean over;

    Pipe(Readable from, Writable to, boolean end) {
        this.from = from;
        this.to = to;
        this.end = end;
    }

    /** Where the data goes; nowhere when the pipe has been taken away. */
    @Nullable Writable destination() {
        return over ? null : to;
    }

    void start() {
        Core core = Core.of(from.reactor());
        core.checkThread("Readable.pipe");
        Pipes.of(core).add(from, this);
        from.onClose(new Ear(this::sourceClosed));
        to.onClose(new Ear(err -> destinationClosed()));
        to.onDrain(new Ear(err -> drained()));
        Ear ended = new Ear(err -> ended());
        if (from.isEnded()) {
            from.reactor().nextTick(ended);
        } else {
            from.onEnd(ended);
            from.onData(this);
        }
    }

    /** What the pipe hears of its streams, while it is there. */
    private final class Ear implements Done, Task, Handlers.Temporary {
        private final Consumer<@Nullable ReactorException> heard;

        Ear(Consumer<@Nullable ReactorException> heard) {
            this.heard = heard;
        }

        @Override
        public void run() {
            call(null);
        }

        @Override
        public void call(@Nullable ReactorException err) {
            if (!over) {
                heard.accept(err);
            }
        }

        @Override
        public boolean isOver() {
            return over;
        }
    }

    @SuppressWarnings("ReferenceEquality") // the very same stream
    boolean goesTo(Writable destination) {
        return to == destination;
    }

    /** A newer pipe takes the data: this one has no say in its pace any more. */
    void replaced() {
        waiting = false;
    }

    /** From now on neither stream hears of the other. */
    void over() {
        over = true;
        Pipes.of(Core.of(from.reactor())).remove(from, this);
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // the very same stream: an echo
    public void data(Buffer data) {
        if (over) {
            return; // unpiped and resumed: nobody wants it
        }
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
        over();
        if (end) {
            to.end();
        }
    }

    private void sourceClosed(@Nullable ReactorException err) {
        if (!from.isEnded()) {
            over();
            to.destroy(err);
        }
    }

    private void destinationClosed() {
        over();
        if (!from.isEnded()) {
            from.destroy();
        }
    }
}
