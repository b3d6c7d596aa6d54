package dev.chime.net;

/** Takes what a socket has put into its user's array. */
@FunctionalInterface
public interface ReadHandler {
    /**
     * Takes the first {@code bytes} of the array, which the next call writes over.
     *
     * @return false to pause the socket: what comes behind is kept until {@link Socket#resume}
     * @throws Exception goes to the reactor's uncaught handler
     */
    boolean read(int bytes) throws Exception;
}
