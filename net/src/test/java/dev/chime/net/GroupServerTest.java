package dev.chime.net;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.chime.net.testing.Content;
import dev.chime.net.testing.Groups;
import dev.chime.net.testing.Peers;
import dev.chime.net.testing.Servers;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.ReactorGroup;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.libc.Arch;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.EveryEngine;
import dev.chime.reactor.testing.LogCapture;
import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.io.TempDir;

/** One server on several loops. */
class GroupServerTest {
    private static final int LOOPS = 3;

    private static GroupServer echo(ReactorGroup group, Distribution distribution) {
        return GroupServer.of(group, distribution, ServerOptions.defaults(), Servers::echo);
    }

    private static List<java.net.Socket> connect(int port, int count) throws IOException {
        List<java.net.Socket> sockets = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            sockets.add(Peers.connect(port));
        }
        return sockets;
    }

    private static void useAndClose(List<java.net.Socket> sockets) throws IOException {
        for (int i = 0; i < sockets.size(); i++) {
            sockets.get(i).getOutputStream().write(new Content(i).take(100));
        }
        for (int i = 0; i < sockets.size(); i++) {
            Peers.read(sockets.get(i), new Content(i), 100);
        }
        for (java.net.Socket socket : sockets) {
            socket.close();
        }
    }

    private static void until(java.util.function.BooleanSupplier holds) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!holds.getAsBoolean()) {
            assertTrue(System.nanoTime() < end, "it does not come to hold");
            Thread.sleep(1);
        }
    }

    @EngineTest
    void connections_goToAllLoops_andStayThere(EngineKind engine) throws Exception {
        for (Distribution distribution : Distribution.values()) {
            int clients = 60;
            Map<Socket, Set<Integer>> loops = new ConcurrentHashMap<>();
            AtomicInteger closed = new AtomicInteger();
            try (ReactorGroup group = Groups.start(engine, LOOPS)) {
                GroupServer server =
                        GroupServer.of(
                                group,
                                distribution,
                                ServerOptions.defaults(),
                                socket -> {
                                    Set<Integer> seen = ConcurrentHashMap.newKeySet();
                                    loops.put(socket, seen);
                                    seen.add(group.index());
                                    socket.onData(
                                                    data -> {
                                                        seen.add(group.index());
                                                        socket.write(data);
                                                    })
                                            .onClose(err -> {
                                                seen.add(group.index());
                                                closed.incrementAndGet();
                                            });
                                });
                int port = Groups.listen(group, 1, server);
                useAndClose(connect(port, clients));
                Groups.close(group, 2, server);
                assertEquals(clients, closed.get(), "closed before the server was");
                assertEquals(0, server.connections());
            }
            int[] each = new int[LOOPS];
            for (Set<Integer> seen : loops.values()) {
                assertEquals(1, seen.size(), () -> distribution + " " + seen);
                each[seen.iterator().next()]++;
            }
            assertEquals(clients, loops.size());
            for (int count : each) {
                assertTrue(
                        distribution == Distribution.KERNEL ? count > 0 : count == clients / LOOPS,
                        distribution + " gave a loop " + count);
            }
        }
    }

    @EngineTest
    void leastConnections_fillsTheLoopThatHasBecomeEmpty(EngineKind engine) throws Exception {
        List<Socket> ofLoop1 = new CopyOnWriteArrayList<>();
        try (ReactorGroup group = Groups.start(engine, LOOPS)) {
            GroupServer server =
                    GroupServer.of(
                            group,
                            Distribution.LEAST_CONNECTIONS,
                            ServerOptions.defaults(),
                            socket -> {
                                if (group.index() == 1) {
                                    ofLoop1.add(socket);
                                }
                                Servers.echo(socket);
                            });
            int port = Groups.listen(group, 0, server);
            List<java.net.Socket> clients = connect(port, 30);
            until(() -> server.connections() == 30 && ofLoop1.size() == 10);
            group.post(1, () -> ofLoop1.forEach(Socket::destroy));
            until(() -> server.connections(1) == 0);
            List<java.net.Socket> later = connect(port, 10);
            until(() -> server.connections() == 30);
            assertEquals(10, server.connections(1));
            assertEquals(10, server.connections(0));
            useAndClose(later);
            for (java.net.Socket client : clients) {
                client.close();
            }
            Groups.close(group, 0, server);
        }
    }

    @EngineTest
    void limits_countAllLoops(EngineKind engine) throws Exception {
        for (Distribution distribution : Distribution.values()) {
            List<Drop> drops = new CopyOnWriteArrayList<>();
            try (ReactorGroup group = Groups.start(engine, LOOPS)) {
                ServerOptions options =
                        ServerOptions.defaults().maxConnections(5).maxConnectionsPerPeer(4);
                GroupServer server =
                        GroupServer.of(group, distribution, options, Servers::echo)
                                .onDrop(drop -> {
                                    assertTrue(group.index() >= 0);
                                    drops.add(drop);
                                });
                int port = Groups.listen(group, 0, server);
                List<java.net.Socket> taken = connect(port, 4);
                until(() -> server.connections() == 4);
                for (java.net.Socket refused : connect(port, 3)) {
                    assertEquals(-1, refused.getInputStream().read());
                    refused.close();
                }
                until(() -> drops.size() == 3);
                assertEquals(3, server.dropped());
                assertEquals(Drop.Reason.CONNECTIONS_OF_PEER, drops.getFirst().reason());
                useAndClose(taken);
                until(() -> server.connections() == 0);
                useAndClose(connect(port, 4));
                Groups.close(group, 0, server);
            }
        }
    }

    @EngineTest
    void shutdown_reportsForAllLoopsOnce(EngineKind engine) throws Exception {
        for (Distribution distribution : Distribution.values()) {
            try (ReactorGroup group = Groups.start(engine, LOOPS)) {
                GroupServer server =
                        GroupServer.of(
                                group,
                                distribution,
                                ServerOptions.defaults().socket(SocketOptions.defaults()),
                                socket -> socket.onData(data -> {})); // never answers
                int port = Groups.listen(group, 0, server);
                List<java.net.Socket> idle = connect(port, 10);
                List<java.net.Socket> owed = connect(port, 5);
                until(() -> server.connections() == 15);
                for (java.net.Socket socket : owed) {
                    socket.getOutputStream().write(1);
                }
                for (java.net.Socket socket : idle) {
                    socket.shutdownOutput();
                }
                until(() -> server.connections() == 5);
                ServerReport report =
                        Groups.ask(
                                group,
                                2,
                                answer ->
                                        server.shutdown(
                                                Duration.ofMillis(50),
                                                (err, done) -> {
                                                    assertEquals(2, group.index());
                                                    Groups.answer(answer, err, done);
                                                }));
                assertEquals(new ServerReport(0, 5), report);
                assertThrows(ConnectException.class, () -> Peers.connect(port).close());
                for (java.net.Socket socket : idle) {
                    socket.close();
                }
                for (java.net.Socket socket : owed) {
                    socket.close();
                }
                String again =
                        Groups.ask(
                                group,
                                1,
                                answer -> server.close(err -> answer.complete(err.code())));
                assertEquals("ERR_SERVER_NOT_RUNNING", again);
            }
        }
    }

    @EngineTest
    void closed_listensAgain_acceptedByAnotherLoop(EngineKind engine) throws Exception {
        for (Distribution distribution : Distribution.values()) {
            try (ReactorGroup group = Groups.start(engine, LOOPS)) {
                GroupServer server = echo(group, distribution);
                for (int round = 0; round < LOOPS; round++) {
                    int port = Groups.listen(group, round, server);
                    int here = round;
                    assertThrows(
                            IllegalStateException.class, () -> Groups.listen(group, here, server));
                    useAndClose(connect(port, 9));
                    Groups.close(group, (round + 1) % LOOPS, server);
                    assertThrows(ConnectException.class, () -> Peers.connect(port).close());
                }
            }
        }
    }

    /** A loop of another user may not listen where ours do: that loop's listen fails alone. */
    @EngineTest
    void oneLoopThatCannotListen_closesTheOthers(EngineKind engine) throws Exception {
        assumeTrue(isRoot(), "only root can become another user");
        try (ReactorGroup group = Groups.start(engine, LOOPS)) {
            GroupServer server = echo(group, Distribution.KERNEL);
            Groups.<Void>ask(
                    group,
                    2,
                    answer -> {
                        int setfsuid = Arch.CURRENT == Arch.X86_64 ? 122 : 151;
                        Core.of(group.get(2)).syscall(setfsuid, 12345, 0, 0);
                        answer.complete(null);
                    });
            int port = Peers.freePort();
            List<String> heard = new CopyOnWriteArrayList<>();
            ReactorException error =
                    Groups.ask(
                            group,
                            0,
                            answer ->
                                    server.listen(
                                            ListenOptions.port(port).host(Peers.LOCAL),
                                            (err, none) -> {
                                                assertEquals(0, group.index());
                                                heard.add(String.valueOf(none));
                                                answer.complete(err);
                                            }));
            assertNotNull(error);
            assertEquals("EADDRINUSE", error.code());
            assertEquals(List.of("null"), heard);
            assertThrows(ConnectException.class, () -> Peers.connect(port).close());
            assertEquals(0, server.connections());
        }
    }

    private static boolean isRoot() throws IOException {
        return Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
    }

    @EngineTest
    void portInUse_isToldOnce_andTheServerCanTryAgain(EngineKind engine) throws Exception {
        for (Distribution distribution : Distribution.values()) {
            try (ReactorGroup group = Groups.start(engine, LOOPS);
                    var other = Peers.listen()) {
                GroupServer server = echo(group, distribution);
                ReactorException error =
                        Groups.ask(
                                group,
                                1,
                                answer ->
                                        server.listen(
                                                ListenOptions.port(other.getLocalPort())
                                                        .host(Peers.LOCAL),
                                                (err, none) -> answer.complete(err)));
                assertEquals("EADDRINUSE", error.code());
                useAndClose(connect(Groups.listen(group, 1, server), 6));
                Groups.close(group, 1, server);
            }
        }
    }

    @EngineTest
    void cancelledListen_leavesNothing(EngineKind engine) throws Exception {
        for (Distribution distribution : Distribution.values()) {
            try (ReactorGroup group = Groups.start(engine, LOOPS)) {
                GroupServer server = echo(group, distribution);
                ReactorException error =
                        Groups.ask(
                                group,
                                0,
                                answer ->
                                        server.listen(
                                                        ListenOptions.port(0).host("localhost"),
                                                        (err, none) -> answer.complete(err))
                                                .cancel());
                assertEquals("ECANCELED", error.code());
                useAndClose(connect(Groups.listen(group, 0, server), 6));
                Groups.close(group, 0, server);
            }
        }
    }

    /** While clients connect, loops stop: each client is served or sees an end. */
    @EngineTest
    void loopsThatStopDuringHandOver_loseNoConnection(EngineKind engine) throws Exception {
        int clients = 400;
        AtomicInteger served = new AtomicInteger();
        AtomicInteger ended = new AtomicInteger();
        AtomicInteger opened = new AtomicInteger();
        AtomicInteger closed = new AtomicInteger();
        GroupServer server;
        try (ReactorGroup group = Groups.start(engine, LOOPS)) {
            server =
                    GroupServer.of(
                            group,
                            Distribution.ROUND_ROBIN,
                            ServerOptions.defaults(),
                            socket -> {
                                opened.incrementAndGet();
                                socket.onClose(err -> closed.incrementAndGet());
                                Servers.echo(socket);
                            });
            int port = Groups.listen(group, 0, server);
            for (int i = 0; i < clients; i++) {
                if (i == clients / 4 || i == clients / 2) {
                    int victim = i == clients / 4 ? 1 : 2;
                    group.post(victim, () -> group.get(victim).stop());
                }
                try (java.net.Socket socket = Peers.connect(port)) {
                    socket.getOutputStream().write(7);
                    (socket.getInputStream().read() == 7 ? served : ended).incrementAndGet();
                } catch (java.net.SocketException e) {
                    ended.incrementAndGet();
                }
            }
            Groups.close(group, 0, server);
            assertEquals(0, server.connections());
        }
        assertEquals(clients, served.get() + ended.get());
        assertTrue(served.get() > clients / 2, "served " + served);
        assertEquals(opened.get(), closed.get());
    }

    /** All loops stop with connections on their way to them: the census finds none. */
    @EngineTest
    void groupThatStopsInAStorm_leaksNoDescriptor(EngineKind engine) throws Exception {
        for (int round = 0; round < 5; round++) {
            GroupServer server;
            List<java.net.Socket> clients;
            try (ReactorGroup group = Groups.start(engine, LOOPS)) {
                server = echo(group, Distribution.ROUND_ROBIN);
                int port = Groups.listen(group, 0, server);
                CompletableFuture<Void> stall = new CompletableFuture<>();
                for (int i = 1; i < LOOPS; i++) {
                    int loop = i;
                    group.post(
                            i,
                            () -> { // what is handed over waits in the mailbox meanwhile
                                stall.join();
                                group.get(loop).stop();
                            });
                }
                clients = connect(port, 60);
                until(() -> server.connections() == 60);
                stall.complete(null);
            }
            assertEquals(0, server.connections());
            for (java.net.Socket client : clients) {
                client.close();
            }
        }
    }

    @EngineTest
    void callerThatEndsBeforeTheOutcome_hearsECANCELED(EngineKind engine) throws Exception {
        CompletableFuture<String> heard = new CompletableFuture<>();
        try (ReactorGroup group = Groups.start(engine, LOOPS)) {
            GroupServer server = echo(group, Distribution.ROUND_ROBIN);
            int port = Groups.listen(group, 0, server);
            List<java.net.Socket> clients = connect(port, 3);
            until(() -> server.connections() == 3);
            group.post(
                    1,
                    () -> {
                        server.close(err -> assertTrue(heard.complete(err.code())));
                        group.get(1).stop();
                    });
            assertEquals("ECANCELED", heard.get(60, TimeUnit.SECONDS));
            useAndCloseAll(clients);
            until(() -> server.connections() == 0);
        }
    }

    private static void useAndCloseAll(List<java.net.Socket> sockets) throws IOException {
        for (java.net.Socket socket : sockets) {
            socket.close();
        }
    }

    @EngineTest
    void throwingHandler_stopsItsLoopAlone(EngineKind engine) throws Exception {
        try (LogCapture log = LogCapture.of(ReactorGroup.class)) {
            ReactorGroup group = Groups.start(engine, LOOPS);
            GroupServer server =
                    GroupServer.of(
                            group,
                            Distribution.ROUND_ROBIN,
                            ServerOptions.defaults(),
                            socket -> {
                                if (group.index() == 2) {
                                    throw new IllegalStateException("on purpose");
                                }
                                Servers.echo(socket);
                            });
            int port = Groups.listen(group, 0, server);
            int served = 0;
            for (int i = 0; i < 12; i++) {
                try (java.net.Socket socket = Peers.connect(port)) {
                    socket.getOutputStream().write(1);
                    served += socket.getInputStream().read() == 1 ? 1 : 0;
                } catch (java.net.SocketException e) {
                    assertNotNull(e.getMessage()); // the loop's end reset it
                }
            }
            assertTrue(served >= 10, "served " + served);
            Groups.close(group, 0, server);
            assertThrows(IllegalStateException.class, group::close);
            assertEquals(List.of("ERROR loop 2 of the group has failed"), log.lines());
        }
    }

    @EngineTest
    void unixSocket_isHandedOver(EngineKind engine, @TempDir Path folder) throws Exception {
        Path path = folder.resolve("group.sock");
        Set<Integer> loops = ConcurrentHashMap.newKeySet();
        try (ReactorGroup group = Groups.start(engine, LOOPS)) {
            GroupServer server =
                    GroupServer.of(
                            group,
                            Distribution.ROUND_ROBIN,
                            ServerOptions.defaults(),
                            socket -> {
                                loops.add(group.index());
                                assertEquals(path, socket.unixAddress().getPath());
                                Servers.echo(socket);
                            });
            Groups.<Void>ask(
                    group,
                    0,
                    answer ->
                            server.listen(
                                    ListenOptions.path(path.toString()),
                                    (err, s) -> Groups.answer(answer, err, null)));
            assertEquals(path, server.unixAddress().getPath());
            assertNull(server.address());
            for (int i = 0; i < LOOPS; i++) {
                try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
                    channel.connect(UnixDomainSocketAddress.of(path));
                    channel.write(ByteBuffer.wrap(new byte[] {5}));
                    ByteBuffer back = ByteBuffer.allocate(1);
                    assertEquals(1, channel.read(back));
                    assertEquals(5, back.get(0));
                }
            }
            Groups.close(group, 1, server);
            assertFalse(Files.exists(path));
        }
        assertEquals(Set.of(0, 1, 2), loops);
    }

    @EngineTest
    void misuse_isRefusedWithAWord(EngineKind engine) throws Exception {
        try (ReactorGroup group = Groups.start(engine, 2)) {
            GroupServer server = echo(group, Distribution.KERNEL);
            IllegalStateException off =
                    assertThrows(IllegalStateException.class, () -> server.close(err -> {}));
            assertTrue(off.getMessage().contains("group.post"), off.getMessage());
            Exception unix =
                    assertThrows(
                            IllegalArgumentException.class,
                            () ->
                                    Groups.<Void>ask(
                                            group,
                                            0,
                                            answer ->
                                                    server.listen(
                                                            ListenOptions.path("@group"),
                                                            (err, s) -> {})));
            assertTrue(unix.getMessage().contains("ROUND_ROBIN"), unix.getMessage());
            assertThrows(
                    IllegalArgumentException.class,
                    () -> GroupServer.of(group, null, ServerOptions.defaults(), s -> {}));
            assertThrows(
                    IllegalArgumentException.class,
                    () ->
                            GroupServer.of(
                                    group, Distribution.KERNEL, ServerOptions.defaults(), null));
        }
    }

    /** A group of one is a server like others, on a simulated machine as well. */
    @EveryEngine
    void groupOfOne_serves(EngineKind engine) throws Exception {
        for (Distribution distribution : Distribution.values()) {
            try (ReactorGroup group = Groups.start(engine, 1)) {
                GroupServer server = echo(group, distribution);
                int port = Groups.listen(group, 0, server);
                String heard =
                        Groups.ask(
                                group,
                                0,
                                answer ->
                                        Servers.connect(
                                                group.get(0),
                                                port,
                                                socket -> {
                                                    socket.onData(data -> {
                                                        answer.complete(data.toString(UTF_8));
                                                        socket.end();
                                                    });
                                                    socket.write("hello");
                                                }));
                assertEquals("hello", heard);
                Groups.close(group, 0, server);
            }
        }
    }
}
