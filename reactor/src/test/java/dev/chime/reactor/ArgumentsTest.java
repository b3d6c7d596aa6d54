package dev.chime.reactor;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.testing.EveryEngine;
import dev.chime.reactor.testing.Reactors;
import java.time.Duration;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Laws 3 and 4: wrong threads and wrong arguments throw at the call, and say what is wrong. */
class ArgumentsTest {
    private static Map<String, Executable> calls(Reactor reactor) {
        Map<String, Executable> calls = new LinkedHashMap<>();
        Timer timer = reactor.setTimeout(1, () -> {});
        Immediate immediate = reactor.setImmediate(() -> {});
        Operation operation = reactor.nop(err -> {});
        calls.put("nextTick", () -> reactor.nextTick(() -> {}));
        calls.put("microtask", () -> reactor.microtask(() -> {}));
        calls.put("setImmediate", () -> reactor.setImmediate(() -> {}));
        calls.put("setTimeout", () -> reactor.setTimeout(1, () -> {}));
        calls.put("setInterval", () -> reactor.setInterval(1, () -> {}));
        calls.put("nop", () -> reactor.nop(err -> {}));
        Set<PollEvent> readable = EnumSet.of(PollEvent.READABLE);
        calls.put("poll", () -> reactor.poll(0, readable, (err, events) -> {}));
        calls.put("pollRepeatedly", () -> reactor.pollRepeatedly(0, readable, (err, e) -> {}));
        calls.put("blocking", () -> reactor.blocking(() -> 1, (err, value) -> {}));
        calls.put("buffer", () -> reactor.buffer(1));
        calls.put("onUncaught", () -> reactor.onUncaught(null));
        calls.put("stop", () -> reactor.stop());
        calls.put("Timer.clear", timer::clear);
        calls.put("Timer.refresh", timer::refresh);
        calls.put("Timer.ref", timer::ref);
        SignalListener listener = reactor.onSignal("URG", () -> {});
        calls.put("onSignal", () -> reactor.onSignal("URG", () -> {}));
        calls.put("SignalListener.clear", listener::clear);
        calls.put("SignalListener.ref", listener::ref);
        calls.put("stop was", () -> reactor.stop(Duration.ZERO));
        calls.put("lanes", reactor::lanes);
        calls.put("Immediate.clear", immediate::clear);
        calls.put("Immediate.unref", immediate::unref);
        calls.put("Operation.cancel", operation::cancel);
        return calls;
    }

    @EveryEngine
    void everyCallFromAnotherThread_throws_andNamesExecute(EngineKind engine) {
        Map<String, Throwable> thrown = new ConcurrentHashMap<>();
        int[] expected = {0};
        Reactors.run(
                engine,
                reactor -> {
                    Map<String, Executable> calls = calls(reactor);
                    expected[0] = calls.size();
                    Thread other =
                            new Thread(() ->
                                    calls.forEach((name, call) -> {
                                        try {
                                            call.execute();
                                        } catch (Throwable t) {
                                            thrown.put(name, t);
                                        }
                                    }));
                    other.start();
                    other.join();
                });
        assertEquals(expected[0], thrown.size());
        thrown.forEach((name, t) -> {
            assertEquals(IllegalStateException.class, t.getClass());
            assertTrue(t.getMessage().startsWith(name), t::getMessage);
            assertTrue(t.getMessage().contains("reactor.execute"), t::getMessage);
        });
    }

    @EveryEngine
    void nullCallbacks_areRefusedAtTheCall_byName(EngineKind engine) {
        Reactors.run(
                engine,
                reactor ->
                        assertAll(
                                () -> refused("task", () -> reactor.nextTick(null)),
                                () -> refused("task", () -> reactor.microtask(null)),
                                () -> refused("task", () -> reactor.setImmediate(null)),
                                () -> refused("task", () -> reactor.setTimeout(1, null)),
                                () -> refused("task", () -> reactor.setInterval(1, null)),
                                () ->
                                        refused(
                                                "task",
                                                () -> reactor.setTimeout(Duration.ZERO, null)),
                                () -> refused("task", () -> reactor.execute(null)),
                                () -> refused("done", () -> reactor.nop(null)),
                                () -> refused("work", () -> reactor.blocking(null, (e, v) -> {})),
                                () -> refused("callback", () -> reactor.blocking(() -> 1, null)),
                                () -> refused("fd", () -> poll(reactor, -1, PollEvent.READABLE)),
                                () -> refused("events", () -> poll(reactor, 0)),
                                () ->
                                        refused(
                                                "callback",
                                                () ->
                                                        reactor.poll(
                                                                0,
                                                                EnumSet.of(PollEvent.READABLE),
                                                                null)),
                                () -> refused("bytes", () -> reactor.buffer(-1))));
        refused("main", () -> Reactor.run(Reactors.options(engine), null));
    }

