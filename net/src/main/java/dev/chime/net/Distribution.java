package dev.chime.net;

/** How the connections of a {@link GroupServer} come to its loops. */
public enum Distribution {
    /**
     * Each loop listens on the same port, and the kernel chooses by a hash of the addresses
     * (SO_REUSEPORT, socket(7)): nothing is handed over, and a few clients may well share a loop.
     * Other processes of the same user can listen on the port, too. TCP alone. When a loop ends,
     * the clients that wait for it to accept are reset.
     */
    KERNEL,
    /**
     * The loop that called listen accepts, and hands the connections to the loops in turn. When
     * that loop ends nobody accepts any more.
     */
    ROUND_ROBIN,
    /** As {@link #ROUND_ROBIN}, but each goes to the loop that has the fewest. */
    LEAST_CONNECTIONS
}
