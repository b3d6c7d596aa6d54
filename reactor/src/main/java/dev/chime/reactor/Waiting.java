package dev.chime.reactor;

import dev.chime.reactor.engine.Engine;
import java.time.Duration;

/** How a loop spends the time until something is due: it sleeps in the engine, or spins first. */
final class Waiting {
    private final Engine engine;
    private final Operations operations;
    private final Inbox inbox;
    private final Timers timers;
    private final NanoClock clock;
    private final Meter meter;
    private final long spinNanos;

    Waiting(Loop loop, Operations operations, Inbox inbox, Meter meter, Duration spin) {
        engine = operations.engine();
        this.operations = operations;
        this.inbox = inbox;
        timers = loop.timers();
        clock = loop.clock();
        this.meter = meter;
        spinNanos = spin.toNanos();
    }

    /**
     * Hands everything to the kernel and, if told to, waits until there is something to do.
     *
     * @return true when it has found work while it was spinning, and delivered it
     */
    boolean enter(boolean wait) {
        if (!wait) {
            engine.enter(0);
            return false;
        }
        if (spinNanos > 0 && spin()) {
            return true;
        }
        inbox.sleep(timeout());
        return false;
    }

    /** How long nothing but a completion or a task can be due. */
    private long timeout() {
        long deadline = timers.nextDeadline();
        return deadline == Engine.FOREVER
                ? Engine.FOREVER
                : Math.max(0, deadline - clock.nanoTime());
    }

    /** Looks for work without sleeping; true when there is some. */
    private boolean spin() {
        long end = System.nanoTime() + Math.min(timeout(), spinNanos);
        long time;
        do {
            engine.enter(0);
            time = Meter.time();
            meter.resumesEarly(time);
            if (operations.drain() > 0 || !inbox.isEmpty()) {
                return true;
            }
            meter.waitsOn(time);
            Thread.onSpinWait();
        } while (time - end < 0);
        return false;
    }
}
