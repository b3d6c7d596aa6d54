package dev.chime.reactor;

/**
 * An open descriptor that is on its way from one owner to another: the duplicate of a file's or a
 * socket's, to be sent to another process; or one that came from there. It belongs to whoever has
 * this object, until it is sent, made a file or a socket again, or closed. The reactor closes what
 * is left at its end, and reports what the program drops. Close-on-exec is set. Loop thread only;
 * only this library makes them.
 */
public interface Descriptor extends AutoCloseable {
    /** True until it is closed or somebody else's. */
    boolean isOpen();

    /** True when it is a socket's, listening or not. */
    boolean isSocket();

    /** Closes it, unless it is closed or somebody else's already. */
    @Override
    void close();
}
