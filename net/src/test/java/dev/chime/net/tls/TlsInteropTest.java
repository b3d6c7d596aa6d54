package dev.chime.net.tls;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.chime.net.testing.Peers;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.Reactors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Programs that others have written, as peers; left out where they are not installed. */
class TlsInteropTest {
    private static final int PATIENCE_SECONDS = 30;

    @TempDir Path folder;

    @BeforeEach
    void files() throws IOException {
        Files.writeString(folder.resolve("root.pem"), Authority.ROOT.pem());
        Files.writeString(folder.resolve("server.crt"), Authority.SERVER.certificatesPem());
        Files.writeString(folder.resolve("server.key"), Authority.SERVER.keyPem());
        Files.writeString(folder.resolve("client.crt"), Authority.CLIENT.certificatesPem());
        Files.writeString(folder.resolve("client.key"), Authority.CLIENT.keyPem());
    }

    private static void assumeThere(String program) {
        boolean there =
                Arrays.stream(String.valueOf(System.getenv("PATH")).split(":"))
                        .anyMatch(dir -> Files.isExecutable(Path.of(dir, program)));
        assumeTrue(there, program + " is not installed");
    }

    /** Runs a program in the folder, with input or none, and returns what it said. */
    private String run(String input, String... command) throws Exception {
        Process process =
                new ProcessBuilder(command)
                        .directory(folder.toFile())
                        .redirectErrorStream(true)
                        .start();
        try (var in = process.getOutputStream()) {
            in.write(input.getBytes(UTF_8));
        }
        String said = new String(process.getInputStream().readAllBytes(), UTF_8);
        if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError(command[0] + " does not end");
        }
        return said;
    }

    /** Runs a program beside a server of ours, on a thread; {@code PORT} in it is the server's. */
    private String client(
            EngineKind engine,
            TlsOptions options,
            TlsConnectionHandler handler,
            String input,
            String... command)
            throws Exception {
        String[] said = new String[1];
        try (Peers peers = new Peers()) {
            Reactors.run(
                    engine,
                    reactor ->
                            TlsPeers.listen(
                                    reactor,
                                    options,
                                    handler,
                                    (server, port) ->
                                            peers.start(
                                                    reactor,
                                                    () -> {
                                                        said[0] = run(input, with(port, command));
                                                        reactor.execute(
                                                                () -> TlsPeers.close(server));
                                                    })));
        }
        return said[0];
    }

    private static String[] with(int port, String[] command) {
        return Arrays.stream(command)
                .map(word -> word.replace("PORT", Integer.toString(port)))
                .toArray(String[]::new);
    }

    @EngineTest
    void curl_getsAnAnswer(EngineKind engine) throws Exception {
        assumeThere("curl");
        String body = "hello from afar\n".repeat(20_000);
        for (String version : List.of("1.2", "1.3")) {
            List<String> agreed = new ArrayList<>();
            String said =
                    client(
                            engine,
                            TlsPeers.server().alpn("http/1.1"),
                            socket -> {
                                agreed.add(socket.protocol().label() + " " + socket.alpn());
                                socket.onClose(err -> agreed.add(String.valueOf(err)));
                                socket.onData(data ->
                                        socket.end(
                                                "HTTP/1.1 200 OK\r\nConnection: close\r\n"
                                                        + "Content-Length: "
                                                        + body.length()
                                                        + "\r\n\r\n"
                                                        + body));
                            },
                            "",
                            "curl",
                            "-sS",
                            "--tlsv" + version,
                            "--tls-max",
                            version,
                            "--cacert",
                            "root.pem",
                            "https://localhost:PORT/");
            assertEquals(body, said);
            assertEquals("TLSv" + version + " http/1.1", agreed.getFirst());
        }
    }

    @EngineTest
    void curl_showsItsCertificate_orIsSentAway(EngineKind engine) throws Exception {
        assumeThere("curl");
        TlsOptions options =
                TlsOptions.of(
                                TlsContext.of(Authority.SERVER.identity())
                                        .trust(Authority.ROOT.trust()))
                        .clientAuth(ClientAuth.REQUIRE);
        TlsConnectionHandler handler =
                socket ->
                        socket.onData(data ->
                                socket.end(
                                        "HTTP/1.0 200 OK\r\n\r\n"
                                                + socket.peerCertificates()
                                                        .getFirst()
                                                        .getSubjectX500Principal()));
        String url = "https://localhost:PORT/";
        assertEquals(
                "CN=a client",
                client(
                        engine,
                        options,
                        handler,
                        "",
                        "curl",
                        "-sS",
                        "--cacert",
                        "root.pem",
                        "--cert",
                        "client.crt",
                        "--key",
                        "client.key",
                        url));
        String refused =
                client(engine, options, handler, "", "curl", "-sS", "--cacert", "root.pem", url);
        assertTrue(refused.contains("certificate required"), refused);
    }

    @EngineTest
    void sClient_getsItsEcho_andTheEnd(EngineKind engine) throws Exception {
        assumeThere("openssl");
        String text = "a line of some length, many times\n".repeat(5000);
        for (String version : List.of("-tls1_2", "-tls1_3")) {
            List<String> closes = new ArrayList<>();
            String said =
                    client(
                            engine,
                            TlsPeers.server(),
                            socket -> {
                                socket.onClose(err -> closes.add(String.valueOf(err)));
                                socket.onData(data -> {
                                    socket.write(data);
                                    if (socket.bytesRead() == text.length()) {
                                        socket.end(); // -quiet: it does not end by itself
                                    }
                                });
                            },
                            text,
                            "openssl",
                            "s_client",
                            "-quiet",
                            "-verify_quiet",
                            "-verify_return_error",
                            "-CAfile",
                            "root.pem",
                            "-servername",
                            "localhost",
                            version,
                            "-connect",
                            "127.0.0.1:PORT");
            assertTrue(said.contains(text), said.length() + " bytes: " + tail(said));
            assertEquals(List.of("null"), closes);
        }
    }

    private static String tail(String text) {
        return text.substring(Math.max(0, text.length() - 300));
    }

    @EngineTest
    void sClient_resumesItsSession(EngineKind engine) throws Exception {
        assumeThere("openssl");
        for (String version : List.of("-tls1_2", "-tls1_3")) {
            TlsOptions options = TlsPeers.server();
            List<Boolean> resumed = new ArrayList<>();
            TlsConnectionHandler handler =
                    socket -> {
                        resumed.add(socket.isResumed());
                        socket.resume();
                        socket.write("x");
                    };
            String shell =
                    "(sleep 0.3; echo Q) | openssl s_client -CAfile root.pem "
                            + version
                            + " -connect 127.0.0.1:PORT ";
            String first =
                    client(engine, options, handler, "", "sh", "-c", shell + "-sess_out s.pem");
            String second =
                    client(engine, options, handler, "", "sh", "-c", shell + "-sess_in s.pem");
            assertTrue(first.contains("New, TLSv"), first);
            assertTrue(second.contains("Reused, TLSv"), second);
            assertEquals(List.of(false, true), resumed);
        }
    }

    /** TLS 1.2 allows it (RFC 5746), we do not. */
    @EngineTest
    void sClient_thatRenegotiates_isSentAway(EngineKind engine) throws Exception {
        assumeThere("openssl");
        List<String> closes = new ArrayList<>();
        client(
                engine,
                TlsPeers.server(),
                socket -> {
                    socket.onClose(err -> closes.add(err == null ? "null" : err.code()));
                    socket.resume();
                },
                "",
                "sh",
                "-c",
                "(sleep 0.3; echo R; sleep 1) | openssl s_client -tls1_2 -connect 127.0.0.1:PORT");
        assertEquals(List.of("ERR_TLS_RENEGOTIATION_DISABLED"), closes);
    }

    @EngineTest
    void sServer_answersUs_andSeesOurCertificate(EngineKind engine) throws Exception {
        assumeThere("openssl");
        for (String version : List.of("-tls1_2", "-tls1_3")) {
            int port = Peers.freePort();
            Process server =
                    new ProcessBuilder(
                                    "openssl",
                                    "s_server",
                                    "-accept",
                                    "127.0.0.1:" + port,
                                    "-cert",
                                    "server.crt",
                                    "-key",
                                    "server.key",
                                    "-cert_chain",
                                    "server.crt",
                                    "-CAfile",
                                    "root.pem",
                                    "-Verify",
                                    "1",
                                    version,
                                    "-rev")
                            .directory(folder.toFile())
                            .redirectErrorStream(true)
                            .start();
            try {
                var log = server.inputReader(UTF_8);
                String line = log.readLine();
                while (line != null && !line.startsWith("ACCEPT")) {
                    line = log.readLine();
                }
                assertNotNull(line, "s_server does not listen");
                Thread.ofPlatform().daemon().start(() -> log.lines().forEach(said -> {}));
                StringBuilder answer = new StringBuilder();
                TlsContext context =
                        TlsContext.of(Authority.CLIENT.identity()).trust(Authority.ROOT.trust());
                boolean[] resumed = new boolean[2];
                Reactors.run(engine, reactor -> ask(reactor, port, context, answer, resumed, 0));
                assertEquals("olleh\nolleh\n", answer.toString());
                assertEquals("[false, true]", Arrays.toString(resumed));
            } finally {
                server.destroy();
                assertTrue(server.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS));
            }
        }
    }

    private static void ask(
            Reactor reactor,
            int port,
            TlsContext context,
            StringBuilder answer,
            boolean[] resumed,
            int round) {
        TlsPeers.connect(
                reactor,
                port,
                TlsOptions.of(context).serverName("localhost"),
                socket -> {
                    resumed[round] = socket.isResumed();
                    StringBuilder line = new StringBuilder();
                    socket.onText(
                            UTF_8,
                            text -> {
                                line.append(text);
                                if (text.endsWith("\n")) {
                                    answer.append(line);
                                    socket.end();
                                }
                            });
                    socket.onClose(err -> {
                        assertNull(err);
                        if (round == 0) {
                            ask(reactor, port, context, answer, resumed, 1);
                        }
                    });
                    socket.write("hello\n");
                });
    }
}
