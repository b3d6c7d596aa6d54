package dev.chime.reactor.stream;

import dev.chime.reactor.Done;
import dev.chime.reactor.Task;
import java.nio.charset.Charset;

/**
 * Where bytes come from: a file, a socket, the output of a {@link Transform}. Loop thread only.
 *
 * <p>It does not flow before {@link #onData}, {@link #pipe}, {@link #resume} or something built on
 * them asks for data. Events come in this order: data, end, close; the end comes when all data has
 * been consumed.
 */
@SuppressWarnings("AvoidCommonTypeNames") // Node's name; java.lang's is one that few know
public interface Readable extends ByteStream {
    /**
     * Hands what comes to {@code handler} and starts to flow. There is one handler: the newest.
     * What replaces it decides where the rest of the data goes.
     */
    Readable onData(DataHandler handler);

    /**
     * As {@link #onData}, but hands out text. Characters whose bytes come in different pieces stay
     * whole; bytes that the charset does not know become its replacement.
     */
    default Readable onText(Charset charset, TextHandler handler) {
        Checks.notNull(charset, "charset");
        Checks.notNull(handler, "handler");
        Decoding decoding = new Decoding(charset);
        StringBuilder text = new StringBuilder();
        onEnd(() -> {
            decoding.finish(text);
            if (!text.isEmpty()) {
                handler.text(text.toString());
            }
        });
        return onData(data -> {
            text.setLength(0);
            decoding.append(data, text);
            String piece = text.toString();
            text.setLength(0);
            if (!piece.isEmpty()) {
                handler.text(piece);
            }
        });
    }

    /** Runs {@code task} when no more data comes and all of it has been handed out. */
    Readable onEnd(Task task);

    @Override
    Readable onClose(Done handler);

    /** Hands out no data until {@link #resume}; what is on its way is kept, in order. */
    Readable pause();

    /** Flows on; without a data handler what comes is dropped. */
    Readable resume();

    /** True before anything asked for data, and after {@link #pause}. */
    boolean isPaused();

    /** True once the end has been told. */
    boolean isEnded();

    /** Bytes that came from the source. */
    long bytesRead();

    /**
     * Sends everything to {@code destination}, no faster than it takes it, and ends it when this
     * ends. When one of the two goes down early, so does the other; {@link Pipeline} tells about
     * that too.
     *
     * @return the destination
     */
    default <W extends Writable> W pipe(W destination) {
        return pipe(destination, true);
    }

    /**
     * Sends everything to {@code destination}.
     *
     * @param end whether the destination is ended when this ends
     * @return the destination
     */
    default <W extends Writable> W pipe(W destination, boolean end) {
        Checks.notNull(destination, "destination");
        new Pipe(this, destination, end).start();
        return destination;
    }

    /**
     * Takes the pipe to {@code destination} away. If it was the newest, which takes the data, the
     * stream is paused; what is on its way is kept for who pipes, or calls {@link #onData}, next.
     * The destination keeps what it has got and is not ended; neither stream goes down with the
     * other any more. Without such a pipe nothing happens.
     */
    default Readable unpipe(Writable destination) {
        Checks.notNull(destination, "destination");
        Pipes.unpipe(this, destination);
        return this;
    }

    /** Takes all pipes from this stream away, as {@link #unpipe(Writable)} does. */
    default Readable unpipe() {
        Pipes.unpipe(this, null);
        return this;
    }

    /** The content as text, line by line. */
    default Lines lines(Charset charset) {
        return new Lines(this, charset);
    }
}
