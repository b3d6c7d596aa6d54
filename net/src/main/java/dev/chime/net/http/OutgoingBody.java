package dev.chime.net.http;

import dev.chime.reactor.Buffer;
import dev.chime.reactor.Done;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.engine.Fd;
import dev.chime.reactor.internal.FileSink;
import dev.chime.reactor.stream.Duplex;
import dev.chime.reactor.stream.WritableBase;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** The content of a message to be sent: framed, and given to the connection while it takes it. */
final class OutgoingBody extends WritableBase implements FileSink {
    private static final int HIGH_WATER_MARK = 64 << 10;

    /** The message. */
    interface Owner {
        /** Where it goes. */
        Duplex stream();

        /** Sends the head if that has not been done. */
        void flushHead();

        /** The length that the head says; -1 when it says none. */
        long declaredLength();

        /** True when content is dropped: none may be sent. */
        boolean isBare();

        /** True when the head says that chunks follow. */
        boolean isChunked();

        /** What goes behind the chunks, or null. */
        @Nullable Headers trailersOrNull();

        /** The last byte has been given to the stream. */
        void streamed(long bytes);

        /** It was destroyed before its end. */
        void streamBroken(@Nullable ReactorException error);
    }

    private final Owner owner;
    private final ChunkWriter chunks;
    private long bytes;
    private boolean waiting;
    private boolean ended;
    private boolean copying;

    OutgoingBody(Owner owner, Reactor reactor) {
        super(reactor, HIGH_WATER_MARK, Long.MAX_VALUE);
        this.owner = owner;
        chunks = new ChunkWriter(owner.stream());
    }

    @Override
    protected void take(Buffer piece) {
        int length = piece.length();
        try {
            long declared = owner.declaredLength();
            if (declared >= 0 && bytes + length > declared && !owner.isBare()) {
                taken(HttpErrors.lengthMismatch(bytes + length, declared));
                return;
            }
            owner.flushHead();
        } catch (IllegalStateException e) {
            taken(badHead(e));
            return;
        }
        bytes += length;
        boolean below =
                owner.isBare()
                        || (owner.isChunked() ? chunks.write(piece) : owner.stream().write(piece));
        if (below) {
            taken(null);
        } else {
            waiting = true;
        }
    }

    @Override
    public boolean copyFrom(Fd source, long at, int length, IntConsumer copied) {
        FileSink sink = FileSink.of(owner.stream());
        long left = owner.declaredLength() - bytes;
        if (sink == null
                || copying
                || isEnding()
                || isDestroyed()
                || queuedBytes() > 0
                || left <= 0
                || owner.isBare()
                || owner.isChunked()) {
            return false;
        }
        try {
            owner.flushHead();
        } catch (IllegalStateException e) {
            return false; // the first piece says so
        }
        copying =
                sink.copyFrom(
                        source,
                        at,
                        (int) Math.min(left, length),
                        count -> {
                            copying = false;
                            bytes += count;
                            passed(count);
                            copied.accept(count);
                        });
        return copying;
    }

    @Override
    public void cancelCopy() {
        FileSink sink = FileSink.of(owner.stream());
        if (copying && sink != null) {
            sink.cancelCopy();
        }
    }

    private static ReactorException badHead(IllegalStateException e) {
        return new ReactorException(
                "ERR_HTTP_INVALID_HEADER_VALUE", String.valueOf(e.getMessage()), e);
    }

    /** The connection takes more. */
    void drained() {
        if (waiting) {
            waiting = false;
            taken(null);
        }
    }

    @Override
    protected void finish() {
        Headers trailers;
        try {
            long declared = owner.declaredLength();
            if (declared >= 0 && bytes != declared && !owner.isBare()) {
                completed(HttpErrors.lengthMismatch(bytes, declared));
                return;
            }
            owner.flushHead();
            trailers = owner.isChunked() && !owner.isBare() ? owner.trailersOrNull() : null;
        } catch (IllegalStateException e) {
            completed(badHead(e));
            return;
        }
        if (owner.isChunked() && !owner.isBare()) {
            chunks.end(trailers);
        }
        ended = true;
        owner.streamed(owner.isBare() ? 0 : bytes);
        completed(null);
    }

    @Override
    protected void close(Done closed) throws Exception {
        if (!ended) {
            owner.streamBroken(error());
        }
        closed.call(null);
    }
}
