package dev.chime.samples.generations;

import dev.chime.reactor.ReactorException;
import java.io.IOException;

/** One way of reading a file. */
interface Generation {
    /** What the table and the plot call it. */
    String name();

    /** Whether it reads past the page cache, with {@code O_DIRECT}. */
    default boolean direct() {
        return false;
    }

    /**
     * Begins and ends requests for as long as {@code reads} has some. When it returns, also with an
     * exception, nothing is in flight, and all that it took is given back.
     *
     * @throws UnavailableException when this system has no such way; nothing has been read then
     * @throws ReactorException when a read fails
     */
    void perform(Reads reads) throws UnavailableException, ReactorException, IOException;
}
