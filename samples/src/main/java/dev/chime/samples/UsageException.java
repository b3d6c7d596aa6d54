package dev.chime.samples;

/** The command line is wrong; the message says in what. */
final class UsageException extends RuntimeException {
    private static final long serialVersionUID = 1;

    UsageException(String message) {
        super(message);
    }
}
