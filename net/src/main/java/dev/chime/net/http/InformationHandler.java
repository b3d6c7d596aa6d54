package dev.chime.net.http;

/** Hears what a server says before its response. */
@FunctionalInterface
public interface InformationHandler {
    /**
     * A head of a status from 100 to 199 has come, but not 101.
     *
     * @param head its status and fields; it has no body
     * @throws Exception goes to the reactor's uncaught handler
     */
    void information(IncomingMessage head) throws Exception;
}
