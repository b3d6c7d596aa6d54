package dev.chime.net.dns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.net.Net;
import dev.chime.reactor.AbortController;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Operation;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.EveryEngine;
import dev.chime.reactor.testing.Reactors;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Questions that are stopped: once, truthfully, and only for who asked. */
class StopTest {
    private static final String CANCELED = "queryA ECANCELED a.test";

    private static void answer(NameServer.Query query) throws Exception {
        query.records(query.name() + " 60 A 192.0.2.1");
    }

    @EngineTest
    void cancelInAnyTurn_callsBackOnce(EngineKind engine) {
        for (int turns = 0; turns < 12; turns++) {
            int after = turns;
            boolean overTcp = turns % 2 == 1;
            Resolves resolves =
                    Resolves.run(
                            engine,
                            query -> {
                                if (overTcp && !query.tcp) {
                                    query.send(query.cut());
                                } else {
                                    answer(query);
                                }
                            },
                            asked -> {
                                Operation asking = asked.resolve("a.test", RecordType.A);
                                cancelAfter(asked.net().reactor(), asking, after);
                            });
            assertEquals(1, resolves.results().size(), resolves.results()::toString);
            assertTrue(
                    List.of(CANCELED, "[[address=192.0.2.1, ttl=PT1M]]")
                            .containsAll(resolves.results()),
                    resolves.results()::toString);
        }
    }

    private static void cancelAfter(Reactor reactor, Operation operation, int turns) {
        if (turns == 0) {
            operation.cancel();
            operation.cancel();
        } else {
            reactor.setImmediate(() -> cancelAfter(reactor, operation, turns - 1));
        }
    }

    @EngineTest
    void cancelAtOnce_asksNobody(EngineKind engine) {
        Resolves resolves =
                Resolves.run(
                        engine,
                        StopTest::answer,
                        asked -> asked.resolve("a.test", RecordType.A).cancel());
        assertEquals(List.of(CANCELED), resolves.results());
        assertEquals(List.of(), resolves.server().log());
    }

    @EngineTest
    void cancelOfOne_leavesTheOthers(EngineKind engine) {
        Resolves resolves =
                Resolves.run(
                        engine,
                        StopTest::answer,
                        asked -> {
                            Operation first = asked.resolve("a.test", RecordType.A);
                            asked.resolve("a.test", RecordType.A);
                            asked.resolve("a.test", RecordType.A).cancel();
                            first.cancel();
                        });
        assertEquals(
                List.of(CANCELED, CANCELED, "[[address=192.0.2.1, ttl=PT1M]]"), resolves.results());
        assertEquals(List.of("a.test A"), resolves.server().log());
    }

    @EngineTest
    void cancelOfAll_letsTheNextAskAgain(EngineKind engine) {
        Resolves resolves =
                Resolves.run(
                        engine,
                        query -> {
                            if (query.server.log().size() > 1) {
                                answer(query);
                            }
                        },
                        asked -> {
                            Operation[] asking = new Operation[1];
                            asking[0] =
                                    asked.resolve(
                                            "a.test",
                                            RecordType.A,
                                            () -> asked.resolve("a.test", RecordType.A));
                            cancelWhenAsked(asked, asking[0]);
                        });
        assertEquals(List.of(CANCELED, "[[address=192.0.2.1, ttl=PT1M]]"), resolves.results());
        assertEquals(List.of("a.test A", "a.test A"), resolves.server().log());
    }

    private static void cancelWhenAsked(Resolves asked, Operation asking) {
        if (asked.server().log().isEmpty()) {
            asked.net().reactor().setImmediate(() -> cancelWhenAsked(asked, asking));
        } else {
            asking.cancel();
        }
    }

    @EveryEngine
    void questionsInTheQueue_goWhenTheyAreCancelled(EngineKind engine) {
        int more = 10;
        List<Operation> operations = new ArrayList<>();
        Resolves resolves =
                Resolves.run(
                        engine,
                        query -> {},
                        asked -> {
                            for (int i = 0; i < Questions.MOST_AT_ONCE + more; i++) {
                                operations.add(asked.resolve("a" + i + ".test", RecordType.A));
                            }
                            asked.net()
                                    .reactor()
                                    .setImmediate(() -> {
                                        Collections.reverse(operations);
                                        operations.forEach(Operation::cancel);
                                    });
                        });
        assertEquals(Questions.MOST_AT_ONCE + more, resolves.results().size());
        assertTrue(resolves.results().stream().allMatch(r -> r.startsWith("queryA ECANCELED")));
    }

    @EveryEngine
    void deadlineAndSignal_stopAQuestion(EngineKind engine) {
        Resolves resolves =
                Resolves.run(
                        engine,
                        query -> {},
                        asked -> {
                            AbortController controller = new AbortController(asked.net().reactor());
                            asked.resolve("a.test", RecordType.A, controller::abort)
                                    .deadline(Duration.ofMillis(20));
                            asked.resolve("b.test", RecordType.A).abortOn(controller.signal());
                        });
        assertEquals(
                List.of("queryA ETIMEDOUT a.test", "queryA ECANCELED b.test"), resolves.results());
    }

    @EveryEngine
    void endOfTheLoop_isECANCELED_alsoForWhoAsksThen(EngineKind engine) {
        Resolves resolves =
                Resolves.run(
                        engine,
                        query -> {},
                        asked -> {
                            asked.resolve(
                                    "a.test",
                                    RecordType.A,
                                    () -> asked.resolve("late.test", RecordType.A));
                            asked.resolve("a.test", RecordType.A);
                            asked.net().reactor().setImmediate(asked.net().reactor()::stop);
                        });
        assertEquals(List.of(CANCELED, CANCELED, "queryA ECANCELED late.test"), resolves.results());
    }

    @EveryEngine
    void aQuestionUnderWay_isAnActiveResource(EngineKind engine) {
        List<String> active = new ArrayList<>();
        Resolves.run(
                engine,
                query -> {},
                asked -> {
                    Operation asking = asked.resolve("a.test", RecordType.A);
                    asked.net().reactor().activeResources().stream()
                            .filter(resource -> resource.kind().equals("Dns"))
                            .forEach(resource -> active.add(resource.toString()));
                    asking.cancel();
                });
        assertEquals(List.of("Dns: queryA a.test"), active);
    }

    @EngineTest
    void fileThatCannotBeRead_isTold(EngineKind engine) {
        List<String> errors = new ArrayList<>();
        Reactors.run(
                engine,
                reactor ->
                        Dns.of(Net.of(reactor), DnsOptions.defaults().resolvConf(Path.of("/")))
                                .resolve(
                                        "a.test",
                                        RecordType.A,
                                        (err, none) -> errors.add(err.getMessage())));
        assertEquals(List.of("queryA EFILE a.test: cannot read /: Is a directory"), errors);
    }
}
