package dev.chime.reactor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.engine.Fd;
import dev.chime.reactor.testing.ChildJvm;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.EveryEngine;
import dev.chime.reactor.testing.Reactors;
import java.util.Arrays;
import java.util.List;

/** Buffers that nobody releases are reported at the end, with the place that made them. */
class BufferCensusTest {
    /** The child's program: leaves two buffers, and ends well. */
    static final class Program {
        private Program() {}

        /** Takes the engine's name. */
        public static void main(String[] arguments) {
            Reactor.run(
                    ReactorOptions.defaults().engine(EngineKind.valueOf(arguments[0])),
                    reactor -> forgets(reactor, 2, 100));
        }
    }

    private static void forgets(Reactor reactor, int count, int bytes) {
        for (int i = 0; i < count; i++) {
            reactor.buffer(bytes);
        }
    }

    private static void forgetsSlice(Buffer buffer) {
        buffer.slice(1, 7);
    }

    /** What a leak says, and the methods on its stack: the call, and who called. */
    private static String line(Throwable leak) {
        StackTraceElement[] stack = leak.getStackTrace();
        return leak.getMessage()
                + (stack.length < 2
                        ? ""
                        : ": " + stack[0].getMethodName() + " < " + stack[1].getMethodName());
    }

    @EveryEngine
    void inPoisonMode_theRunFails_andEachPlaceIsNamedOnce(EngineKind engine) {
        AssertionError error =
                assertThrows(
                        AssertionError.class,
                        () ->
                                Reactors.run(
                                        engine,
                                        reactor -> {
                                            forgets(reactor, 3, 1000);
                                            Buffer released = reactor.buffer(10);
                                            forgetsSlice(released);
                                            released.release();
                                        }));
        assertEquals(
                "the reactor ended with 4 buffers and 4 chunks in use: a release() is missing",
                error.getMessage());
        assertEquals(
                List.of(
                        "1 buffers of together 7 bytes, made here: slice < forgetsSlice",
                        "3 buffers of together 3000 bytes, made here: buffer < forgets"),
                Arrays.stream(error.getSuppressed()).map(BufferCensusTest::line).sorted().toList());
    }

    @EveryEngine
    void inPoisonMode_receivedBytesAreNamedSo(EngineKind engine) {
        AssertionError error =
                assertThrows(
                        AssertionError.class,
                        () ->
                                Reactors.run(
                                        engine,
                                        reactor -> {
                                            Ops ops = new Ops(reactor);
                                            Fd[] pair = ops.socketPair();
                                            assertEquals(3, ops.writeNow(pair[0], "abc"));
                                            ops.recv(
                                                    pair[1],
                                                    (slot, result, more) -> {
                                                        if (result > 0) {
                                                            ops.core.wrap(
                                                                    slot.chunk,
                                                                    slot.chunkOffset,
                                                                    result);
                                                            reactor.stop();
                                                        }
                                                    });
                                        }));
        assertEquals(1, error.getSuppressed().length);
        assertEquals(
                "1 buffers of together 3 bytes, received; -Dchime.trace=true tells by which call",
                line(error.getSuppressed()[0]));
    }

    @EngineTest
    void inTraceMode_itIsLogged_andTheRunEndsWell(EngineKind engine) throws Exception {
        List<String> lines = run("-Dchime.trace=true", engine);
        String all = String.join("\n", lines);
        assertTrue(all.contains("2 buffers and 2 chunks in use"), all);
        assertTrue(all.contains("2 buffers of together 200 bytes, made here"), all);
        assertTrue(all.contains("BufferCensusTest.forgets(BufferCensusTest.java:"), all);
        assertEquals("exit 0", lines.getLast(), all);
    }

    @EngineTest
    void outsideTheseModes_nothingIsSaid(EngineKind engine) throws Exception {
        assertEquals(List.of("exit 0"), run("-Dchime.trace=false", engine));
    }

    private static List<String> run(String option, EngineKind engine) throws Exception {
        List<String> options = List.of(option, "-Dchime.poison=false", "-XX:TieredStopAtLevel=1");
        return ChildJvm.run(List.of(), options, Program.class, engine.name());
    }
}
