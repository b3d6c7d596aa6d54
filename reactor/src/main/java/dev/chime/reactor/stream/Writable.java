package dev.chime.reactor.stream;

import dev.chime.reactor.Buffer;
import dev.chime.reactor.Done;
import dev.chime.reactor.Task;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Where bytes go: a file, a socket, the input of a {@link Transform}. Loop thread only.
 *
 * <p>All forms of write take everything, keep call order, and gather what one turn writes. Events
 * come in this order: drain (any number), finish, close.
 */
public interface Writable extends ByteStream {
    /**
     * Queues a buffer, which is retained until it has been taken.
     *
     * @return false when {@link #highWaterMark} bytes or more are queued: better wait for {@link
     *     #onDrain}; also when the stream is destroyed, and the data with it: {@link #flush} tells
     * @throws IllegalStateException after {@link #end}
     */
    boolean write(Buffer data);

    /** Queues bytes; they must not change until {@link #flush} says that they are gone. */
    boolean write(byte[] data);

    /** Queues text as UTF-8. */
    default boolean write(String text) {
        return write(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Queues a copy of what remains in {@code data}, whose position moves to its limit. */
    default boolean write(ByteBuffer data) {
        byte[] copy = new byte[data.remaining()];
        data.get(copy);
        return write(copy);
    }

    /** Queues a buffer; {@code done} hears of it as of {@link #flush}, and of a write after end. */
    default boolean write(Buffer data, Done done) {
        if (Finish.refused(this, done)) {
            return false;
        }
        boolean below = write(data);
        flush(done);
        return below;
    }

    /** Queues bytes; {@code done} hears of it as of {@link #flush}, and of a write after end. */
    default boolean write(byte[] data, Done done) {
        if (Finish.refused(this, done)) {
            return false;
        }
        boolean below = write(data);
        flush(done);
        return below;
    }

    /** Queues text; {@code done} hears of it as of {@link #flush}, and of a write after end. */
    default boolean write(String text, Done done) {
        return write(text.getBytes(StandardCharsets.UTF_8), done);
    }

    /**
     * Calls back when everything written so far has been taken: at once in a later turn if nothing
     * is queued; with the stream's error, or one that says that it is gone, when it goes down
     * first. Calls come in the order of their writes.
     */
    void flush(Done done);

    /**
     * Runs {@code task} once the queue is empty, after a write had said false and before the end.
     */
    Writable onDrain(Task task);

    /** Runs {@code task} when, after {@link #end}, everything has been taken. */
    Writable onFinish(Task task);

    @Override
    Writable onClose(Done handler);

    /** Ends it behind what is queued; further ends do nothing. */
    void end();

    /** Writes {@code text} as UTF-8, then ends. */
    default void end(String text) {
        write(text);
        end();
    }

    /** Writes {@code data}, then ends. */
    default void end(byte[] data) {
        write(data);
        end();
    }

    /** Writes {@code data}, then ends. */
    default void end(Buffer data) {
        write(data);
        end();
    }

    /** True once {@link #end} has been called: a write would throw. */
    boolean isEnding();

    /** True once everything has been taken after {@link #end}. */
    boolean isFinished();

    /** Bytes queued and not taken. */
    long queuedBytes();

    /** Bytes that have been taken. */
    long bytesWritten();

    /** Bytes queued from which write says false: a threshold, no limit. */
    int highWaterMark();
}
