package dev.chime.reactor.testing;

import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.ReactorOptions;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Runs a reactor on the calling thread under a watchdog: a loop that does not end is stopped, and
 * the test fails with the stacks of all threads instead of hanging.
 */
public final class Reactors {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int GRACE_SECONDS = 10;

    private Reactors() {}

    /** Options for one engine, all else by default. */
    public static ReactorOptions options(EngineKind engine) {
        return ReactorOptions.defaults().engine(engine);
    }

    /** Runs a loop to its end, a minute at the most. */
    public static void run(EngineKind engine, Reactor.Main main) {
        run(options(engine), main);
    }

    /** Runs a loop to its end, a minute at the most. */
    public static void run(ReactorOptions options, Reactor.Main main) {
        run(options, PATIENCE, main);
    }

    /** Runs a loop to its end; what a callback throws is thrown here. */
    public static void run(ReactorOptions options, Duration patience, Reactor.Main main) {
        AtomicReference<Reactor> running = new AtomicReference<>();
        AtomicReference<String> hung = new AtomicReference<>();
        CountDownLatch ended = new CountDownLatch(1);
        Thread loop = Thread.currentThread();
        Thread watchdog =
                Thread.ofPlatform()
                        .daemon()
                        .name("watchdog of " + loop.getName())
                        .start(() -> watch(loop, ended, patience, running, hung));
        try {
            Reactor.run(
                    options,
                    reactor -> {
                        running.set(reactor);
                        main.start(reactor);
                    });
        } finally {
            ended.countDown();
            join(watchdog);
            String dump = hung.get();
            if (dump != null) {
                Thread.interrupted();
                throw new AssertionError("the loop did not end within " + patience + "\n" + dump);
            }
        }
    }

    private static void join(Thread watchdog) {
        boolean interrupted = Thread.interrupted();
        while (watchdog.isAlive()) {
            try {
                watchdog.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static void watch(
            Thread loop,
            CountDownLatch ended,
            Duration patience,
            AtomicReference<Reactor> running,
            AtomicReference<String> hung) {
        try {
            if (ended.await(patience.toNanos(), TimeUnit.NANOSECONDS)) {
                return;
            }
            String dump = threads();
            hung.set(dump);
            Reactor reactor = running.get();
            if (reactor != null) {
                stop(reactor);
            }
            loop.interrupt();
            if (!ended.await(GRACE_SECONDS, TimeUnit.SECONDS)) {
                // Nothing ends this loop: better no test at all than one that hangs.
                System.err.println("a reactor neither ends nor stops\n" + dump);
                Runtime.getRuntime().halt(1);
            }
        } catch (InterruptedException e) {
            throw new AssertionError("nobody interrupts the watchdog", e);
        }
    }

    private static void stop(Reactor reactor) {
        try {
            reactor.execute(reactor::stop);
        } catch (RejectedExecutionException e) {
            // It has come as far as its end, and hangs there.
        }
    }

    /** The stacks of all threads. */
    public static String threads() {
        StringBuilder out = new StringBuilder();
        for (Map.Entry<Thread, StackTraceElement[]> entry : Thread.getAllStackTraces().entrySet()) {
            out.append(entry.getKey()).append(' ').append(entry.getKey().getState()).append('\n');
            for (StackTraceElement frame : entry.getValue()) {
                out.append("    at ").append(frame).append('\n');
            }
        }
        return out.toString();
    }
}
