package dev.chime.reactor.stream;

import dev.chime.reactor.Buffer;

/** Takes bytes as they arrive. */
@FunctionalInterface
public interface DataHandler {
    /**
     * Takes some bytes.
     *
     * @param data the handler's until it returns; {@link Buffer#retain} keeps it longer
     * @throws Exception goes to the reactor's uncaught handler
     */
    void data(Buffer data) throws Exception;
}
