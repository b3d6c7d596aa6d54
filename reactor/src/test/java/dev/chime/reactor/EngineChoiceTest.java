package dev.chime.reactor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.engine.EngineRefused;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.testing.Availability;
import dev.chime.reactor.testing.ChildJvm;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.Reactors;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Which engine runs, what is said about it, and what happens when the kernel refuses the ring. */
class EngineChoiceTest {
    /** The child's program: runs two reactors and prints what they did. */
    static final class Program {
        private Program() {}

        /** Takes the engine's name. */
        public static void main(String[] arguments) {
            ((ch.qos.logback.classic.Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME))
                    .setLevel(ch.qos.logback.classic.Level.INFO);
            ReactorOptions options =
                    ReactorOptions.defaults().engine(EngineKind.parse(arguments[0]));
            for (int i = 0; i < 2; i++) {
                Reactor.run(
                        options,
                        reactor -> {
                            System.out.println("engine " + reactor.engine());
                            reactor.nop(err -> System.out.println("nop " + err));
                            new Ops(reactor)
                                    .openat(
                                            "/none",
                                            Const.O_RDONLY,
                                            0,
                                            r -> System.out.println("open " + Errno.of(r)));
                        });
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "1, EPERM, seccomp, kernel.io_uring_disabled",
        "38, ENOSYS, kernel, sandbox",
        "12, ENOMEM, memory, ulimit -l",
        "24, EMFILE, open files, ulimit -n",
        "13, EACCES, SELinux, allow io_uring",
        "22, EINVAL, form, 5.19",
        "23, ENFILE, open files, fs.file-max",
    })
    void refusal_namesErrnoCauseAndRemedy(int errno, String name, String cause, String remedy) {
        EngineRefused refused = new EngineRefused("io_uring_setup", errno);
        String message = refused.getMessage();
        assertEquals(errno, refused.errno());
        assertTrue(
                message.startsWith("io_uring_setup failed with errno " + errno + " (" + name + ")"),
                message);
        assertTrue(message.contains(cause), message);
        assertTrue(message.contains(remedy), message);
        assertEquals(-1, message.indexOf('\n'), "one line");
    }

    @ParameterizedTest
    @ValueSource(strings = {"EPERM", "ENOSYS", "EMFILE", "ENOMEM"})
    void setupRefused_autoRunsOnThePool_andSaysWhyOnce(String errno) throws Exception {
        List<String> lines = underStrace("io_uring_setup:error=" + errno, "auto");
        assertEquals(2, lines.stream().filter("engine pool"::equals).count(), lines::toString);
        assertEquals(2, lines.stream().filter("nop null"::equals).count(), lines::toString);
        assertEquals(2, lines.stream().filter("open ENOENT"::equals).count(), lines::toString);
        List<String> said = lines.stream().filter(line -> line.contains(" INFO ")).toList();
        assertEquals(1, said.size(), lines::toString);
        assertTrue(said.getFirst().contains(errno), said::toString);
        assertTrue(said.getFirst().contains("epoll"), said::toString);
    }

    @ParameterizedTest
    @ValueSource(strings = {"EPERM", "ENOSYS", "EMFILE", "ENOMEM"})
    void setupRefused_explicitUringFails_loudly(String errno) throws Exception {
        List<String> lines = underStrace("io_uring_setup:error=" + errno, "uring");
        String all = String.join("\n", lines);
        assertTrue(all.contains("EngineUnavailableException"), all);
        assertTrue(all.contains("the engine uring was asked for, but io_uring_setup failed"), all);
        assertTrue(all.contains(errno), all);
        assertTrue(lines.contains("exit 1"), all);
        assertTrue(lines.stream().noneMatch(line -> line.startsWith("engine ")), all);
    }

    @ParameterizedTest
    @ValueSource(strings = {"io_uring_enter", "io_uring_register"})
    void ringThatCannotBeUsed_isNotChosen(String call) throws Exception {
        List<String> lines = underStrace(call + ":error=EPERM", "auto");
        assertEquals(2, lines.stream().filter("engine pool"::equals).count(), lines::toString);
        assertEquals(2, lines.stream().filter("open ENOENT"::equals).count(), lines::toString);
        assertTrue(lines.stream().anyMatch(line -> line.contains(call)), lines::toString);
    }

    private static List<String> underStrace(String injection, String engine) throws Exception {
        Assumptions.assumeTrue(ChildJvm.straceWorks(), "no strace that may trace here");
        List<String> strace = new ArrayList<>(List.of("strace", "-f", "-qq", "-o", "/dev/null"));
        String call = injection.substring(0, injection.indexOf(':'));
        strace.addAll(List.of("-e", "trace=" + call, "-e", "inject=" + injection));
        return ChildJvm.run(strace, List.of("-XX:TieredStopAtLevel=1"), Program.class, engine);
    }

    @EngineTest
    void explicitChoice_isHonoured(EngineKind engine) {
        Reactors.run(
                engine,
                reactor -> {
                    boolean ring = engine == EngineKind.URING;
                    assertEquals(ring ? "uring" : "pool", reactor.engine());
                    boolean nop = ring && !Settings.DENIED.contains(Op.NOP);
                    assertEquals(nop, reactor.capabilities().onRing(Op.NOP));
                });
    }

    @Test
    void deniedOperation_isNotOnTheRing_theOthersAre() {
        Assumptions.assumeTrue(Availability.refusal().isEmpty(), Availability::refusal);
        Setup.runDenying(
                EnumSet.of(Op.OPENAT),
                Setup.URING.options(),
                reactor -> {
                    assertEquals(false, reactor.capabilities().onRing(Op.OPENAT));
                    assertEquals(
                            !Settings.DENIED.contains(Op.READ),
                            reactor.capabilities().onRing(Op.READ));
                });
        boolean open = !Settings.DENIED.contains(Op.OPENAT);
        Setup.URING.run(reactor -> assertEquals(open, reactor.capabilities().onRing(Op.OPENAT)));
    }
}
