package dev.chime.reactor.stream;

import dev.chime.reactor.Buffer;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.ReactorException;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Content to stream, and what becomes of it. */
final class Bytes {
    private Bytes() {}

    /** Bytes that look like nothing in particular. */
    static byte[] random(long seed, int length) {
        byte[] bytes = new byte[length];
        new SplittableRandom(seed).nextBytes(bytes);
        return bytes;
    }

    /** Bytes that can be packed. */
    static byte[] compressible(int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) ("line of a log, number ".charAt(i % 22) + (i >> 12) % 7);
        }
        return bytes;
    }

    static Buffer buffer(Reactor reactor, byte[] content, int from, int length) {
        Buffer buffer = reactor.buffer(length);
        buffer.put(0, content, from, length);
        return buffer;
    }

    static Buffer buffer(Reactor reactor, byte[] content) {
        return buffer(reactor, content, 0, content.length);
    }

    /** Everything that a stream says, in order; data in a row once. */
    static final class Log {
        final List<String> events = new ArrayList<>();
        final ByteArrayOutputStream content = new ByteArrayOutputStream();
        ReactorException error;

        void add(String event) {
            events.add(event);
        }

        Log of(ByteStream stream) {
            if (stream instanceof Readable readable) {
                readable.onEnd(() -> add("end"));
            }
            if (stream instanceof Writable writable) {
                writable.onDrain(() -> add("drain")).onFinish(() -> add("finish"));
            }
            stream.onClose(err -> {
                error = err;
                add(err == null ? "close" : "close " + err.code());
            });
            return this;
        }

        Log reading(Readable stream) {
            of(stream);
            stream.onData(this::take);
            return this;
        }

        void take(Buffer data) throws Exception {
            content.write(data.toArray());
            if (events.isEmpty() || !events.getLast().equals("data")) {
                add("data");
            }
        }

        byte[] bytes() {
            return content.toByteArray();
        }
    }
}
