package dev.chime.net;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.net.testing.Content;
import dev.chime.net.testing.Peers;
import dev.chime.net.testing.Servers;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.Operation;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.EveryEngine;
import dev.chime.reactor.testing.Reactors;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;

/** Unix sockets: by path and by abstract name, their files, their errors. */
class UnixSocketTest {
    private static final int MANY = 3_000_000;

    @TempDir Path folder;

    private String path() {
        return folder.resolve("s").toString();
    }

    private static void listen(
            Reactor reactor, String path, ConnectionHandler handler, Listening then) {
        Net.of(reactor)
                .createServer(handler)
                .listen(
                        ListenOptions.path(path),
                        (err, server) -> {
                            if (err != null) {
                                throw err;
                            }
                            then.listening(server);
                        });
    }

    private interface Listening {
        void listening(Server server) throws Exception;
    }

    private static void connect(Reactor reactor, String path, ConnectionHandler then) {
        Net.of(reactor)
                .connect(
                        ConnectOptions.path(path),
                        (err, socket) -> {
                            if (err != null) {
                                throw err;
                            }
                            then.connection(socket);
                        });
    }

    @EngineTest
    void bytesGoBothWays_andTheFileGoesWithTheServer(EngineKind engine) {
        echoes(engine, path(), path());
        assertFalse(Files.exists(Path.of(path())));
    }

    @EveryEngine
    void anAbstractName_needsNoFile(EngineKind engine) {
        String name = "chime-test-" + ProcessHandle.current().pid() + engine;
        echoes(engine, "\0" + name, "@" + name);
        assertFalse(Files.exists(Path.of("@" + name)));
    }

    private static void echoes(EngineKind engine, String path, String shown) {
        List<Object> seen = new ArrayList<>();
        Content received = new Content(1);
        UnixDomainSocketAddress address = UnixDomainSocketAddress.of(shown);
        Reactors.run(
                engine,
                reactor ->
                        listen(
                                reactor,
                                path,
                                socket -> {
                                    seen.add(socket.unixAddress());
                                    assertNull(socket.remoteAddress());
                                    socket.pipe(socket);
                                },
                                server -> {
                                    assertEquals(address, server.unixAddress());
                                    assertNull(server.address());
                                    connect(
                                            reactor,
                                            path,
                                            socket -> {
                                                socket.noDelay(true); // of TCP: ignored
                                                socket.onData(received::check);
                                                socket.write(new Content(1).take(MANY));
                                                socket.end();
                                                socket.onClose(err -> {
                                                    assertNull(err);
                                                    seen.add(socket.unixAddress());
                                                    assertNull(socket.localAddress());
                                                    Servers.close(server);
                                                });
                                            });
                                }));
        assertEquals(MANY, received.position());
        assertEquals(List.of(address, address), seen);
    }

    @EngineTest
    void aForeignClient_isServed_andHearsOfTheEnd(EngineKind engine) {
        String path = path();
        try (Peers peers = new Peers()) {
            Reactors.run(
                    engine,
                    reactor ->
                            listen(
                                    reactor,
                                    path,
                                    socket -> socket.onData(data -> socket.end("bye")),
                                    server ->
                                            peers.start(
                                                    reactor,
                                                    () -> {
                                                        askAsForeigner(path);
                                                        reactor.execute(
                                                                () -> Servers.close(server));
                                                    })));
        }
    }

