package dev.chime.samples.generations;

import dev.chime.reactor.Reactor;

/**
 * Takes the time that a loop needs to hand its submissions to the kernel.
 *
 * <p>The call that does this also waits for completions, which is no standing still. So in one of
 * {@link #SAMPLE_TURNS} turns with submissions an immediate keeps the loop from waiting, and what
 * the call takes is the kernel's own work on what was submitted.
 */
final class EnterClock {
    private static final int SAMPLE_TURNS = 8;

    private final Reactor reactor;
    private final Reads reads;
    private boolean submissions;
    private int turns;
    private boolean running;
    private long startedNanos;

    /** Follows the turns of a loop until it ends. */
    EnterClock(Reactor reactor, Reads reads) {
        this.reactor = reactor;
        this.reads = reads;
        reactor.onPrepare(this::beforeEnter).unref();
        reactor.onCheck(this::afterEnter).unref();
    }

    /** There is something to hand over. */
    void submitted() {
        submissions = true;
    }

    private void beforeEnter() {
        if (submissions && ++turns % SAMPLE_TURNS == 0) {
            reactor.setImmediate(() -> {});
            running = true;
            startedNanos = System.nanoTime();
        }
        submissions = false;
    }

    /** The call has returned: the first callback behind it says so, or the end of the turn. */
    void afterEnter() {
        if (running) {
            running = false;
            reads.held(System.nanoTime() - startedNanos, SAMPLE_TURNS);
        }
    }
}
