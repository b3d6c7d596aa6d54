package dev.chime.samples;

/** The command line is wrong; the message says in what. */
public final class UsageException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** Says what is wrong with which option, and what to use instead. */
    public UsageException(String message) {
        super(message);
    }
}
