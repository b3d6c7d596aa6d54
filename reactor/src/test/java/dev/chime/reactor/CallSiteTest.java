package dev.chime.reactor;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.chime.program.TracedProgram;
import dev.chime.reactor.testing.ChildJvm;
import dev.chime.reactor.testing.EngineTest;
import java.util.List;

/** Trace mode: errors and resources know the call that they come from. */
class CallSiteTest {
    @EngineTest
    void inTraceMode_errorsAndResourcesKnowTheirCalls(EngineKind engine) throws Exception {
        assertEquals(
                List.of(
                        "abandoned: blocking < asksForWork",
                        "beside it: blocking < asksForWork",
                        "cause of thrown: breaks < perform",
                        "made in a callback: makesAnError < lambda$asksForWork$",
                        "resource Blocking: blocking < asksForWork",
                        "resource Immediate: setImmediate < startsTimers",
                        "resource Interval: setInterval < startsTimers",
                        "resource Timeout: setTimeout < startsTimers",
                        "thrown: blocking < asksForWork",
                        "user's own: fails < perform",
                        "exit 0"),
                run("true", engine));
    }

    @EngineTest
    void withoutTraceMode_errorsHaveNoStack_andResourcesNoCreation(EngineKind engine)
            throws Exception {
        assertEquals(
                List.of(
                        "abandoned: ",
                        "beside it: none",
                        "cause of thrown: breaks < perform",
                        "made in a callback: ",
                        "resource Blocking: none",
                        "resource Immediate: none",
                        "resource Interval: none",
                        "resource Timeout: none",
                        "thrown: ",
                        "user's own: ",
                        "exit 0"),
                run("false", engine));
    }

    private static List<String> run(String trace, EngineKind engine) throws Exception {
        return ChildJvm.run(
                        List.of(),
                        List.of("-Dchime.trace=" + trace, "-Dchime.poison=true", "-ea"),
                        TracedProgram.class,
                        engine.name())
                .stream()
                .map(line -> line.replaceAll("\\$[0-9]+$", "\\$"))
                .toList();
    }
}
