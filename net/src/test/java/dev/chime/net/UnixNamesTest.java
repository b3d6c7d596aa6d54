package dev.chime.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.net.testing.Content;
import dev.chime.net.testing.Journal;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.Sys;
import dev.chime.reactor.testing.EveryEngine;
import dev.chime.reactor.testing.Reactors;
import java.net.UnixDomainSocketAddress;
import java.util.ArrayList;
import java.util.List;

/** Unix sockets of which both ends are ours, and so on every engine. */
class UnixNamesTest {
    private static final int BYTES = 1 << 20;

    /** In a folder that each machine has. */
    private static String path(EngineKind engine) {
        return "/tmp/chime-" + ProcessHandle.current().pid() + engine + ".sock";
    }

    private static String text(ReactorException err) {
        return err == null ? "ok" : err.getMessage();
    }

    private static void connect(Reactor reactor, String path, List<String> heard) {
        Net.of(reactor)
                .connect(
                        ConnectOptions.path(path),
                        (err, socket) -> {
                            heard.add(text(err));
                            if (socket != null) {
                                socket.destroy();
                            }
                        });
    }

    @EveryEngine
    void servedByItsPath_theFileGoesWithTheServer(EngineKind engine) {
        String path = path(engine);
        List<String> heard = new ArrayList<>();
        Content in = new Content(1);
        Journal[] journal = new Journal[1];
        Reactors.run(
                engine,
                reactor -> {
                    Server server = Net.of(reactor).createServer(socket -> socket.pipe(socket));
                    server.onClose(() -> connect(reactor, path, heard));
                    server.listen(
                            ListenOptions.path(path),
                            (err, listening) -> {
                                assertNull(err);
                                Socket socket =
                                        Net.of(reactor).createConnection(ConnectOptions.path(path));
                                journal[0] = Journal.reading(socket, in);
                                socket.onConnect(() ->
                                        assertEquals(
                                                UnixDomainSocketAddress.of(path),
                                                socket.unixAddress()));
                                socket.onClose(closed -> server.close(done -> {}));
                                socket.write(new Content(1).take(BYTES));
                                socket.end();
                            });
                });
        assertEquals(BYTES, in.position());
        List<String> events = journal[0].events();
        assertEquals(List.of("end", "close"), events.subList(events.size() - 2, events.size()));
        assertEquals(List.of("connect ENOENT " + path), heard);
    }

    @EveryEngine
    void nameInUse_isEADDRINUSE_andFreeWhenItsServerHasClosed(EngineKind engine) {
        String name = "@chime-" + ProcessHandle.current().pid() + engine;
        for (String path : List.of(path(engine), name)) {
            List<String> heard = new ArrayList<>();
            Reactors.run(
                    engine,
                    reactor -> {
                        Net net = Net.of(reactor);
                        Server first = net.createServer(Socket::destroy);
                        Server second = net.createServer(Socket::destroy);
                        first.onClose(() ->
                                second.listen(
                                        ListenOptions.path(path),
                                        (err, listening) -> {
                                            heard.add(text(err));
                                            second.close(closed -> {});
                                        }));
                        first.listen(
                                ListenOptions.path(path),
                                (err, listening) ->
                                        second.listen(
                                                ListenOptions.path(path),
                                                (taken, none) -> {
                                                    heard.add(taken.code());
                                                    first.close(closed -> {});
                                                }));
                    });
            assertEquals(List.of("EADDRINUSE", "ok"), heard, path);
        }
    }

    @EveryEngine
    void whereNobodyListens_isItsError(EngineKind engine) {
        List<String> heard = new ArrayList<>();
        String name = "@chime-none-" + ProcessHandle.current().pid();
        Reactors.run(
                engine,
                reactor -> {
                    for (String path : List.of("/tmp/chime-none", "/dev/null", name)) {
                        Net.of(reactor)
                                .connect(
                                        ConnectOptions.path(path),
                                        (err, none) -> {
                                            heard.add(text(err));
                                            assertEquals(
                                                    UnixDomainSocketAddress.of(path),
                                                    ((ErrnoException) err).address());
                                        });
                    }
                });
        assertEquals(
                List.of(
                        "connect ECONNREFUSED /dev/null",
                        "connect ECONNREFUSED " + name,
                        "connect ENOENT /tmp/chime-none"),
                heard.stream().sorted().toList());
    }

    @EveryEngine
    void leftBehind_isTakenOverByReplaceStaleAlone(EngineKind engine) {
        String path = path(engine);
        List<String> heard = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    Net net = Net.of(reactor);
                    ListenOptions options = ListenOptions.path(path);
                    leave(Core.of(reactor), path);
                    net.createServer(Socket::destroy)
                            .listen(
                                    options,
                                    (err, none) -> {
                                        heard.add(text(err));
                                        replace(net, options, heard);
                                    });
                });
        assertEquals(2, heard.size());
        assertTrue(heard.getFirst().contains("a server has left it behind"), heard::toString);
        assertEquals("ok", heard.getLast());
    }

    /** As a server does that was killed. */
    private static void leave(Core core, String path) {
        int type = Const.SOCK_STREAM | Const.SOCK_CLOEXEC;
        long made = core.syscall(Sys.SOCKET, Const.AF_UNIX, type, 0);
        long memory = core.scratch();
        int length = Sockaddr.write(memory, UnixDomainSocketAddress.of(path));
        assertEquals(0, core.syscall(Sys.BIND, made, memory, length));
        assertEquals(0, core.syscall(Sys.CLOSE, made, 0, 0));
    }

    private static void replace(Net net, ListenOptions options, List<String> heard) {
        net.createServer(Socket::destroy)
                .listen(
                        options.replaceStale(true),
                        (err, server) -> {
                            heard.add(text(err));
                            server.close(closed -> {});
                        });
    }

    @EveryEngine
    void clientThatIsReset_hearsOfIt(EngineKind engine) {
        List<String> heard = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    Server[] server = new Server[1];
                    server[0] =
                            Net.of(reactor)
                                    .createServer(socket -> {
                                        server[0].close(closed -> {});
                                        reactor.setTimeout(20, socket::destroy); // unread bytes
                                    });
                    server[0].listen(
                            ListenOptions.path(path(engine)),
                            (err, listening) -> {
                                Socket socket =
                                        Net.of(reactor)
                                                .createConnection(
                                                        ConnectOptions.path(path(engine)));
                                socket.onClose(closed -> heard.add(closed.code()));
                                socket.resume();
                                socket.write(new byte[1000]);
                            });
                });
        assertEquals(List.of("ECONNRESET"), heard);
    }
}
