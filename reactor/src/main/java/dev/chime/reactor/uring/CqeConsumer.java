package dev.chime.reactor.uring;

/** Takes completions one by one. */
@FunctionalInterface
public interface CqeConsumer {
    /** Takes one; it has been marked as seen when this returns. */
    void accept(Cqe cqe);
}
