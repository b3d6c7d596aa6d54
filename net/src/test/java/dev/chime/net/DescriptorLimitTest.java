package dev.chime.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.net.testing.Content;
import dev.chime.net.testing.CrowdedServer;
import dev.chime.net.testing.Peers;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.testing.EngineTest;
import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;

/** A server whose process has no descriptor left. The limit is the process's, so it is a child. */
class DescriptorLimitTest {
    private static final int LIMIT = 120;
    private static final int CONNECTIONS = 200;
    private static final int MESSAGE = 10;
    private static final int IDLE_MILLIS = 1000;
    private static final int PATIENCE_TRIES = 10_000;

    /** What the server says: not worth a line unless the test fails. */
    @TempDir Path log;

    @EngineTest
    void fullServer_keepsServing_turnsTheOthersAway_andTakesNewOnesWhenThereIsRoom(
            EngineKind engine) throws Exception {
        Process server = start(engine);
        List<Socket> sockets = new ArrayList<>();
        try (BufferedReader out = server.inputReader(StandardCharsets.UTF_8)) {
            out.readLine(); // the first measurement, of its warm-up
            int port = Integer.parseInt(out.readLine());
            for (int i = 0; i < CONNECTIONS; i++) {
                Socket socket = Peers.connect(port);
                sockets.add(socket);
                greet(socket, i);
            }
            long busyBefore = loopMillis(server, out);
            List<Socket> served = served(sockets);
            long busy = loopMillis(server, out) - busyBefore;
            assertTrue(served.size() >= 20, served.size() + " served");
            assertTrue(served.size() < LIMIT, served.size() + ": the limit does not limit");
            assertTrue(busy < IDLE_MILLIS / 2, "the loop spins: busy for " + busy + " ms");
            assertEquals(CONNECTIONS - served.size(), ask('#', server, out), "dropped");

            Socket one = served.getFirst();
            one.getOutputStream().write(new Content(0).take(MESSAGE));
            Peers.read(one, new Content(0), MESSAGE);

            for (Socket socket : served) {
                socket.close();
            }
            servedAgain(port);
            server.getOutputStream().close();
            assertTrue(server.waitFor(30, TimeUnit.SECONDS), "the server ends");
            assertEquals(0, server.exitValue());
        } catch (Exception | AssertionError e) {
            throw new AssertionError("the server said:\n" + Files.readString(says()), e);
        } finally {
            for (Socket socket : sockets) {
                socket.close();
            }
            server.destroyForcibly().waitFor();
        }
    }

    private static void greet(Socket socket, int number) throws IOException {
        try {
            socket.getOutputStream().write(new Content(number).take(MESSAGE));
        } catch (SocketException e) {
            assertTurnedAway(socket);
        }
    }

    private static long loopMillis(Process server, BufferedReader out) throws IOException {
        return ask('?', server, out);
    }

    private static long ask(char what, Process server, BufferedReader out) throws IOException {
        server.getOutputStream().write(what);
        server.getOutputStream().flush();
        return Long.parseLong(out.readLine());
    }

    /** Those that get their echo; the others are turned away. */
    private static List<Socket> served(List<Socket> sockets) throws IOException {
        List<Socket> served = new ArrayList<>();
        for (int i = 0; i < sockets.size(); i++) {
            try {
                Peers.read(sockets.get(i), new Content(i), MESSAGE);
                served.add(sockets.get(i));
            } catch (EOFException | SocketException e) {
                assertTurnedAway(sockets.get(i));
            }
        }
        return served;
    }

    /** It was closed, before or after what it wrote had come. */
    private static void assertTurnedAway(Socket socket) throws IOException {
        try {
            assertEquals(-1, socket.getInputStream().read());
        } catch (SocketException e) {
            assertTrue(e.getMessage().contains("reset"), e::toString);
        }
    }

    /** The server may not have heard yet that there is room. */
    private static void servedAgain(int port) throws IOException {
        for (int tries = 1; ; tries++) {
            try (Socket socket = Peers.connect(port)) {
                socket.getOutputStream().write(new Content(tries).take(MESSAGE));
                Peers.read(socket, new Content(tries), MESSAGE);
                return;
            } catch (EOFException | SocketException e) {
                if (tries == PATIENCE_TRIES) {
                    throw e;
                }
            }
        }
    }

    private Path says() {
        return log.resolve("server.log");
    }

    private Process start(EngineKind engine) throws IOException {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        String classPath =
                System.getProperty(
                        "surefire.test.class.path", System.getProperty("java.class.path"));
        return new ProcessBuilder(
                        "sh",
                        "-c",
                        "ulimit -n " + LIMIT + " && exec \"$@\"",
                        "sh",
                        java,
                        "--enable-native-access=ALL-UNNAMED",
                        "-XX:+UseSerialGC",
                        "-cp",
                        classPath,
                        CrowdedServer.class.getName(),
                        engine.name())
                .redirectError(says().toFile())
                .start();
    }
}
