package dev.chime.net;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Operation;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.ReactorOptions;
import dev.chime.reactor.testing.ChildJvm;
import dev.chime.reactor.testing.EngineTest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;

/**
 * A connect that is stopped while a thread looks its name up. The child JVM takes names from a
 * FIFO, so a look-up lasts until the program writes an answer.
 */
class SlowLookupTest {
    @TempDir Path directory;

    /** The child's program: is told its engine, the FIFO, and how to stop. */
    static final class Program {
        private Program() {}

        /** Answers the look-up only when the connect has called back. */
        public static void main(String[] arguments) {
            Path names = Path.of(arguments[1]);
            EngineKind engine = EngineKind.valueOf(arguments[0]);
            Reactor.run(
                    ReactorOptions.defaults().engine(engine),
                    reactor -> {
                        Operation connecting =
                                Net.of(reactor)
                                        .connect(
                                                1,
                                                "slow.test",
                                                (err, none) -> {
                                                    System.out.println(err.getMessage());
                                                    answer(names);
                                                });
                        awaitLookup(reactor, connecting, arguments[2]);
                    });
            System.out.println("ended");
        }

        private static void awaitLookup(Reactor reactor, Operation connecting, String how) {
            if (reactor.lanes().get(1).running() == 0) {
                reactor.setImmediate(() -> awaitLookup(reactor, connecting, how));
            } else if (how.equals("deadline")) {
                connecting.deadline(Duration.ofMillis(1));
            } else {
                connecting.cancel();
                System.out.println("cancelled");
            }
        }

        private static void answer(Path names) throws Exception {
            Files.writeString(names, "127.0.0.1 slow.test\n");
        }
    }

    private List<String> run(EngineKind engine, String how) throws Exception {
        Path names = directory.resolve("names" + how + engine);
        assertEquals(List.of("exit 0"), ChildJvm.run(List.of("mkfifo", names.toString())));
        List<String> options = List.of("-XX:TieredStopAtLevel=1", "-Djdk.net.hosts.file=" + names);
        List<String> lines =
                new ArrayList<>(
                        ChildJvm.run(
                                List.of(),
                                options,
                                List.of(Net.class),
                                Program.class,
                                engine.name(),
                                names.toString(),
                                how));
        return lines;
    }

    @EngineTest
    void deadline_comesWithoutTheLookupsEnd(EngineKind engine) throws Exception {
        assertEquals(List.of("connect ETIMEDOUT", "ended", "exit 0"), run(engine, "deadline"));
    }

    @EngineTest
    void cancel_comesWithoutTheLookupsEnd_andNotInsideTheCall(EngineKind engine) throws Exception {
        assertEquals(
                List.of("cancelled", "connect ECANCELED", "ended", "exit 0"),
                run(engine, "cancel"));
    }
}
