package dev.chime.reactor.stream;

/** Takes text as it arrives. */
@FunctionalInterface
public interface TextHandler {
    /**
     * Takes some text: whole characters, in pieces of any length.
     *
     * @throws Exception goes to the reactor's uncaught handler
     */
    void text(String text) throws Exception;
}
