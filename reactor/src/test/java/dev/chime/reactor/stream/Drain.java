package dev.chime.reactor.stream;

import dev.chime.reactor.Buffer;
import dev.chime.reactor.Done;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.ReactorException;
import java.io.ByteArrayOutputStream;
import java.util.SplittableRandom;

/** A writable that keeps what it gets, at once or late, and may fail on its way. */
final class Drain extends WritableBase {
    final ByteArrayOutputStream content = new ByteArrayOutputStream();
    final SplittableRandom random;
    int pieces;
    int failAt = Integer.MAX_VALUE;
    int takenAfterFailure;
    int closes;
    boolean failFinish;
    boolean stuck;
    boolean failed;
    private Done closing;
    private boolean busy;

    Drain(Reactor reactor, long seed, int highWaterMark, long limit) {
        super(reactor, highWaterMark, limit);
        random = new SplittableRandom(seed);
    }

    Drain(Reactor reactor) {
        this(reactor, 1, 16 << 10, Long.MAX_VALUE);
    }

    @Override
    protected void take(Buffer piece) {
        pieces++;
        takenAfterFailure += failed ? 1 : 0;
        busy = true;
        if (stuck) {
            return;
        }
        switch (random.nextInt(3)) {
            case 0 -> done(piece);
            case 1 -> reactor().setImmediate(() -> done(piece));
            default -> reactor().setTimeout(0, () -> done(piece));
        }
    }

    /** Lets a stuck sink go on with the piece it has. */
    void release() {
        stuck = false;
        busy = false;
        taken(null);
    }

    private void done(Buffer piece) {
        busy = false;
        if (closing != null) {
            Done closed = closing;
            closing = null;
            reactor().nextTick(() -> closed.call(null));
            return;
        }
        if (content.size() + piece.length() > failAt) {
            failed = true;
            taken(new ReactorException("ERR_DRAIN", "blocked"));
            return;
        }
        content.writeBytes(piece.toArray());
        taken(null);
    }

    @Override
    protected void finish() {
        reactor()
                .setImmediate(() ->
                        completed(
                                failFinish
                                        ? new ReactorException("ERR_FINISH", "not finished")
                                        : null));
    }

    @Override
    protected void close(Done closed) throws Exception {
        closes++;
        if (busy && !stuck) {
            closing = closed;
        } else {
            closed.call(null);
        }
    }
}
