package dev.chime.net.http;

import dev.chime.reactor.Buffer;
import dev.chime.reactor.stream.Writable;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Writes content in chunks (RFC 9112, 7.1): the line end of one leaves with the next one's size.
 */
final class ChunkWriter {
    private final Writable stream;
    private boolean begun;

    ChunkWriter(Writable stream) {
        this.stream = stream;
    }

    /** Writes a chunk; the result is that of the stream's write. */
    boolean write(Buffer piece) {
        String size = (begun ? "\r\n" : "") + Integer.toHexString(piece.length()) + "\r\n";
        begun = true;
        stream.write(size.getBytes(StandardCharsets.US_ASCII));
        return stream.write(piece);
    }

    /** Writes the last chunk, and what goes behind it. */
    void end(@Nullable Headers trailers) {
        StringBuilder text = new StringBuilder(begun ? "\r\n0\r\n" : "0\r\n");
        if (trailers != null) {
            trailers.seal()
                    .forEach((name, value) ->
                            text.append(name).append(": ").append(value).append("\r\n"));
        }
        text.append("\r\n");
        stream.write(text.toString().getBytes(StandardCharsets.ISO_8859_1));
    }
}
