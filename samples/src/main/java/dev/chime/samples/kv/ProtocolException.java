package dev.chime.samples.kv;

/** A client's bytes are no command; the message is for the client, and the connection ends. */
final class ProtocolException extends Exception {
    private static final long serialVersionUID = 1;

    ProtocolException(String message) {
        super("Protocol error: " + message, null, false, false);
    }
}
