package dev.chime.net.http;

import dev.chime.reactor.Buffer;
import dev.chime.reactor.Done;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.stream.DuplexBase;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.List;

/** A connection whose input comes in the pieces that a test says, each in a turn of its own. */
final class MemoryDuplex extends DuplexBase {
    /** Hears what was written when the connection has closed. */
    interface Closed {
        void closed(String output);
    }

    private final ArrayDeque<byte[]> pieces;
    private final ByteArrayOutputStream output = new ByteArrayOutputStream();
    private final Closed closed;

    MemoryDuplex(Reactor reactor, List<byte[]> pieces, Closed closed) {
        super(reactor, 64 << 10, 64 << 10, Long.MAX_VALUE);
        this.pieces = new ArrayDeque<>(pieces);
        this.closed = closed;
    }

    @Override
    protected void pull(int bytes) {
        byte[] piece = pieces.poll();
        if (piece == null) {
            pushEnd();
            return;
        }
        Buffer buffer = reactor().buffer(piece.length);
        buffer.put(0, piece, 0, piece.length);
        push(buffer);
    }

    @Override
    protected void take(Buffer piece) {
        output.writeBytes(piece.toArray());
        taken(null);
    }

    @Override
    protected void close(Done done) throws Exception {
        done.call(null);
        closed.closed(output.toString(StandardCharsets.ISO_8859_1));
    }
}