    private static void askAsForeigner(String path) throws IOException {
        try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
            client.write(ByteBuffer.wrap(new byte[] {1}));
            ByteBuffer answer = ByteBuffer.allocate(10);
            while (client.read(answer) >= 0) {
                assertTrue(answer.hasRemaining());
            }
            assertEquals("bye", new String(answer.array(), 0, answer.position(), UTF_8));
        }
    }

    @EngineTest
    void connect_errorsNameTheAddress(EngineKind engine) throws IOException {
        Path regular = Files.writeString(folder.resolve("regular"), "x");
        Path left = folder.resolve("left");
        leaveBehind(left);
        List<String> errors = new ArrayList<>();
        for (Path path : List.of(folder.resolve("none"), regular, left)) {
            Reactors.run(
                    engine,
                    reactor ->
                            Net.of(reactor)
                                    .connect(
                                            ConnectOptions.path(path.toString()),
                                            (err, none) -> {
                                                assertNull(none);
                                                errors.add(err.getMessage());
                                                assertEquals(
                                                        UnixDomainSocketAddress.of(path),
                                                        ((ErrnoException) err).address());
                                            }));
        }
        assertEquals(
                List.of(
                        "connect ENOENT " + folder.resolve("none"),
                        "connect ECONNREFUSED " + regular,
                        "connect ECONNREFUSED " + left),
                errors);
    }

    /** As a server does that was killed. */
    private static void leaveBehind(Path path) throws IOException {
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(path));
        }
        assertTrue(Files.exists(path));
    }

    @EngineTest
    void aPathThatIsTooLong_isEINVAL_withItsLength_andNeverCut(EngineKind engine) {
        String most = padded(107);
        echoes(engine, most, most);
        String longer = padded(108);
        List<String> errors = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    Net net = Net.of(reactor);
                    net.connect(ConnectOptions.path(longer), (err, none) -> errors.add(text(err)));
                    net.createServer(socket -> {})
                            .listen(
                                    ListenOptions.path(longer),
                                    (err, none) -> errors.add(text(err)));
                    assertEquals(List.of(), errors, "called inside the call");
                });
        String hint = ": it has 108 bytes, and a Unix socket's path at most 107";
        assertEquals(
                List.of(
                        "EINVAL connect EINVAL " + longer + hint,
                        "EINVAL listen EINVAL: invalid argument " + longer + hint),
                errors);
        assertFalse(Files.exists(Path.of(most)));
    }

    private String padded(int length) {
        String start = folder + "/";
        return start + "x".repeat(length - start.length());
    }

    private static String text(ReactorException err) {
        return err.code() + " " + err.getMessage();
    }

    @EngineTest
    void aFileInTheWay_isEADDRINUSE_withWhatToDo(EngineKind engine) throws IOException {
        Path left = folder.resolve("left");
        leaveBehind(left);
        assertEquals(
                "EADDRINUSE listen EADDRINUSE: address already in use "
                        + left
                        + ": nobody listens there, a server has left it behind: remove the file,"
                        + " or let ListenOptions.replaceStale do it",
                listenFails(engine, ListenOptions.path(left.toString())));
        assertTrue(Files.exists(left));

        Path regular = Files.writeString(folder.resolve("regular"), "precious");
        String noSocket =
                listenFails(engine, ListenOptions.path(regular.toString()).replaceStale(true));
        assertTrue(noSocket.endsWith("the file is no socket: remove it, or choose another path"));
        assertEquals("precious", Files.readString(regular));

        Path used = folder.resolve("used");
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(used));
            String inUse =
                    listenFails(engine, ListenOptions.path(used.toString()).replaceStale(true));
            assertTrue(inUse.endsWith(": a server listens there"), inUse);
            assertTrue(Files.exists(used));
        }
    }

    @EveryEngine
    void listenWhereItCannotBe_isTheKernelsError(EngineKind engine) {
        String missing = folder.resolve("none").resolve("s").toString();
        assertEquals(
                "ENOENT listen ENOENT: no such file or directory " + missing,
                listenFails(engine, ListenOptions.path(missing)));
    }

    private static String listenFails(EngineKind engine, ListenOptions options) {
        List<String> errors = new ArrayList<>();
        Reactors.run(
                engine,
                reactor ->
                        Net.of(reactor)
                                .createServer(socket -> {})
                                .listen(
                                        options,
                                        (err, none) -> {
                                            assertNotNull(err, "listens");
                                            errors.add(text(err));
                                        }));
        assertEquals(1, errors.size());
        return errors.getFirst();
    }

    @EngineTest
    void replaceStale_takesThePlaceOfALeftFile(EngineKind engine) throws IOException {
        Path left = folder.resolve("left");
        leaveBehind(left);
        List<String> events = new ArrayList<>();
        Server[] listening = new Server[1];
        Reactors.run(
                engine,
                reactor ->
                        Net.of(reactor)
                                .createServer(socket -> {
                                    socket.resume();
                                    events.add("connection");
                                    Servers.close(listening[0]);
                                })
                                .listen(
                                        ListenOptions.path(left.toString()).replaceStale(true),
                                        (err, server) -> {
                                            assertNull(err);
                                            listening[0] = server;
                                            connect(
                                                    reactor,
                                                    left.toString(),
                                                    socket -> {
                                                        socket.resume();
                                                        socket.end();
                                                    });
                                        }));
        assertEquals(List.of("connection"), events);
        assertFalse(Files.exists(left));
    }

    @EngineTest
    void theFileGoes_alsoWhenTheReactorEnds_andTheServerMayListenAgain(EngineKind engine) {
        String path = path();
        int[] rounds = {0};
        Reactors.run(
                engine,
                reactor ->
                        listen(
                                reactor,
                                path,
                                socket -> {},
                                server ->
                                        server.close(err -> {
                                            assertNull(err);
                                            assertFalse(Files.exists(Path.of(path)));
                                            rounds[0]++;
                                            server.listen(
                                                    ListenOptions.path(path),
                                                    (again, none) -> {
                                                        assertNull(again);
                                                        rounds[0]++;
                                                        assertTrue(Files.exists(Path.of(path)));
                                                        reactor.stop();
                                                    });
                                        })));
        assertEquals(2, rounds[0]);
        assertFalse(Files.exists(Path.of(path)));
    }

    @EngineTest
    void readableAndWritableAll_addToTheModeThatTheUmaskLeaves(EngineKind engine)
            throws IOException {
        String plain = mode(engine, ListenOptions.path(path()));
        assertEquals(plain, mode(engine, ListenOptions.path(path()).readableAll(false)));
        assertEquals(
                "r", mode(engine, ListenOptions.path(path()).readableAll(true)).substring(6, 7));
        assertEquals(
                plain.replaceAll("(.).(.)", "$1w$2"),
                mode(engine, ListenOptions.path(path()).writableAll(true)));
        String both = mode(engine, ListenOptions.path(path()).readableAll(true).writableAll(true));
        assertEquals(plain.replaceAll("..(.)", "rw$1"), both);
    }

    /** The mode while the server listens, {@code rwxr-xr-x} or the like. */
    private static String mode(EngineKind engine, ListenOptions options) {
        String[] mode = new String[1];
        Reactors.run(
                engine,
                reactor ->
                        Net.of(reactor)
                                .createServer(socket -> {})
                                .listen(
                                        options,
                                        (err, server) -> {
                                            assertNull(err);
                                            Path file = server.unixAddress().getPath();
                                            mode[0] =
                                                    PosixFilePermissions.toString(
                                                            Files.getPosixFilePermissions(file));
                                            Servers.close(server);
                                        }));
        assertFalse(Files.exists(Path.of(options.path())));
        return mode[0];
    }

    @EngineTest
    void modes_areNoneOfAnAbstractNamesOrAPorts(EngineKind engine) {
        String name = "@chime-mode-" + ProcessHandle.current().pid() + engine;
        List<Object> heard = new ArrayList<>();
        for (ListenOptions options :
                List.of(ListenOptions.path(name), ListenOptions.port(0).host("127.0.0.1"))) {
            Reactors.run(
                    engine,
                    reactor ->
                            Net.of(reactor)
                                    .createServer(socket -> {})
                                    .listen(
                                            options.writableAll(true),
                                            (err, server) -> {
                                                heard.add(err == null ? "listens" : err.code());
                                                Servers.close(server);
                                            }));
        }
        assertEquals(List.of("listens", "listens"), heard);
    }

    @EngineTest
    void listenCancelledOnItsWay_leavesNoFile(EngineKind engine) {
        String path = path();
        for (int turns = 0; turns < 12; turns++) {
            int cancelIn = turns;
            List<String> heard = new ArrayList<>();
            Reactors.run(
                    engine,
                    reactor -> {
                        Operation listening =
                                Net.of(reactor)
                                        .createServer(socket -> {})
                                        .listen(
                                                ListenOptions.path(path).writableAll(true),
                                                (err, server) -> {
                                                    heard.add(err == null ? "ok" : err.code());
                                                    if (err == null) {
                                                        Servers.close(server);
                                                    }
                                                });
                        cancelAfter(reactor, cancelIn, listening);
                    });
            assertEquals(1, heard.size());
            assertTrue(List.of("ok", "ECANCELED").contains(heard.getFirst()), heard::toString);
            assertFalse(Files.exists(Path.of(path)), () -> "left behind after " + cancelIn);
        }
    }

    @EngineTest
    void endOfTheReactorOnTheWay_leavesNoFile(EngineKind engine) {
        String path = path();
        for (int turns = 0; turns < 12; turns++) {
            int stopIn = turns;
            List<String> heard = new ArrayList<>();
            Reactors.run(
                    engine,
                    reactor -> {
                        Net.of(reactor)
                                .createServer(socket -> {})
                                .listen(
                                        ListenOptions.path(path).writableAll(true),
                                        (err, server) ->
                                                heard.add(err == null ? "ok" : err.getMessage()));
                        stopAfter(reactor, stopIn);
                    });
            String cancelled = "listen ECANCELED: operation canceled " + path;
            assertEquals(1, heard.size());
            assertTrue(List.of("ok", cancelled).contains(heard.getFirst()), heard::toString);
            assertFalse(Files.exists(Path.of(path)), () -> "left behind after " + stopIn);
        }
    }

    private static void stopAfter(Reactor reactor, int turns) {
        if (turns == 0) {
            reactor.stop();
        } else {
            reactor.setImmediate(() -> stopAfter(reactor, turns - 1));
        }
    }

    private static void cancelAfter(Reactor reactor, int turns, Operation operation) {
        if (turns == 0) {
            operation.cancel();
        } else {
            reactor.setImmediate(() -> cancelAfter(reactor, turns - 1, operation));
        }
    }

    @EngineTest
    void aServerWhoseQueueIsFull_isEAGAIN(EngineKind engine) throws IOException {
        Path full = folder.resolve("full");
        List<String> errors = new ArrayList<>();
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(full), 1);
            try (SocketChannel one = SocketChannel.open(UnixDomainSocketAddress.of(full));
                    SocketChannel two = SocketChannel.open(UnixDomainSocketAddress.of(full))) {
                assertTrue(one.isConnected() && two.isConnected());
                Reactors.run(
                        engine,
                        reactor ->
                                Net.of(reactor)
                                        .connect(
                                                ConnectOptions.path(full.toString()),
                                                (err, none) -> errors.add(err.getMessage())));
            }
        }
        assertEquals(List.of("connect EAGAIN " + full), errors);
    }

    @EveryEngine
    void wrongNames_throwAtTheCall(EngineKind engine) {
        for (String wrong : new String[] {null, "", "\0", "a\0b", "\0a\0b"}) {
            assertThrows(IllegalArgumentException.class, () -> ListenOptions.path(wrong));
            assertThrows(IllegalArgumentException.class, () -> ConnectOptions.path(wrong));
        }
        assertNotNull(engine);
    }
}
