package dev.chime.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.chime.net.testing.Stranger;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.testing.ChildJvm;
import dev.chime.reactor.testing.EngineTest;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;

/** What the kernel does not allow a user without rights, as whom a child runs. */
class DeniedTest {
    /** A user namespace without a mapping: no right is left of those that root has. */
    private static final List<String> WITHOUT_RIGHTS = List.of("unshare", "-U");

    @TempDir Path folder;

    @EngineTest
    void foreignSocketsAndPorts_areEACCES(EngineKind engine) throws Exception {
        assumeTrue(works(), "no user namespaces");
        Path path = folder.resolve("s");
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(path));
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("---------"));
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("r-x------"));
            List<String> lines =
                    ChildJvm.run(
                            WITHOUT_RIGHTS,
                            List.of("-XX:TieredStopAtLevel=1"),
                            List.of(Net.class),
                            Stranger.class,
                            engine.name(),
                            path.toString());
            assertEquals(
                    List.of(
                            "connect EACCES " + path,
                            "listen EACCES: permission denied 127.0.0.1:80",
                            "listen EACCES: permission denied " + path + "2",
                            "exit 0"),
                    lines);
        } finally {
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
        }
    }

    private static boolean works() throws InterruptedException {
        try {
            return ChildJvm.run(
                            List.of(WITHOUT_RIGHTS.getFirst(), WITHOUT_RIGHTS.getLast(), "true"))
                    .contains("exit 0");
        } catch (IOException e) {
            return false;
        }
    }
}
