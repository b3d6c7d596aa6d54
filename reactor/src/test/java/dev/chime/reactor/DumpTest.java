package dev.chime.reactor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.engine.Fd;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.Reactors;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;

/** What a reactor says of itself: what is in flight, and what keeps it alive. */
class DumpTest {
    private static String kinds(List<ActiveResource> resources) {
        return resources.stream().map(ActiveResource::kind).sorted().toList().toString();
    }

    @EngineTest
    void dump_hasALineForEveryOperationInFlight(EngineKind engine) {
        List<String> dumps = new ArrayList<>();
        int[] fd = new int[1];
        Reactors.run(
                engine,
                reactor -> {
                    Ops ops = new Ops(reactor);
                    Fd[] pair = ops.socketPair();
                    fd[0] = pair[0].number();
                    Operation waiting = ops.recv(pair[0], (slot, result, more) -> {});
                    reactor.setTimeout(60_000, () -> {}).unref();
                    reactor.setTimeout(
                            30,
                            () -> {
                                reactor.setImmediate(() -> {});
                                dumps.add(reactor.dump());
                                waiting.cancel();
                            });
                });
        String dump = dumps.getFirst();
        assertTrue(dump.contains("engine " + engine.name().toLowerCase(java.util.Locale.ROOT)));
        assertTrue(dump.contains("operations in flight: 1\n"), dump);
        String line = dump.lines().filter(text -> text.contains("RECV")).findFirst().orElseThrow();
        assertTrue(line.contains("fd " + fd[0] + ", in flight for "), line);
        double age = Double.parseDouble(line.replaceAll(".* for ([0-9.]+) ms.*", "$1"));
        assertTrue(age >= 29, line);
        assertTrue(dump.contains("timers: 0 referenced of 1, immediates: 1"), dump);
    }

    @EngineTest
    void dump_byAnotherThread_whileACallbackHangs(EngineKind engine) {
        AtomicReference<String> dump = new AtomicReference<>();
        Reactors.run(
                engine,
                reactor -> {
                    Ops ops = new Ops(reactor);
                    Operation waiting = ops.recv(ops.socketPair()[0], (slot, result, more) -> {});
                    reactor.setTimeout(
                            1,
                            () -> {
                                CountDownLatch done = new CountDownLatch(1);
                                Thread other =
                                        Thread.ofPlatform()
                                                .start(() -> {
                                                    dump.set(reactor.dump());
                                                    done.countDown();
                                                });
                                done.await();
                                other.join();
                                waiting.cancel();
                            });
                });
        assertTrue(dump.get().contains("busy for "), dump.get());
        assertTrue(dump.get().contains("operations in flight: 1\n  RECV"), dump.get());
    }

    @EngineTest
    void dump_afterTheEnd_saysThatNothingIsThere(EngineKind engine) {
        AtomicReference<Reactor> kept = new AtomicReference<>();
        Reactors.run(
                engine,
                reactor -> {
                    kept.set(reactor);
                    reactor.nop(err -> {});
                });
        assertTrue(kept.get().dump().contains("operations in flight: 0\n"), kept.get().dump());
    }

    @EngineTest
    void activeResources_areWhatKeepsTheLoopAlive(EngineKind engine) {
        List<String> seen = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    assertEquals(List.of(), reactor.activeResources());
                    Ops ops = new Ops(reactor);
                    CountDownLatch end = new CountDownLatch(1);
                    Timer once = reactor.setTimeout(60_000, () -> {});
                    Timer often = reactor.setInterval(60_000, () -> {});
                    reactor.setTimeout(60_000, () -> {}).unref();
                    Immediate soon = reactor.setImmediate(() -> {});
                    reactor.setImmediate(() -> {}).unref();
                    Hook hook = reactor.onCheck(() -> {});
                    reactor.onPrepare(() -> {}).unref();
                    Operation waiting = ops.recv(ops.socketPair()[0], (slot, result, more) -> {});
                    reactor.blocking(
                            () -> {
                                end.await();
                                return 1;
                            },
                            (err, value) -> {});
                    reactor.execute(() -> {});
                    ops.core.inClosePhase(() -> {});
                    seen.add(kinds(reactor.activeResources()));
                    once.clear();
                    often.clear();
                    soon.clear();
                    hook.clear();
                    seen.add(kinds(reactor.activeResources()));
                    end.countDown();
                    waiting.cancel();
                });
        assertEquals(
                List.of(
                        "[Blocking, CloseCallback, Hook, Immediate, Interval, Post, Timeout, read]",
                        "[Blocking, CloseCallback, Post, read]"),
                seen);
    }

    @EngineTest
    void activeResources_belongToTheLoopsThread(EngineKind engine) {
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Reactors.run(
                engine,
                reactor ->
                        reactor.blocking(
                                () -> {
                                    thrown.set(
                                            assertThrows(
                                                    IllegalStateException.class,
                                                    reactor::activeResources));
                                    return 1;
                                },
                                (err, value) -> assertEquals(null, err)));
        assertTrue(thrown.get().getMessage().contains("activeResources"), () -> "" + thrown.get());
    }
}
