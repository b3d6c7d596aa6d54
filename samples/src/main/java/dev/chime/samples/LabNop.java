package dev.chime.samples;

import dev.chime.reactor.Done;
import dev.chime.reactor.Reactor;

/** Empty operations through the engine, a fixed number in flight: the loop's own cost. */
final class LabNop {
    private static final double WARMUP_SECONDS = 2;
    private static final int CHECK_CLOCK_MASK = 0xffff;

    private final Reactor reactor;
    private final double seconds;
    private final Measure measure = new Measure();
    private final Done next = err -> next();
    private long operations;
    private boolean warm;
    private boolean over;

    private LabNop(Reactor reactor, double seconds) {
        this.reactor = reactor;
        this.seconds = seconds;
        measure.start();
    }

    static int run(Arguments arguments) {
        arguments.allow("batch", "seconds");
        arguments.noWords();
        int batch = arguments.number("batch", 1, 1 << 16);
        double seconds = arguments.seconds("seconds");
        Reactor.run(reactor -> {
            LabNop lab = new LabNop(reactor, seconds);
            for (int i = 0; i < batch; i++) {
                reactor.nop(lab.next);
            }
        });
        return 0;
    }

    private void next() {
        if ((++operations & CHECK_CLOCK_MASK) == 0) {
            checkClock();
        }
        if (!over) {
            reactor.nop(next);
        }
    }

    private void checkClock() {
        if (!warm && measure.seconds() >= WARMUP_SECONDS) {
            warm = true;
            operations = 0;
            measure.start();
        } else if (warm && !over && measure.seconds() >= seconds) {
            over = true;
            measure.print(operations);
        }
    }
}
