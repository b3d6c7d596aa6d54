package dev.chime.samples;

import dev.chime.reactor.Reactor;
import dev.chime.reactor.Task;
import dev.chime.reactor.Timer;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/**
 * The loop's own operations, each repeated many times: chains, timers, tasks from other threads.
 */
final class LabLoop {
    private static final int BATCH = 1000;
    private static final int WARMUP_ROUNDS = 6;
    private static final int DELAYS = 1000;

    /** One measured kind of operation: runs {@code n} of them, then {@code done}. */
    @FunctionalInterface
    private interface Kind {
        void run(Reactor reactor, int n, Task done) throws Exception;
    }

    private static final Map<String, Kind> KINDS =
            Map.of(
                    "immediate_chain", LabLoop::immediateChain,
                    "immediate_batch", LabLoop::immediateBatch,
                    "nexttick_chain", LabLoop::nextTickChain,
                    "timer_setclear", LabLoop::timerSetClear,
                    "timer_fire", LabLoop::timerFire,
                    "post", LabLoop::post);

    private LabLoop() {}

    static int run(Arguments arguments) throws Exception {
        arguments.allow("op", "n");
        arguments.noWords();
        String op = arguments.text("op");
        int n = arguments.number("n", 1, Integer.MAX_VALUE);
        if (op.equals("post_pingpong")) {
            pingPong(n);
            return 0;
        }
        Kind kind = KINDS.get(op);
        if (kind == null) {
            throw new UsageException(
                    "--op is " + op + ": use post_pingpong or one of " + KINDS.keySet());
        }
        Reactor.run(reactor -> rounds(reactor, kind, n, 0));
        return 0;
    }

    private static void rounds(Reactor reactor, Kind kind, int n, int round) throws Exception {
        Measure measure = new Measure();
        measure.start();
        kind.run(
                reactor,
                n,
                () -> {
                    if (round < WARMUP_ROUNDS) {
                        reactor.setImmediate(() -> rounds(reactor, kind, n, round + 1));
                    } else {
                        measure.print(n);
                    }
                });
    }

    private static void immediateChain(Reactor reactor, int n, Task done) {
        int[] left = {n};
        reactor.setImmediate(
                new Task() {
                    @Override
                    public void run() throws Exception {
                        if (--left[0] > 0) {
                            reactor.setImmediate(this);
                        } else {
                            done.run();
                        }
                    }
                });
    }

    private static void immediateBatch(Reactor reactor, int n, Task done) {
        int[] left = {n};
        Task[] start = new Task[1];
        Task one =
                () -> {
                    left[0]--;
                    if (left[0] == 0) {
                        done.run();
                    } else if (left[0] % BATCH == 0) {
                        start[0].run();
                    }
                };
        start[0] =
                () -> {
                    for (int i = Math.min(BATCH, left[0]); i > 0; i--) {
                        reactor.setImmediate(one);
                    }
                };
        reactor.setImmediate(start[0]);
    }

    private static void nextTickChain(Reactor reactor, int n, Task done) {
        int[] left = {n};
        reactor.nextTick(
                new Task() {
                    @Override
                    public void run() throws Exception {
                        if (--left[0] > 0) {
                            reactor.nextTick(this);
                        } else {
                            done.run();
                        }
                    }
                });
    }

    private static void timerSetClear(Reactor reactor, int n, Task done) throws Exception {
        Timer[] timers = new Timer[n];
        Task never = () -> {};
        for (int i = 0; i < n; i++) {
            timers[i] = reactor.setTimeout(DELAYS + i % DELAYS, never);
        }
        for (Timer timer : timers) {
            timer.clear();
        }
        done.run();
    }

    private static void timerFire(Reactor reactor, int n, Task done) {
        int[] left = {n};
        Task fired =
                () -> {
                    if (--left[0] == 0) {
                        done.run();
                    }
                };
        for (int i = 0; i < n; i++) {
            reactor.setTimeout(1 + i % 10, fired);
        }
    }

    private static void post(Reactor reactor, int n, Task done) {
        int[] left = {n};
        Timer alive = reactor.setInterval(60_000, () -> {});
        Runnable task =
                () -> {
                    if (--left[0] == 0) {
                        alive.clear();
                        reactor.nextTick(done);
                    }
                };
        Thread.ofPlatform()
                .start(() -> {
                    for (int i = 0; i < n; i++) {
                        reactor.execute(task);
                    }
                });
    }

    /** A loop on another thread that stays until it is told to stop. */
    private static Reactor otherLoop() throws InterruptedException {
        CountDownLatch started = new CountDownLatch(1);
        Reactor[] other = new Reactor[1];
        Thread.ofPlatform()
                .start(() ->
                        Reactor.run(reactor -> {
                            other[0] = reactor;
                            reactor.setInterval(60_000, () -> {});
                            started.countDown();
                        }));
        started.await();
        return other[0];
    }

    private static void pingPong(int n) throws InterruptedException {
        Reactor other = otherLoop();
        Reactor.run(reactor -> {
            Timer alive = reactor.setInterval(60_000, () -> {});
            new PingPong(reactor, other, n, alive).ping();
        });
    }

    /** Round trips between two loops, each timed. */
    private static final class PingPong {
        private final Reactor there;
        private final Timer alive;
        private final long[] nanos;
        private final int warmup;
        private final Measure measure = new Measure();
        private final Runnable pong = this::pong;
        private final Runnable answer;
        private long sent;
        private int round;

        PingPong(Reactor here, Reactor there, int n, Timer alive) {
            this.there = there;
            this.alive = alive;
            nanos = new long[n];
            warmup = n / 4;
            answer = () -> here.execute(pong);
        }

        void ping() {
            sent = System.nanoTime();
            there.execute(answer);
        }

        private void pong() {
            if (round == warmup) {
                measure.start();
            }
            if (round >= warmup) {
                nanos[round - warmup] = System.nanoTime() - sent;
            }
            if (++round < warmup + nanos.length) {
                ping();
                return;
            }
            double seconds = measure.seconds();
            Arrays.sort(nanos);
            System.out.printf(
                    Locale.ROOT,
                    "{\"ops\":%d,\"seconds\":%.6f,\"cpu_seconds\":%.6f,"
                            + "\"p50_us\":%.1f,\"p99_us\":%.1f}%n",
                    nanos.length,
                    seconds,
                    measure.cpuSeconds(),
                    nanos[nanos.length / 2] / 1e3,
                    nanos[nanos.length / 100 * 99] / 1e3);
            alive.clear();
            there.execute(there::stop);
        }
    }
}
