package dev.chime.reactor.engine;

/** Where an engine delivers completions, in {@link Engine#drain} and nowhere else. */
@FunctionalInterface
public interface CompletionSink {
    /** Delivers one result; never throws. See {@link Completion#complete}. */
    void deliver(Slot slot, int result, boolean more);
}
