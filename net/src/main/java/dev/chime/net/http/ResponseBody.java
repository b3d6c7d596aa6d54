package dev.chime.net.http;

import dev.chime.reactor.Buffer;
import dev.chime.reactor.Done;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.stream.WritableBase;
import org.jspecify.annotations.Nullable;

/** The content of a response as a stream: framed, and given to the connection while it takes it. */
final class ResponseBody extends WritableBase {
    private static final int HIGH_WATER_MARK = 64 << 10;

    private final ServerResponse response;
    private final ChunkWriter chunks;
    private long bytes;
    private boolean waiting;
    private boolean ended;

    ResponseBody(ServerResponse response, Reactor reactor) {
        super(reactor, HIGH_WATER_MARK, Long.MAX_VALUE);
        this.response = response;
        chunks = new ChunkWriter(response.connection().stream);
    }

    @Override
    protected void take(Buffer piece) {
        int length = piece.length();
        long declared;
        try {
            declared = response.declaredLength();
            if (declared >= 0 && bytes + length > declared && !response.isBare()) {
                taken(HttpErrors.lengthMismatch(bytes + length, declared));
                return;
            }
            response.flushHead();
        } catch (IllegalStateException e) {
            taken(new ReactorException("ERR_HTTP_INVALID_HEADER_VALUE", e.getMessage(), e));
            return;
        }
        bytes += length;
        boolean below =
                response.isBare()
                        || (response.isChunked()
                                ? chunks.write(piece)
                                : response.connection().stream.write(piece));
        if (below) {
            taken(null);
        } else {
            waiting = true;
        }
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
        long declared = response.declaredLength();
        if (declared >= 0 && bytes != declared && !response.isBare()) {
            completed(HttpErrors.lengthMismatch(bytes, declared));
            return;
        }
        response.flushHead();
        if (response.isChunked() && !response.isBare()) {
            chunks.end(response.trailersOrNull());
        }
        ended = true;
        response.streamed(response.isBare() ? 0 : bytes);
        completed(null);
    }

    @Override
    protected void close(Done closed) throws Exception {
        @Nullable ReactorException error = error();
        if (!ended) {
            response.streamBroken(error);
        }
        closed.call(null);
    }
}
