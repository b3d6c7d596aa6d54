package dev.chime.reactor;

/** Waits that an interrupt does not cut short; it is kept for later. */
final class Uninterrupted {
    /** Something that waits. */
    interface Wait {
        /** Waits, from the start when it is called again. */
        void await() throws InterruptedException;
    }

    private Uninterrupted() {}

    static void run(Wait wait) {
        boolean interrupted = false;
        boolean over = false;
        while (!over) {
            try {
                wait.await();
                over = true;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
