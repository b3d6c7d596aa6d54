package dev.chime.reactor.stream;

import dev.chime.reactor.internal.Core;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.concurrent.Flow;

/**
 * Streams as Java's own interfaces, for code that runs on other threads. Bridges are made on the
 * loop thread; what they return is for any other. A bridge keeps the loop alive until its stream is
 * done: close what is not read to its end.
 */
public final class Bridges {
    private Bridges() {}

    /**
     * A stream to be read by a thread that may wait, such as a virtual one; at most about 64 KiB
     * are held for it. One thread at a time reads.
     *
     * <p>The stream's error comes as the {@link java.io.IOException} that it is. Closing destroys
     * the stream. An interrupt ends a wait with {@link java.io.InterruptedIOException}, and loses
     * no byte.
     */
    public static InputStream inputStream(Readable source) {
        Checks.notNull(source, "source");
        Core.of(source.reactor()).checkThread("Bridges.inputStream");
        BlockingInput input = new BlockingInput(source);
        input.start();
        return input;
    }

    /**
     * The stream's pieces, to be iterated over by a thread that may wait, such as a virtual one; at
     * most about 64 KiB are held for it. One thread at a time iterates.
     */
    public static Pieces pieces(Readable source) {
        Checks.notNull(source, "source");
        Core.of(source.reactor()).checkThread("Bridges.pieces");
        BlockingInput input = new BlockingInput(source);
        input.start();
        return new Pieces(input);
    }

    /**
     * A stream to be written by a thread that may wait, such as a virtual one; a write waits while
     * 64 KiB are under way. {@code flush} waits until all has been taken, {@code close} ends the
     * stream and waits until it is finished. One thread at a time writes.
     *
     * <p>The stream's error comes as the {@link java.io.IOException} that it is, at the next call.
     * An interrupt ends a wait with {@link java.io.InterruptedIOException}; what has been handed
     * over is written all the same.
     */
    public static OutputStream outputStream(Writable destination) {
        Checks.notNull(destination, "destination");
        Core.of(destination.reactor()).checkThread("Bridges.outputStream");
        BlockingOutput output = new BlockingOutput(destination);
        output.start();
        return output;
    }

    /**
     * A publisher of the stream's pieces, as copies in heap buffers of the subscriber's own, for
     * one subscriber. It may subscribe, request and cancel on any thread, and is called on the
     * loop's. A cancel destroys the stream; a second subscriber hears of an {@link
     * IllegalStateException}.
     */
    public static Flow.Publisher<ByteBuffer> publisher(Readable source) {
        Checks.notNull(source, "source");
        Core.of(source.reactor()).checkThread("Bridges.publisher");
        return new ReadablePublisher(source);
    }

    /**
     * A subscriber that writes what it gets, which must not change then, no faster than the stream
     * takes it. It may be called on any thread. Completion ends the stream, an error destroys it;
     * when the stream closes early the subscription is cancelled.
     */
    public static Flow.Subscriber<ByteBuffer> subscriber(Writable destination) {
        Checks.notNull(destination, "destination");
        Core.of(destination.reactor()).checkThread("Bridges.subscriber");
        return new WritableSubscriber(destination);
    }
}
