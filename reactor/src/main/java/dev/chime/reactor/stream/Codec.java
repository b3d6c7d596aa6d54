package dev.chime.reactor.stream;

import dev.chime.reactor.ReactorException;
import java.nio.ByteBuffer;

/** What a {@link Transform} does to the bytes that go through it. One codec serves one stream. */
@FunctionalInterface
public interface Codec extends AutoCloseable {
    /**
     * Turns some input into some output; both positions move. It is called again with more room
     * when it says false, with the next input, or the last call, when it says true; so it may keep
     * what it cannot use yet, but not {@code input} itself once it has said true.
     *
     * @param input what has come and has not been used; empty in the last calls
     * @param last true when nothing comes behind {@code input}
     * @param output where the result goes; it has room
     * @return true when all of the input has been used, and, if it was the last, all output given;
     *     false when there may be more output
     * @throws ReactorException ends the stream
     */
    boolean transform(ByteBuffer input, boolean last, ByteBuffer output) throws ReactorException;

    /** Gives back what the codec holds; called once. */
    @Override
    default void close() {}
}
