package dev.chime.samples.generations;

import dev.chime.reactor.Reactor;

/**
 * Takes the time that a loop needs to hand its submissions to the kernel.
 *
 * <p>The call that does this also waits for completions, which is no standing still. So in a turn
 * now and then an immediate keeps the loop from waiting, and what the call takes is the kernel's
 * own work on what was submitted. That costs a system call more, which many reads share.
 */
final class EnterClock {
    private static final int READS_A_SAMPLE = 8;

    private final Reactor reactor;
    private final Reads reads;
    private int sinceSample;
    private int thisTurn;
    private double weight;
    private long startedNanos;

    /** Follows the turns of a loop until it ends. */
    EnterClock(Reactor reactor, Reads reads) {
        this.reactor = reactor;
        this.reads = reads;
        reactor.onPrepare(this::beforeEnter).unref();
        reactor.onCheck(this::afterEnter).unref();
    }

    /** There is one more read to hand over. */
    void submitted() {
        sinceSample++;
        thisTurn++;
    }

    private void beforeEnter() {
        if (thisTurn > 0 && sinceSample >= READS_A_SAMPLE) {
            reactor.setImmediate(() -> {});
            weight = (double) sinceSample / thisTurn;
            sinceSample = 0;
            startedNanos = System.nanoTime();
        }
        thisTurn = 0;
    }

    /** The call has returned: the first callback behind it says so, or the end of the turn. */
    void afterEnter() {
        if (weight > 0) {
            reads.held(System.nanoTime() - startedNanos, weight);
            weight = 0;
        }
    }
}
