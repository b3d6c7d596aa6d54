package dev.chime.reactor.engine;

/** What happens when an operation completes: always on the loop thread, never inside submit. */
@FunctionalInterface
public interface Completion {
    /**
     * Takes a result.
     *
     * @param slot the operation, its fields as submitted; not to be kept after the last completion
     * @param result the kernel's: {@code >= 0}, or a negative errno
     * @param more true while a multishot operation goes on; false exactly once, the last time
     * @throws Exception what a user's callback threw; it goes to the uncaught handler
     */
    void complete(Slot slot, int result, boolean more) throws Exception;
}
