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
import java.util.List;
import org.junit.jupiter.api.io.TempDir;

/**
 * A connect that is stopped while a thread looks its name up. The child JVM takes names from a
 * FIFO, so a look-up lasts until the program writes an answer.
 */
class SlowLookupTest {
    @TempDir Path directory;

    /** The child's program: is told its engine, the FIFO, and the ways to stop, one by one. */
    static final class Program {
        private Program() {}

        /** Answers each look-up only when its connect has called back. */
        public static void main(String[] arguments) {
            Path names = Path.of(arguments[1]);
            EngineKind engine = EngineKind.valueOf(arguments[0]);
            for (int i = 2; i < arguments.length; i++) {
                String how = arguments[i];
                String host = how + ".test"; // each another one: the JVM remembers
                Reactor.run(
                        ReactorOptions.defaults().engine(engine),
                        reactor -> {
                            Operation connecting =
                                    Net.of(reactor)
                                            .connect(
                                                    1,
                                                    host,
                                                    (err, none) -> {
                                                        System.out.println(err.getMessage());
                                                        answer(names, host);
                                                    });
                            awaitLookup(reactor, connecting, how);
                        });
                System.out.println("ended");
            }
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

        private static void answer(Path names, String host) throws Exception {
            Files.writeString(names, "127.0.0.1 " + host + "\n");
        }
    }

    @EngineTest
    void deadlineAndCancel_comeWithoutTheLookupsEnd_andNotInsideTheCall(EngineKind engine)
            throws Exception {
        Path names = directory.resolve("names" + engine);
        assertEquals(List.of("exit 0"), ChildJvm.run(List.of("mkfifo", names.toString())));
        List<String> lines =
                ChildJvm.run(
                        List.of(),
                        List.of("-XX:TieredStopAtLevel=1", "-Djdk.net.hosts.file=" + names),
                        List.of(Net.class),
                        Program.class,
                        engine.name(),
                        names.toString(),
                        "deadline",
                        "cancel");
        assertEquals(
                List.of(
                        "connect ETIMEDOUT",
                        "ended",
                        "cancelled",
                        "connect ECANCELED",
                        "ended",
                        "exit 0"),
                lines);
    }
}
