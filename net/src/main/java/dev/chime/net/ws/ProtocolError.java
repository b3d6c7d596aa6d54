package dev.chime.net.ws;

import dev.chime.reactor.ReactorException;

/** What a peer must not send, with the close code that tells it so. */
final class ProtocolError extends ReactorException {
    private static final long serialVersionUID = 1;

    private final int closeCode;

    ProtocolError(String code, int closeCode, String message) {
        super(code, message);
        this.closeCode = closeCode;
    }

    int closeCode() {
        return closeCode;
    }
}
