package dev.chime.reactor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.chime.reactor.engine.Engine;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.testing.Reactors;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** {@link Timers} against a sorted set of the same timers, under random steps and a made clock. */
class TimersModelTest {
    private static final Comparator<Timer> FIRING_ORDER =
            Comparator.comparingLong((Timer timer) -> timer.deadline)
                    .thenComparingLong(timer -> timer.order);

    @Test
    void randomSteps_matchTheSortedModel() {
        long seed = Long.getLong("chime.seed", System.nanoTime());
        System.out.println("TimersModelTest: -Dchime.seed=" + seed);
        Random random = new Random(seed);
        Reactors.run(
                EngineKind.POOL,
                reactor -> {
                    for (int round = 0; round < 40; round++) {
                        int delays = 1 + random.nextInt(round % 4 == 0 ? 3000 : 20);
                        new Steps(reactor, random, delays).run(5000);
                    }
                });
    }

    @Test
    void aNewTimerDoesNotFireInTheBatchThatStartedIt() {
        Reactors.run(
                EngineKind.POOL,
                reactor -> {
                    Timers timers = new Timers((Loop) Core.of(reactor));
                    Timer first = timers.start(() -> {}, 0, Timer.ONCE, 100);
                    long mark = timers.mark();
                    assertSame(first, timers.takeDue(100, mark));
                    Timer second = timers.start(() -> {}, 0, Timer.ONCE, 100);
                    assertNull(timers.takeDue(100, mark));
                    assertSame(second, timers.takeDue(100, timers.mark()));
                });
    }

    @Test
    void emptyTimers_haveNoDeadline() {
        Timers timers = new Timers(null);
        assertEquals(Engine.FOREVER, timers.nextDeadline());
        assertNull(timers.takeDue(Long.MAX_VALUE, timers.mark()));
        assertEquals(0, timers.referenced());
    }

    /** One run of random steps on fresh timers and a fresh model. */
    private static final class Steps {
        private final Random random;
        private final int delays;
        private final Timers timers;
        private final TreeSet<Timer> model = new TreeSet<>(FIRING_ORDER);
        private final List<Timer> all = new ArrayList<>();
        private long now = 1_000;

        Steps(Reactor reactor, Random random, int delays) {
            timers = new Timers((Loop) Core.of(reactor));
            this.random = random;
            this.delays = delays;
        }

        void run(int steps) {
            for (int i = 0; i < steps; i++) {
                switch (random.nextInt(10)) {
                    case 0, 1, 2, 3 -> start();
                    case 4, 5 -> remove();
                    case 6 -> restart();
                    default -> advance();
                }
                check();
            }
            now = Long.MAX_VALUE;
            fire();
            check();
            assertEquals(0, model.size());
        }

        private void start() {
            long delay = random.nextInt(50) == 0 ? Long.MAX_VALUE : random.nextInt(delays) * 7L;
            // A start in the past happens: an interval counts from the start of its run.
            long at = now - random.nextInt(20);
            Timer timer = timers.start(() -> {}, delay, Timer.ONCE, at);
            if (random.nextInt(4) == 0) {
                timer.unref();
            }
            model.add(timer);
            all.add(timer);
        }

        private void add(Timer timer, long at) {
            timers.add(timer, at);
            model.add(timer);
        }

        private void remove() {
            if (!all.isEmpty()) {
                Timer timer = all.get(random.nextInt(all.size()));
                model.remove(timer);
                timers.remove(timer);
            }
        }

        private void restart() {
            if (!all.isEmpty()) {
                Timer timer = all.get(random.nextInt(all.size()));
                model.remove(timer);
                timers.remove(timer);
                add(timer, now);
            }
        }

        private void advance() {
            now += random.nextInt(delays * 2);
            fire();
        }

        private void fire() {
            long mark = timers.mark();
            for (Timer due = timers.takeDue(now, mark);
                    due != null;
                    due = timers.takeDue(now, mark)) {
                assertSame(model.pollFirst(), due);
                assertEquals(false, due.isActive());
            }
        }

        private void check() {
            long expected = model.isEmpty() ? Engine.FOREVER : model.getFirst().deadline;
            assertEquals(expected, timers.nextDeadline());
            if (!model.isEmpty() && model.getFirst().deadline <= now) {
                assertEquals(true, model.getFirst().isActive());
            }
            int referenced = 0;
            if (random.nextInt(100) == 0) {
                for (Timer timer : model) {
                    referenced += timer.hasRef() ? 1 : 0;
                }
                assertEquals(referenced, timers.referenced());
            }
        }
    }
}
