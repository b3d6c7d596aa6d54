package dev.chime.reactor;

/** The engine that was asked for by name cannot be had; the message says why and what to do. */
public final class EngineUnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final Errno errno;

    EngineUnavailableException(String message, Errno errno, Throwable cause) {
        super(message, cause);
        this.errno = errno;
    }

    /** The kernel's refusal. */
    public Errno errno() {
        return errno;
    }
}
