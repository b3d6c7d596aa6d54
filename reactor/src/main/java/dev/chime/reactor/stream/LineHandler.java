package dev.chime.reactor.stream;

/** Takes the lines of a text, one by one. */
@FunctionalInterface
public interface LineHandler {
    /**
     * Takes a line.
     *
     * @param text without the line's end
     * @throws Exception goes to the reactor's uncaught handler
     */
    void line(String text) throws Exception;
}
