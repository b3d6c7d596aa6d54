package dev.chime.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.net.testing.IdleServer;
import dev.chime.net.testing.Inside;
import dev.chime.net.testing.Peers;
import dev.chime.net.testing.Servers;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.testing.ChildJvm;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.EveryEngine;
import dev.chime.reactor.testing.Reactors;
import java.io.BufferedReader;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;

/** Many connections: what an idle one costs, storms of them, and their coming and going. */
class ScaleTest {
    /** Bounds for each connection; measured are 1.2 KiB of the one and nothing of the other. */
    private static final long MOST_HEAP_BYTES = 4 << 10;

    private static final long MOST_NATIVE_BYTES = 64;

    /** What a server says that it costs. */
    private record Costs(int connections, long heap, long mapped, int chunks, long resident) {
        static Costs of(String line) {
            String[] words = line.split(" ");
            return new Costs(
                    Integer.parseInt(words[0]),
                    Long.parseLong(words[1]),
                    Long.parseLong(words[2]),
                    Integer.parseInt(words[3]),
                    Long.parseLong(words[4]));
        }
    }

    @EngineTest
    void idleConnection_holdsNoReceiveBuffer_andLittleElse(EngineKind engine) throws Exception {
        idle(engine, 2000);
    }

    @Tag("slow")
    @EngineTest
    void tenThousandIdleConnections_costNoMoreEach(EngineKind engine) throws Exception {
        int room = descriptors() - 500;
        if (room < 10_000) {
            System.err.println("only " + room + " connections: raise `ulimit -Hn` for 10,000");
        }
        idle(engine, Math.min(10_000, room));
    }

    /** The limit of this process: the JVM has raised it to the hard limit, as the child's does. */
    private static int descriptors() throws Exception {
        for (String line : Files.readAllLines(Path.of("/proc/self/limits"))) {
            if (line.startsWith("Max open files")) {
                return Integer.parseInt(line.split("\\s+")[3]);
            }
        }
        throw new IllegalStateException("/proc/self/limits names no open files");
    }

    private static void idle(EngineKind engine, int count) throws Exception {
        Process server =
                ChildJvm.start(
                        List.of("-Xmx256m", "-XX:+UseSerialGC", "-Dchime.stallMillis=0"),
                        List.of(Net.class),
                        IdleServer.class,
                        engine.name());
        List<SocketChannel> clients = new ArrayList<>(count);
        try (BufferedReader out = server.inputReader(StandardCharsets.UTF_8)) {
            int port = Integer.parseInt(out.readLine());
            connect(clients, port, 200); // its classes are loaded, its first memory mapped
            Costs before = ask(server, out, clients.size());
            connect(clients, port, count);
            Costs after = ask(server, out, clients.size());
            int more = after.connections() - before.connections();
            long heap = (after.heap() - before.heap()) / more;
            long mapped = (after.mapped() - before.mapped()) / more;
            System.out.printf(
                    "%s: %d idle connections, bytes each: heap %d, native %d, resident %d%n",
                    engine, count, heap, mapped, (after.resident() - before.resident()) / more);
            assertTrue(heap <= MOST_HEAP_BYTES, heap + " bytes of heap each");
            assertTrue(mapped <= MOST_NATIVE_BYTES, mapped + " bytes of native memory each");
            assertTrue(after.chunks() <= 1, after.chunks() + " pieces of memory are in use");
            exchange(clients.getLast());
            exchange(clients.getFirst());
        } finally {
            for (SocketChannel client : clients) {
                client.close();
            }
            server.getOutputStream().close();
            if (!server.waitFor(60, TimeUnit.SECONDS)) {
                server.destroyForcibly();
            }
        }
        assertEquals(0, server.exitValue());
    }

    /** Each says something, so that it is no longer as new: what it received is released. */
    private static void connect(List<SocketChannel> clients, int port, int count) throws Exception {
        while (clients.size() < count) {
            SocketChannel client = SocketChannel.open(new InetSocketAddress(Peers.LOCAL, port));
            clients.add(client);
            exchange(client);
        }
    }

    private static void exchange(SocketChannel client) throws Exception {
        client.write(ByteBuffer.wrap(new byte[] {42}));
        ByteBuffer back = ByteBuffer.allocate(1);
        assertEquals(1, client.read(back));
        assertEquals(42, back.get(0));
    }

    private static Costs ask(Process server, BufferedReader out, int connections) throws Exception {
        server.getOutputStream().write('?');
        server.getOutputStream().flush();
        Costs costs = Costs.of(out.readLine());
        assertEquals(connections, costs.connections());
        return costs;
    }

    /** All connect at once; each is answered. */
    @EveryEngine
    void stormOfConnects_isAnsweredToTheLast(EngineKind engine) {
        int storm = 1000;
        int[] answered = {0};
        int[] most = {0};
        Reactors.run(
                engine,
                reactor -> {
                    Server[] server = {null};
                    server[0] =
                            Net.of(reactor)
                                    .createServer(socket -> {
                                        most[0] = Math.max(most[0], server[0].connections());
                                        Servers.echo(socket);
                                    });
                    server[0].listen(
                            ListenOptions.port(0).host(Peers.LOCAL).backlog(storm),
                            (err, listening) -> {
                                assertNull(err);
                                int port = listening.address().getPort();
                                for (int i = 0; i < storm; i++) {
                                    Servers.connect(
                                            reactor,
                                            port,
                                            socket -> {
                                                socket.onData(data -> {
                                                    if (++answered[0] == storm) {
                                                        Servers.close(listening);
                                                    }
                                                    socket.end();
                                                });
                                                socket.write("?");
                                            });
                                }
                            });
                });
        assertEquals(storm, answered[0]);
        assertTrue(most[0] > 1, "at most " + most[0] + " at once");
    }

    /** Connections come and go, some cut off in the middle: nothing grows, nothing stays. */
    @EveryEngine
    void fourThousandComeAndGo_leavingNothing(EngineKind engine) {
        int all = 4096;
        int atOnce = 64;
        int[] started = {0};
        int[] closed = {0};
        long[] mapped = {0};
        Reactors.run(
                engine,
                reactor ->
                        Servers.listen(
                                reactor,
                                Servers::echo,
                                (server, port) ->
                                        new Object() {
                                            void next() {
                                                int number = started[0]++;
                                                Servers.connect(
                                                        reactor,
                                                        port,
                                                        socket -> use(socket, number));
                                            }

                                            void use(Socket socket, int number) {
                                                socket.onClose(err -> gone());
                                                socket.write(new byte[100 + number % 1000]);
                                                switch (number % 4) {
                                                    case 0 -> socket.destroy();
                                                    case 1 -> socket.resetAndDestroy();
                                                    default -> socket.onData(data -> socket.end());
                                                }
                                            }

                                            void gone() {
                                                if (++closed[0] == all / 2) {
                                                    mapped[0] = Inside.mappedBytes(reactor);
                                                }
                                                if (started[0] < all) {
                                                    next();
                                                } else if (closed[0] == all) {
                                                    finished(reactor, server, mapped[0]);
                                                }
                                            }

                                            void start() {
                                                for (int i = 0; i < atOnce; i++) {
                                                    next();
                                                }
                                            }
                                        }.start()));
        assertEquals(all, closed[0]);
    }

    private static void finished(Reactor reactor, Server server, long mappedHalfway) {
        server.close(err -> {
            assertNull(err);
            assertEquals(0, server.connections());
            assertTrue(Inside.chunksInUse(reactor) <= 1);
            assertTrue(Inside.mappedBytes(reactor) <= mappedHalfway + (1 << 20));
        });
    }
}
