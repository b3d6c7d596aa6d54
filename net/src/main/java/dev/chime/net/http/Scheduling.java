package dev.chime.net.http;

/** Which of its resting connections a client uses next. */
public enum Scheduling {
    /**
     * The one that was used last: those at the bottom are closed in the end, and a busy one is
     * least likely to have been given up by its server.
     */
    LIFO,

    /** The one that has rested longest: the load is spread over all. */
    FIFO
}
