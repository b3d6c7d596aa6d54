package dev.chime.net;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.chime.net.testing.Peers;
import dev.chime.net.testing.Servers;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.Reactors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;

/** Programs that others have written, as peers; left out where they are not installed. */
class InteropTest {
    private static final String HELLO = "hello from afar\n";
    private static final int PATIENCE_SECONDS = 30;

    @TempDir Path folder;

    @EngineTest
    void nc_getsItsEchoByTcp(EngineKind engine) {
        String port = "PORT";
        List<String> said = new ArrayList<>();
        tcpServer(engine, said, "nc", "-N", Peers.LOCAL, port);
        assertEquals(List.of(HELLO), said);
    }

    @EngineTest
    void nc_getsItsEchoByAUnixSocket(EngineKind engine) {
        List<String> said = new ArrayList<>();
        unixServer(engine, folder.resolve("s").toString(), said, "nc", "-N", "-U", "PATH");
        assertEquals(List.of(HELLO), said);
    }

    @EngineTest
    void socat_getsItsEchoByTcp_path_andAbstractName(EngineKind engine) {
        List<String> said = new ArrayList<>();
        tcpServer(engine, said, "socat", "-t30", "-", "TCP:" + Peers.LOCAL + ":PORT");
        String path = folder.resolve("s").toString();
        unixServer(engine, path, said, "socat", "-t30", "-", "UNIX-CONNECT:PATH");
        String name = "chime-interop-" + ProcessHandle.current().pid() + engine;
        unixServer(engine, "\0" + name, said, "socat", "-t30", "-", "ABSTRACT-CONNECT:" + name);
        assertEquals(List.of(HELLO, HELLO, HELLO), said);
    }

    /** By a path: libuv before 1.47 pads abstract names with zeros to 108 bytes. */
    @EngineTest
    void node_getsItsEchoByAUnixSocket(EngineKind engine) {
        List<String> said = new ArrayList<>();
        String path = folder.resolve("s").toString();
        String program =
                "const s = require('net').connect('%s'); process.stdin.pipe(s).pipe(process.stdout)"
                        .formatted(path);
        unixServer(engine, path, said, "node", "-e", program);
        assertEquals(List.of(HELLO), said);
    }

    @EngineTest
    void node_getsItsEchoByTcp(EngineKind engine) {
        List<String> said = new ArrayList<>();
        String program =
                "const s = require('net').connect(PORT, '127.0.0.1');"
                        + " process.stdin.pipe(s).pipe(process.stdout)";
        tcpServer(engine, said, "node", "-e", program);
        assertEquals(List.of(HELLO), said);
    }

    @EngineTest
    void curl_getsAnAnswerByAUnixSocket(EngineKind engine) {
        List<String> said = new ArrayList<>();
        String path = folder.resolve("s").toString();
        assumeThere("curl");
        try (Peers peers = new Peers()) {
            Reactors.run(
                    engine,
                    reactor ->
                            listen(
                                    reactor,
                                    ListenOptions.path(path),
                                    socket ->
                                            socket.onData(data ->
                                                    socket.end("HTTP/1.0 200 OK\r\n\r\n" + HELLO)),
                                    server ->
                                            run(
                                                    peers,
                                                    reactor,
                                                    server,
                                                    said,
                                                    "curl",
                                                    "-s",
                                                    "--unix-socket",
                                                    path,
                                                    "http://localhost/")));
        }
        assertEquals(List.of(HELLO), said);
    }

    @EngineTest
    void socat_asAServer_getsWhatWeSend(EngineKind engine) throws Exception {
        assumeThere("socat");
        Path path = folder.resolve("s");
        List<String> heard = new ArrayList<>();
        Process socat =
                new ProcessBuilder("socat", "-ddd", "UNIX-LISTEN:" + path, "EXEC:cat")
                        .redirectErrorStream(true)
                        .start();
        try (var log = socat.inputReader(UTF_8)) {
            String line = log.readLine();
            while (line != null && !line.contains("listening on")) {
                line = log.readLine();
            }
            Reactors.run(
                    engine,
                    reactor ->
                            Net.of(reactor)
                                    .connect(
                                            ConnectOptions.path(path.toString()),
                                            (err, socket) -> {
                                                if (err != null) {
                                                    throw err;
                                                }
                                                socket.onData(
                                                        data -> heard.add(data.toString(UTF_8)));
                                                socket.end(HELLO);
                                            }));
        } finally {
            socat.destroyForcibly().waitFor();
        }
        assertEquals(HELLO, String.join("", heard));
    }

    private static void assumeThere(String program) {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin", program)), program + " is not installed");
    }

    private interface Listening {
        void listening(Server server) throws Exception;
    }

    private static void listen(
            Reactor reactor, ListenOptions options, ConnectionHandler handler, Listening then) {
        Net.of(reactor)
                .createServer(handler)
                .listen(
                        options,
                        (err, server) -> {
                            if (err != null) {
                                throw err;
                            }
                            then.listening(server);
                        });
    }

    private static void tcpServer(EngineKind engine, List<String> said, String... command) {
        server(engine, ListenOptions.port(0).host(Peers.LOCAL), said, command);
    }

    private static void unixServer(
            EngineKind engine, String path, List<String> said, String... command) {
        server(engine, ListenOptions.path(path), said, command);
    }

    /** An echo server for one run of a program, which sends a line and prints what comes. */
    private static void server(
            EngineKind engine, ListenOptions options, List<String> said, String... command) {
        assumeThere(command[0]);
        try (Peers peers = new Peers()) {
            Reactors.run(
                    engine,
                    reactor ->
                            listen(
                                    reactor,
                                    options,
                                    socket -> socket.pipe(socket),
                                    server -> {
                                        String[] filled = command.clone();
                                        for (int i = 0; i < filled.length; i++) {
                                            filled[i] = fill(filled[i], server, options);
                                        }
                                        run(peers, reactor, server, said, filled);
                                    }));
        }
    }

    private static String fill(String argument, Server server, ListenOptions options) {
        return server.address() == null
                ? argument.replace("PATH", options.path())
                : argument.replace("PORT", "" + server.address().getPort());
    }

    private static void run(
            Peers peers, Reactor reactor, Server server, List<String> said, String... command) {
        peers.start(
                reactor,
                () -> {
                    said.add(output(command));
                    reactor.execute(() -> Servers.close(server));
                });
    }

    private static String output(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try (var in = process.getInputStream()) {
            process.getOutputStream().write(HELLO.getBytes(UTF_8));
            process.getOutputStream().close();
            String out = new String(in.readAllBytes(), UTF_8);
            assertTrue(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS), "it ends");
            return out;
        } finally {
            process.destroyForcibly();
        }
    }
}
