package dev.chime.reactor;

/**
 * There is no native memory for a buffer: the reactor's limit is reached, or the kernel maps no
 * more. The message says which, and what to do.
 */
public final class NativeMemoryException extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final transient MemoryMetrics memory;

    NativeMemoryException(OutOfMemoryError refusal, MemoryMetrics memory) {
        super(refusal.getMessage());
        this.memory = memory;
    }

    /** How the reactor's memory stood. */
    public MemoryMetrics memory() {
        return memory;
    }
}
