package dev.chime.reactor.stream;

import dev.chime.reactor.Buffer;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;

/** Text from bytes that come in pieces: a character whose bytes are split waits for its rest. */
final class Decoding {
    private static final int DECODED_CHARS = 8 << 10;

    private final CharsetDecoder decoder;
    private final CharBuffer decoded = CharBuffer.allocate(DECODED_CHARS);
    private ByteBuffer undecoded = ByteBuffer.allocate(0);

    Decoding(Charset charset) {
        decoder =
                charset.newDecoder()
                        .onMalformedInput(CodingErrorAction.REPLACE)
                        .onUnmappableCharacter(CodingErrorAction.REPLACE);
    }

    /** Adds the text of {@code data} to {@code text}. */
    void append(Buffer data, StringBuilder text) {
        ByteBuffer bytes = data.asByteBuffer();
        if (undecoded.hasRemaining()) { // the start of a character
            ByteBuffer both = ByteBuffer.allocate(undecoded.remaining() + bytes.remaining());
            bytes = both.put(undecoded).put(bytes).flip();
        }
        decode(bytes, false, text);
        undecoded = ByteBuffer.allocate(bytes.remaining()).put(bytes).flip();
    }

    /** Adds what is left at the end: a character that is not whole is a replacement. */
    void finish(StringBuilder text) {
        decode(undecoded, true, text);
        while (decoder.flush(decoded).isOverflow()) {
            store(text);
        }
        store(text);
    }

    private void decode(ByteBuffer bytes, boolean last, StringBuilder text) {
        while (decoder.decode(bytes, decoded, last).isOverflow()) {
            store(text);
        }
        store(text);
    }

    private void store(StringBuilder text) {
        text.append(decoded.flip());
        decoded.clear();
    }
}
