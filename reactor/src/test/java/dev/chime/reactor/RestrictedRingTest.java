package dev.chime.reactor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.internal.Core;
import dev.chime.reactor.libc.ErrnoCode;
import dev.chime.reactor.libc.Libc;
import dev.chime.reactor.libc.RegisterOp;
import dev.chime.reactor.libc.Sys;
import dev.chime.reactor.testing.Availability;
import dev.chime.reactor.testing.ChildJvm;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The reactor's own ring refuses what the reactor does not need, unless a property lifts that. */
class RestrictedRingTest {
    /** Prints what the ring says of a foreign call, and that a wake-up comes through. */
    static final class Program {
        private Program() {}

        /** Takes nothing. */
        public static void main(String[] arguments) {
            Reactor.run(
                    ReactorOptions.defaults().engine(EngineKind.URING),
                    reactor -> {
                        Libc libc = Core.of(reactor).libc();
                        int fd = ringOf(Path.of("/proc/self/fd"));
                        int op = RegisterOp.UNREGISTER_EVENTFD;
                        System.out.println(libc.syscall(Sys.IO_URING_REGISTER, fd, op, 0, 0));
                        Timer alive = reactor.setTimeout(60_000, () -> {});
                        Thread.ofPlatform()
                                .start(() ->
                                        reactor.execute(() -> {
                                            System.out.println("woken");
                                            alive.clear();
                                        }));
                    });
        }

        private static int ringOf(Path descriptors) throws IOException {
            try (DirectoryStream<Path> entries = Files.newDirectoryStream(descriptors)) {
                for (Path entry : entries) {
                    if (Files.isSymbolicLink(entry)
                            && Files.readSymbolicLink(entry).toString().contains("io_uring")) {
                        return Integer.parseInt(entry.getFileName().toString());
                    }
                }
            }
            throw new AssertionError("no ring is open");
        }
    }

    @ParameterizedTest
    @CsvSource({"true, " + -ErrnoCode.EACCES, "false, " + -ErrnoCode.ENXIO})
    void foreignCall_isRefused_unlessThePropertyAllowsIt(String restrict, String answer)
            throws Exception {
        Assumptions.assumeTrue(Availability.refusal().isEmpty(), Availability::refusal);
        List<String> lines =
                ChildJvm.run(
                        List.of(),
                        List.of("-XX:TieredStopAtLevel=1", "-Dchime.restrict=" + restrict),
                        Program.class);
        assertTrue(lines.contains("woken"), lines::toString);
        assertEquals(answer, lines.getFirst(), lines::toString);
        assertEquals("exit 0", lines.getLast(), lines::toString);
    }
}
