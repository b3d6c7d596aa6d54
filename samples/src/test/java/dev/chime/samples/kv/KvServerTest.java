package dev.chime.samples.kv;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.chime.net.ListenOptions;
import dev.chime.net.Net;
import dev.chime.net.Socket;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Errno;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.Simulation;
import dev.chime.reactor.testing.ChildJvm;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.Reactors;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What clients get, byte for byte. */
class KvServerTest {
    private static final String MIB = "m".repeat(1 << 20);

    @TempDir Path folder;

    /** What a client does, on a thread of its own. */
    private interface Visit {
        void to(int port) throws Exception;
    }

    private static ListenOptions loopback() {
        return ListenOptions.port(0).host("127.0.0.1");
    }

    /** Runs a server as long as a client is there. */
    private void serve(EngineKind engine, Visit visit) {
        AtomicReference<Throwable> failure = new AtomicReference<>();
        Thread[] visitor = new Thread[1];
        Reactors.run(
                engine,
                reactor ->
                        KvServer.start(
                                reactor,
                                folder,
                                loopback(),
                                (err, server) -> {
                                    Stores.ok(err);
                                    int port = server.address().getPort();
                                    visitor[0] =
                                            Thread.ofPlatform()
                                                    .start(() ->
                                                            run(
                                                                    reactor, server, port, visit,
                                                                    failure));
                                }));
        try {
            visitor[0].join();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        if (failure.get() != null) {
            throw new AssertionError("the client failed", failure.get());
        }
    }

    private static void run(
            Reactor reactor,
            KvServer server,
            int port,
            Visit visit,
            AtomicReference<Throwable> failure) {
        try {
            visit.to(port);
        } catch (Throwable t) {
            failure.set(t);
        } finally {
            reactor.execute(() -> server.close(Duration.ofSeconds(5), Stores::ok));
        }
    }

    private static String conversation() {
        return text(Client.command("SET", "k", "v\r\n\0\u00ff"))
                + text(Client.command("get", "k"))
                + "GET nothing\r\n"
                + text(Client.command("EXISTS", "k", "k", "nothing"))
                + text(Client.command("SET", "", ""))
                + text(Client.command("GET", ""))
                + text(Client.command("DEL", "k", "k", "nothing"))
                + "GET k\n"
                + "PING\r\nPING \"a b\"\r\n"
                + "COMMAND DOCS\r\nCONFIG GET save\r\nCONFIG GET appendonly\r\nCONFIG GET x\r\n"
                + "CONFIG SET a b\r\nGET\r\nGET a b\r\nSET a\r\nSET a b EX 10\r\nDEL\r\nEXISTS\r\n"
                + "PING a b\r\nHELLO 3 x\r\n"
                + text(Client.command("no\r\nsuch"))
                + "SET last 1\r\nGET last\r\nQUIT\r\nGET last\r\n";
    }

    private static final String ANSWERS =
            "+OK\r\n"
                    + "$5\r\nv\r\n\0\u00ff\r\n"
                    + "$-1\r\n"
                    + ":2\r\n"
                    + "+OK\r\n"
                    + "$0\r\n\r\n"
                    + ":1\r\n"
                    + "$-1\r\n"
                    + "+PONG\r\n$3\r\na b\r\n"
                    + "*0\r\n*2\r\n$4\r\nsave\r\n$0\r\n\r\n"
                    + "*2\r\n$10\r\nappendonly\r\n$3\r\nyes\r\n*0\r\n"
                    + "-ERR CONFIG knows GET with one parameter alone\r\n"
                    + "-ERR wrong number of arguments for 'get' command\r\n"
                    + "-ERR wrong number of arguments for 'get' command\r\n"
                    + "-ERR wrong number of arguments for 'set' command\r\n"
                    + "-ERR syntax error: SET has no options here\r\n"
                    + "-ERR wrong number of arguments for 'del' command\r\n"
                    + "-ERR wrong number of arguments for 'exists' command\r\n"
                    + "-ERR wrong number of arguments for 'ping' command\r\n"
                    + "-ERR unknown command 'HELLO', with args beginning with: '3' 'x' \r\n"
                    + "-ERR unknown command 'no  such', with args beginning with: \r\n"
                    + "+OK\r\n$1\r\n1\r\n+OK\r\n";

    private static String text(byte[] bytes) {
        return new String(bytes, ISO_8859_1);
    }

    @EngineTest
    void everyCommand_hasItsAnswer_atOnceAndByteByByte(EngineKind engine) {
        byte[] in = conversation().getBytes(ISO_8859_1);
        serve(
                engine,
                port -> {
                    try (Client client = new Client(port)) {
                        client.send(in);
                        assertEquals(ANSWERS, client.readToEnd());
                    }
                    try (Client client = new Client(port)) {
                        for (byte one : in) {
                            client.send(new byte[] {one});
                        }
                        assertEquals(ANSWERS, client.readToEnd());
                    } catch (IOException e) {
                        throw new AssertionError("QUIT must not reset what was not read", e);
                    }
                });
    }

    @EngineTest
    void brokenProtocol_isNamed_andEndsThatConnectionAlone(EngineKind engine) {
        serve(
                engine,
                port -> {
                    try (Client other = new Client(port);
                            Client client = new Client(port)) {
                        client.send("SET a 1\r\n*1\r\n:5\r\n" + "rest".repeat(50_000));
                        assertEquals(
                                "+OK\r\n-ERR Protocol error: expected '$', got ':'\r\n",
                                client.readToEnd());
                        assertEquals("1", other.ask("GET", "a"));
                        assertEquals(
                                "-ERR the key is 65537 bytes long: the limit is 65536",
                                other.ask("SET", "k".repeat(65537), "v"));
                        assertEquals("+OK", other.ask("SET", "k".repeat(65536), "v"));
                        other.send("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1048577\r\n");
                        assertEquals(
                                "-ERR Protocol error: invalid bulk length: it is 1048577,"
                                        + " the limit is 1048576",
                                other.answer());
                    }
                });
    }

    @EngineTest
    void thousandsOfCommandsAtOnce_areAnsweredInOrder(EngineKind engine) {
        serve(
                engine,
                port -> {
                    try (Client client = new Client(port)) {
                        Thread sender =
                                Thread.ofPlatform()
                                        .start(() -> {
                                            try {
                                                for (int i = 0; i < 5000; i++) {
                                                    String key = "k" + i % 7;
                                                    client.send(
                                                            Client.command("SET", key, "v" + i));
                                                    client.send(Client.command("GET", key));
                                                }
                                                client.socket.shutdownOutput();
                                            } catch (IOException e) {
                                                throw new AssertionError(e);
                                            }
                                        });
                        for (int i = 0; i < 5000; i++) {
                            assertEquals("+OK", client.answer());
                            assertEquals("v" + i, client.answer());
                        }
                        assertEquals("", client.readToEnd());
                        sender.join();
                    }
                });
    }

    @EngineTest
    void clientThatDoesNotRead_isNotReadFrom_untilItDoes(EngineKind engine) {
        int count = 64;
        serve(
                engine,
                port -> {
                    try (Client client = new Client(port);
                            Client other = new Client(port)) {
                        assertEquals("+OK", client.ask("SET", "big", MIB));
                        byte[] get = Client.command("GET", "big");
                        for (int i = 0; i < count; i++) {
                            client.send(get); // 64 MiB to come: the native memory's least limit
                        }
                        for (int i = 0; i < 100; i++) {
                            assertEquals("+OK", other.ask("SET", "k" + i, "v"));
                        }
                        for (int i = 0; i < count; i++) {
                            assertEquals(MIB, client.answer());
                        }
                    }
                });
    }

    @EngineTest
    void peerThatEndsItsSide_getsItsAnswers(EngineKind engine) {
        serve(
                engine,
                port -> {
                    try (Client client = new Client(port)) {
                        client.send("SET a 1\r\nGET a\r\nGET ");
                        client.socket.shutdownOutput();
                        assertEquals("+OK\r\n$1\r\n1\r\n", client.readToEnd());
                    }
                });
    }

    @EngineTest
    void clientsThatVanish_leaveNothingBehind(EngineKind engine) {
        serve(
                engine,
                port -> {
                    for (int i = 0; i < 20; i++) {
                        try (Client client = new Client(port)) {
                            client.ask("SET", "big", MIB);
                            client.send(Client.command("SET", "k" + i, MIB));
                            client.send(Client.command("GET", "big"));
                            client.send(Client.command("GET", "big"));
                            client.socket.setSoLinger(i % 2 == 0, 0);
                        }
                    }
                    try (Client client = new Client(port)) {
                        assertEquals(MIB, client.ask("GET", "big"));
                    }
                });
    }

    @Test
    void failedSync_answersAnError_andNothingIsAcknowledgedAfterIt() {
        Simulation simulation = Simulation.seeded(11);
        StringBuilder answers = new StringBuilder();
        Reactors.run(
                simulation.options(),
                reactor ->
                        KvServer.start(
                                reactor,
                                Path.of("/data"),
                                loopback(),
                                (err, server) -> {
                                    server.onFailure(
                                            failure -> reactor.setTimeout(100, reactor::stop));
                                    Net.of(reactor)
                                            .connect(
                                                    server.address().getPort(),
                                                    "127.0.0.1",
                                                    (failed, socket) ->
                                                            ask(simulation, socket, answers));
                                }));
        String error = "-ERR EIO: i/o error, fdatasync\r\n";
        assertEquals("+OK\r\n" + error + error, answers.toString());
    }

    private static void ask(Simulation simulation, Socket socket, StringBuilder answers) {
        socket.onText(
                ISO_8859_1,
                text -> {
                    if (answers.isEmpty()) {
                        simulation.fail(Simulation.Target.SYNC, Errno.EIO, Simulation.When.nth(1));
                        socket.write("SET b 2\r\nGET b\r\n");
                    }
                    answers.append(text);
                });
        socket.write("SET a 1\r\n");
    }

    @EngineTest
    void redisCliAndBenchmark_workWithIt(EngineKind engine) throws Exception {
        assumeTrue(isThere("redis-cli") && isThere("redis-benchmark"), "there are no redis-tools");
        serve(
                engine,
                port -> {
                    List<String> cli = List.of("redis-cli", "-p", "" + port);
                    assertEquals(List.of("OK", "exit 0"), run(cli, "set", "key", "a value"));
                    assertEquals(List.of("a value", "exit 0"), run(cli, "get", "key"));
                    assertEquals(List.of("1", "exit 0"), run(cli, "del", "key", "none"));
                    List<String> load =
                            run(
                                    List.of("redis-benchmark", "-p", "" + port),
                                    "-t",
                                    "set,get",
                                    "-n",
                                    "2000",
                                    "-c",
                                    "20",
                                    "-P",
                                    "4",
                                    "--csv");
                    assertEquals("exit 0", load.getLast(), load.toString());
                    assertTrue(load.toString().contains("\"SET\""), load.toString());
                    assertTrue(load.toString().contains("\"GET\""), load.toString());
                });
    }

    private static boolean isThere(String program) throws InterruptedException {
        try {
            return run(List.of(program), "--version").contains("exit 0");
        } catch (IOException e) {
            return false;
        }
    }

    private static List<String> run(List<String> program, String... arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(program);
        command.addAll(List.of(arguments));
        return ChildJvm.run(command);
    }
}
