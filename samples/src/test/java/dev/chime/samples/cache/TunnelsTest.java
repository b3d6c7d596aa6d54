package dev.chime.samples.cache;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.EngineKind;
import dev.chime.reactor.testing.EngineTest;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.io.TempDir;

/** Tunnels of the proxy: what is secure goes through them, unseen. */
class TunnelsTest {
    private static final long ROOM = 1 << 20;

    @TempDir private Path folder;

    private static byte[] content(int seed, int bytes) {
        byte[] content = new byte[bytes];
        new Random(seed).nextBytes(content);
        return content;
    }

    @EngineTest
    void tunnels_passEverythingOnBothWays(EngineKind engine) throws Exception {
        byte[] content = content(5, 3_000_000);
        try (ServerSocket origin = new ServerSocket(0);
                TestProxy proxy = new TestProxy(engine, folder, ROOM, null)) {
            CompletableFuture<Void> echo =
                    CompletableFuture.runAsync(() -> {
                        try (Socket client = origin.accept()) {
                            // All of it must have come, and then its end, before any goes back.
                            byte[] all = client.getInputStream().readAllBytes();
                            client.getOutputStream().write(all);
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    });
            try (Socket client = new Socket("127.0.0.1", proxy.port)) {
                String head =
                        "CONNECT 127.0.0.1:%d HTTP/1.1\r\nHost: x\r\n\r\nearly"
                                .formatted(origin.getLocalPort());
                client.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
                String answer = "HTTP/1.1 200 Connection Established\r\n\r\n";
                assertEquals(
                        answer,
                        new String(
                                client.getInputStream().readNBytes(answer.length()),
                                StandardCharsets.US_ASCII));
                client.getOutputStream().write(content);
                client.shutdownOutput();
                byte[] back = client.getInputStream().readAllBytes();
                assertEquals("early", new String(back, 0, 5, StandardCharsets.US_ASCII));
                assertArrayEquals(content, Arrays.copyOfRange(back, 5, back.length));
            }
            echo.get();
        }
    }

    @EngineTest
    void tunnelsInWhichNothingMoves_areClosed(EngineKind engine) throws Exception {
        Duration idle = Duration.ofMillis(200);
        try (ServerSocket origin = new ServerSocket(0);
                TestProxy proxy =
                        new TestProxy(engine, folder, ROOM, null, Duration.ofMinutes(1), idle);
                Socket client = new Socket("127.0.0.1", proxy.port)) {
            client.setSoTimeout(60_000);
            String head =
                    "CONNECT 127.0.0.1:%d HTTP/1.1\r\nHost: x\r\n\r\n"
                            .formatted(origin.getLocalPort());
            client.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
            try (Socket accepted = origin.accept()) {
                accepted.setSoTimeout(60_000);
                InputStream in = client.getInputStream();
                in.readNBytes("HTTP/1.1 200 Connection Established\r\n\r\n".length());
                accepted.getOutputStream().write(7);
                assertEquals(7, in.read());
                assertEquals(-1, in.read());
                assertEquals(-1, accepted.getInputStream().read());
            }
        }
    }

    @EngineTest
    void tunnelsThatCannotBe_areRefused(EngineKind engine) throws Exception {
        int nobody;
        try (ServerSocket closed = new ServerSocket(0)) {
            nobody = closed.getLocalPort();
        }
        try (TestProxy proxy = new TestProxy(engine, folder, ROOM, null)) {
            String refused = connect(proxy.port, "127.0.0.1:" + nobody);
            assertTrue(refused.startsWith("HTTP/1.1 502 Bad Gateway\r\n"), refused);
            assertTrue(refused.contains("ECONNREFUSED 127.0.0.1:" + nobody), refused);
            for (String target : List.of("localhost:x", "localhost:99999", "localhost")) {
                String answer = connect(proxy.port, target);
                assertTrue(answer.startsWith("HTTP/1.1 400 "), answer);
            }
        }
        Path two = Files.createDirectory(folder.resolve("two"));
        try (TestProxy reverse = new TestProxy(engine, two, ROOM, "http://127.0.0.1:" + nobody)) {
            String answer = connect(reverse.port, "127.0.0.1:" + nobody);
            assertTrue(answer.startsWith("HTTP/1.1 501 "), answer);
        }
    }

    private static String connect(int port, String target) throws IOException {
        try (Socket client = new Socket("127.0.0.1", port)) {
            client.setSoTimeout(60_000);
            String head = "CONNECT " + target + " HTTP/1.1\r\nHost: x\r\n\r\n";
            client.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
            return new String(client.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        }
    }
}