    private static void poll(Reactor reactor, int fd, PollEvent... events) {
        reactor.pollRepeatedly(fd, Set.of(events), (err, told) -> {});
    }

    private static void refused(String argument, Executable call) {
        IllegalArgumentException thrown = assertThrows(IllegalArgumentException.class, call);
        assertTrue(thrown.getMessage().startsWith(argument + " "), thrown::getMessage);
    }

    @EveryEngine
    void refusedCalls_leaveNothingBehind(EngineKind engine) {
        // A vote or an operation left behind by a refused call would keep this loop alive.
        Reactors.run(
                Reactors.options(engine),
                Duration.ofSeconds(10),
                reactor -> {
                    assertThrows(IllegalArgumentException.class, () -> reactor.setImmediate(null));
                    assertThrows(IllegalArgumentException.class, () -> reactor.nop(null));
                    assertThrows(
                            IllegalArgumentException.class, () -> reactor.blocking(() -> 1, null));
                    assertThrows(IllegalArgumentException.class, () -> reactor.setTimeout(1, null));
                });
    }

    @Test
    void options_refuseWhatMakesNoSense_byName() {
        ReactorOptions good = ReactorOptions.defaults();
        assertAll(
                () -> refused("sqEntries", () -> good.entries(0, 2)),
                () -> refused("sqEntries", () -> good.entries(3, 8)),
                () -> refused("sqEntries", () -> good.entries(1 << 16, 1 << 16)),
                () -> refused("cqEntries", () -> good.entries(4, 4)),
                () -> refused("cqEntries", () -> good.entries(4, 9)),
                () -> refused("workers", () -> good.workers(0)),
                () -> refused("workers", () -> good.workers(1025)),
                () -> refused("busyPoll", () -> good.busyPoll(Duration.ofNanos(-1))),
                () ->
                        refused(
                                "shutdownDeadline",
                                () -> good.shutdownDeadline(Duration.ofNanos(-1))));
        IllegalArgumentException unknown =
                assertThrows(IllegalArgumentException.class, () -> EngineKind.parse("kqueue"));
        assertEquals(
                "-Dchime.engine=kqueue is not an engine: use auto, uring, pool or sim",
                unknown.getMessage());
        assertEquals(EngineKind.POOL, EngineKind.parse("pool"));
    }

    @EveryEngine
    void bufferAfterItsRelease_throws_andSlicesLiveOn(EngineKind engine) {
        Reactors.run(
                engine,
                reactor -> {
                    Buffer buffer = reactor.buffer(16);
                    buffer.set(3, (byte) 42);
                    Buffer slice = buffer.slice(2, 4);
                    buffer.retain();
                    buffer.release();
                    assertEquals(16, buffer.length());
                    buffer.release();
                    assertThrows(IllegalStateException.class, buffer::length);
                    assertThrows(IllegalStateException.class, () -> buffer.get(0));
                    assertThrows(IllegalStateException.class, buffer::release);
                    assertEquals(42, slice.get(1));
                    assertThrows(IndexOutOfBoundsException.class, () -> slice.get(4));
                    assertThrows(IndexOutOfBoundsException.class, () -> slice.slice(3, 2));
                    slice.release();
                    Buffer large = reactor.buffer(1 << 20);
                    large.set((1 << 20) - 1, (byte) 1);
                    large.release();
                });
    }

    @EveryEngine
    void capabilities_nameTheEngine(EngineKind engine) {
        Reactors.run(
                engine,
                reactor -> {
                    assertEquals(engine.name().toLowerCase(Locale.ROOT), reactor.engine());
                    Slot slot = Core.of(reactor).slot(Op.NOP, (s, result, more) -> {});
                    Core.of(reactor).submit(slot);
                });
    }
}
