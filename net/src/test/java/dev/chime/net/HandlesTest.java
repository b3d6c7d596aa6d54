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
import dev.chime.net.testing.Inside;
import dev.chime.net.testing.Peers;
import dev.chime.net.testing.Servers;
import dev.chime.reactor.Descriptor;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.internal.HeldDescriptor;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.Memory;
import dev.chime.reactor.libc.Sys;
import dev.chime.reactor.testing.ChildJvm;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.Reactors;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;

/** Descriptors that travel over Unix sockets. */
class HandlesTest {
    private static final byte[] X = {'x'};

    @TempDir Path folder;

    /** Both ends of a Unix connection, in one loop. */
    @FunctionalInterface
    private interface Ends {
        void use(Reactor reactor, Socket one, Socket other) throws Exception;
    }

    private void connected(EngineKind engine, Ends ends) {
        Reactors.run(
                engine,
                reactor -> {
                    Socket[] accepted = {null};
                    Socket[] opened = {null};
                    Net net = Net.of(reactor);
                    ListenOptions path =
                            ListenOptions.path(folder.resolve("s-" + engine).toString());
                    Server[] server = {null};
                    server[0] =
                            net.createServer(socket -> {
                                accepted[0] = socket;
                                Servers.close(server[0]);
                                if (opened[0] != null) {
                                    ends.use(reactor, opened[0], socket);
                                }
                            });
                    server[0].listen(
                            path,
                            (err, listening) -> {
                                assertNull(err);
                                net.connect(
                                        ConnectOptions.path(path.path()),
                                        (failed, socket) -> {
                                            assertNull(failed);
                                            opened[0] = socket;
                                            if (accepted[0] != null) {
                                                ends.use(reactor, socket, accepted[0]);
                                            }
                                        });
                            });
                });
    }

    /** A descriptor of a new file that nobody else has. */
    private Descriptor file(Reactor reactor, String content) throws Exception {
        Path path = Files.createTempFile(folder, "f", "");
        Files.writeString(path, content);
        Core core = Core.of(reactor);
        long memory = core.scratch();
        byte[] name = (path + "\0").getBytes(UTF_8);
        Memory.copy(name, 0, memory, name.length);
        long fd = core.syscall(Sys.OPENAT, Const.AT_FDCWD, memory, Const.O_CLOEXEC | Const.O_RDWR);
        return HeldDescriptor.of(core, (int) fd);
    }

    private static int number(Reactor reactor, Descriptor descriptor) {
        return HeldDescriptor.check(Core.of(reactor), descriptor).number();
    }

    private static String content(Reactor reactor, Descriptor descriptor) throws Exception {
        return Files.readString(Path.of("/proc/self/fd/" + number(reactor, descriptor)));
    }

    @EngineTest
    void tcpConnection_goesOnInOtherHands(EngineKind engine) {
        String[] echoed = {null};
        connected(
                engine,
                (reactor, parent, worker) -> {
                    worker.onHandles((handles, truncated) -> {
                        assertEquals(1, handles.size());
                        assertFalse(truncated);
                        assertTrue(handles.getFirst().isSocket());
                        Socket adopted =
                                Net.of(reactor).adopt(handles.getFirst(), SocketOptions.defaults());
                        assertFalse(handles.getFirst().isOpen());
                        assertNotNull(adopted.remoteAddress());
                        Servers.echo(adopted);
                        adopted.onClose(err -> worker.end());
                    });
                    worker.onData(data -> assertEquals("take this", data.toString(UTF_8)));
                    parent.resume();
                    Servers.once(
                            reactor,
                            accepted -> {
                                Descriptor second = accepted.duplicate();
                                assertTrue(
                                        parent.sendHandles(
                                                "take this".getBytes(UTF_8), List.of(second)));
                                assertFalse(second.isOpen());
                                accepted.destroy(); // the duplicate keeps the connection
                            },
                            (server, port) ->
                                    Servers.connect(
                                            reactor,
                                            port,
                                            client -> {
                                                client.write("through two processes");
                                                client.onData(data -> {
                                                    echoed[0] = data.toString(UTF_8);
                                                    client.end();
                                                });
                                            }));
                });
        assertEquals("through two processes", echoed[0]);
    }

    @EngineTest
    void listeningSocket_servesInOtherHands(EngineKind engine) {
        int[] served = {0};
        connected(
                engine,
                (reactor, parent, worker) -> {
                    Server taker =
                            Net.of(reactor)
                                    .createServer(socket -> {
                                        served[0]++;
                                        Servers.echo(socket);
                                    });
                    worker.onHandles((handles, truncated) -> {
                        taker.adopt(handles.getFirst());
                        parent.destroy();
                        int port = taker.address().getPort();
                        Servers.connect(
                                reactor,
                                port,
                                client -> {
                                    client.write("?");
                                    client.onData(data -> {
                                        client.end();
                                        Servers.close(taker);
                                    });
                                });
                    });
                    worker.resume();
                    Servers.listen(
                            reactor,
                            socket -> {},
                            (server, port) -> {
                                parent.sendHandles(X, List.of(server.duplicate()));
                                Servers.close(server);
                            });
                });
        assertEquals(1, served[0]);
    }

    @EngineTest
    void received_isCloseOnExec_andClosedWhenNobodyTakesIt(EngineKind engine) {
        List<String> heard = new ArrayList<>();
        connected(
                engine,
                (reactor, one, other) -> {
                    Descriptor[] kept = {null};
                    other.onHandles((handles, truncated) -> {
                        kept[0] = handles.getFirst();
                        String info =
                                Files.readString(
                                        Path.of(
                                                "/proc/self/fdinfo/"
                                                        + number(reactor, handles.getFirst())));
                        assertTrue(info.matches("(?s).*flags:\\s+02\\d{6}\\s.*"), info);
                        heard.add(content(reactor, handles.getFirst()));
                    });
                    other.onData(data -> {
                        assertFalse(kept[0].isOpen());
                        assertThrows(
                                IllegalStateException.class,
                                () -> other.sendHandles(X, List.of(kept[0])));
                        heard.add("data");
                        other.end();
                    });
                    one.resume();
                    one.sendHandles(X, List.of(file(reactor, "hello")));
                });
        assertEquals(List.of("hello", "data"), heard);
    }

    /** Messages with and without descriptors, of all sizes, with pauses: all in order. */
    @EngineTest
    void manyMessages_keepTheirOrder_andTheirDescriptors(EngineKind engine) {
        int messages = 60;
        Random random = new Random(7);
        int[] got = {0};
        int[] sent = {0};
        Content taken = new Content(5);
        connected(
                engine,
                (reactor, one, other) -> {
                    other.onHandles((handles, truncated) -> {
                        assertFalse(truncated);
                        for (Descriptor handle : handles) {
                            assertEquals("" + got[0]++, content(reactor, handle));
                        }
                        if (random.nextInt(5) == 0) {
                            other.pause();
                            reactor.setTimeout(1, other::resume);
                        }
                    });
                    other.onData(taken::check);
                    Content given = new Content(5);
                    for (int i = 0; i < messages; i++) {
                        int size = 1 + random.nextInt(i % 10 == 0 ? 200_000 : 300);
                        if (i % 3 == 2) {
                            one.write(given.take(size));
                        } else {
                            List<Descriptor> handles = new ArrayList<>();
                            for (int k = 0; k <= i % 3; k++) {
                                handles.add(file(reactor, "" + sent[0]++));
                            }
                            one.sendHandles(given.take(size), handles);
                        }
                    }
                    one.end();
                    other.onEnd(() -> assertEquals(given.position(), taken.position()));
                });
        assertEquals(60, sent[0]);
        assertEquals(sent[0], got[0]);
    }

    @EngineTest
    void asManyAsTheKernelTakes_andNotMore(EngineKind engine) {
        int[] got = {0};
        connected(
                engine,
                (reactor, one, other) -> {
                    List<Descriptor> handles = new ArrayList<>();
                    for (int i = 0; i < 254; i++) {
                        handles.add(HeldDescriptor.duplicate(Core.of(reactor), fd(one)));
                    }
                    IllegalArgumentException refused =
                            assertThrows(
                                    IllegalArgumentException.class,
                                    () -> one.sendHandles(X, handles));
                    assertTrue(refused.getMessage().contains("253"), refused.getMessage());
                    handles.removeLast().close();
                    other.onHandles((received, truncated) -> got[0] = received.size());
                    other.onData(data -> other.end());
                    one.resume();
                    one.sendHandles(X, handles);
                });
        assertEquals(253, got[0]);
    }

    private static dev.chime.reactor.engine.Fd fd(Socket socket) {
        try {
            Field field = Socket.class.getDeclaredField("fd");
            field.setAccessible(true);
            return (dev.chime.reactor.engine.Fd) field.get(socket);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("Socket has changed", e);
        }
    }

    /**
     * Without room for all in the receiver's table of descriptors some are lost, and it says so.
     */
    @EngineTest
    void fullTable_isToldAsTruncated(EngineKind engine) {
        List<String> heard = new ArrayList<>();
        connected(
                engine,
                (reactor, one, other) -> {
                    Core core = Core.of(reactor);
                    List<Descriptor> sent = new ArrayList<>();
                    for (int i = 0; i < 5; i++) {
                        sent.add(one.duplicate());
                    }
                    reactor.onExit(() -> limit(core, Integer.MAX_VALUE));
                    other.onHandles((handles, truncated) -> {
                        limit(core, Integer.MAX_VALUE);
                        heard.add(handles.size() + " " + truncated);
                        if (heard.size() == 1) { // all classes are there: they are files, too
                            other.pause();
                            one.sendHandles(X, sent);
                            one.flush(err ->
                                    reactor.setTimeout(
                                            20,
                                            () -> {
                                                limit(core, freeNumbers(core, 2));
                                                other.resume();
                                            }));
                        } else {
                            other.end();
                        }
                    });
                    other.resume();
                    one.resume();
                    one.sendHandles(X, List.of(one.duplicate()));
                });
        assertEquals(List.of("1 false", "2 true"), heard);
    }

    /** A limit below which so many numbers are free. */
    private static int freeNumbers(Core core, int free) {
        int number = 0;
        for (int left = free; left > 0; number++) {
            if (core.syscall(Sys.FCNTL, number, Const.F_GETFD, 0) < 0) {
                left--;
            }
        }
        return number;
    }

    private static void limit(Core core, int most) {
        long memory = core.scratch();
        core.syscall(Sys.PRLIMIT64, 0, Const.RLIMIT_NOFILE, 0, memory, 0, 0);
        long hard = Memory.getLong(memory + 8);
        Memory.putLong(memory, Math.min(hard, most));
        core.syscall(Sys.PRLIMIT64, 0, Const.RLIMIT_NOFILE, memory, 0, 0, 0);
    }

    @EngineTest
    void heldWhilePaused_comesWithResume_orIsClosed(EngineKind engine) {
        List<String> heard = new ArrayList<>();
        for (boolean destroys : new boolean[] {false, true}) {
            connected(
                    engine,
                    (reactor, one, other) -> {
                        other.onHandles((handles, truncated) ->
                                heard.add(content(reactor, handles.getFirst())));
                        other.onData(data -> {
                            heard.add(data.toString(UTF_8));
                            other.end();
                        });
                        other.pause();
                        one.resume();
                        one.sendHandles("bytes".getBytes(UTF_8), List.of(file(reactor, "file")));
                        reactor.setTimeout(
                                30,
                                () -> {
                                    heard.add("now");
                                    if (destroys) {
                                        other.destroy();
                                    } else {
                                        other.resume();
                                    }
                                });
                    });
        }
        assertEquals(List.of("now", "file", "bytes", "now"), heard);
    }

    @EngineTest
    void socketWithoutAHandler_getsTheBytesAlone(EngineKind engine) {
        String[] got = {null};
        connected(
                engine,
                (reactor, one, other) -> {
                    other.onData(data -> {
                        got[0] = data.toString(UTF_8);
                        IllegalStateException late =
                                assertThrows(
                                        IllegalStateException.class,
                                        () -> other.onHandles((handles, truncated) -> {}));
                        assertTrue(late.getMessage().contains("before onData"));
                        other.end();
                    });
                    one.resume();
                    one.sendHandles("only bytes".getBytes(UTF_8), List.of(file(reactor, "f")));
                });
        assertEquals("only bytes", got[0]);
    }

    /** What is queued when the connection or the loop ends is closed: the census counts. */
    @EngineTest
    void unsent_isClosedWithTheConnectionOrTheLoop(EngineKind engine) {
        for (boolean stops : new boolean[] {false, true}) {
            connected(
                    engine,
                    (reactor, one, other) -> {
                        one.write(new byte[4 << 20]); // more than the kernel takes
                        for (int i = 0; i < 10; i++) {
                            one.sendHandles(X, List.of(file(reactor, "unsent")));
                        }
                        Descriptor forgotten = file(reactor, "never sent");
                        assertTrue(forgotten.isOpen());
                        reactor.setTimeout(
                                20,
                                () -> {
                                    assertTrue(one.queuedBytes() > 10);
                                    if (stops) {
                                        reactor.stop();
                                    } else {
                                        forgotten.close();
                                        forgotten.close();
                                        one.destroy();
                                        other.destroy();
                                    }
                                });
                    });
        }
    }

    @EngineTest
    void refusals_sayWhy_andLeaveTheDescriptorWithItsHolder(EngineKind engine) {
        connected(
                engine,
                (reactor, one, other) -> {
                    Descriptor file = file(reactor, "f");
                    assertThrows(
                            IllegalArgumentException.class,
                            () -> one.sendHandles(new byte[0], List.of(file)));
                    assertThrows(
                            IllegalArgumentException.class, () -> one.sendHandles(X, List.of()));
                    assertThrows(
                            IllegalArgumentException.class,
                            () -> one.sendHandles(X, List.of(file, file)));
                    IllegalArgumentException wrong =
                            assertThrows(
                                    IllegalArgumentException.class,
                                    () -> Net.of(reactor).adopt(file, SocketOptions.defaults()));
                    assertTrue(wrong.getMessage().contains("no socket"), wrong.getMessage());
                    Descriptor connection = one.duplicate();
                    IllegalArgumentException notListening =
                            assertThrows(
                                    IllegalArgumentException.class,
                                    () -> Net.of(reactor).createServer(s -> {}).adopt(connection));
                    assertTrue(notListening.getMessage().contains("Net.adopt"));
                    assertTrue(file.isOpen() && connection.isOpen());
                    file.close();
                    connection.close();
                    assertThrows(
                            IllegalStateException.class, () -> one.sendHandles(X, List.of(file)));
                    Descriptor late = file(reactor, "late");
                    one.end();
                    assertThrows(
                            IllegalStateException.class, () -> one.sendHandles(X, List.of(late)));
                    other.resume();
                    Servers.once(
                            reactor,
                            tcp -> {
                                IllegalStateException noUnix =
                                        assertThrows(
                                                IllegalStateException.class,
                                                () -> tcp.onHandles((handles, cut) -> {}));
                                assertTrue(noUnix.getMessage().contains("Unix sockets alone"));
                                tcp.destroy();
                            },
                            (server, port) -> Servers.connect(reactor, port, Socket::resume));
                });
    }

    @EngineTest
    void machineThatFailsTheTrial_saysSoAtTheCall(EngineKind engine) throws Exception {
        Field fault = Handles.class.getDeclaredField("fault");
        fault.setAccessible(true);
        Object before = fault.get(null);
        fault.set(null, "recvmsg gives 1 with 0 descriptors");
        try {
            connected(
                    engine,
                    (reactor, one, other) -> {
                        UnsupportedOperationException refused =
                                assertThrows(
                                        UnsupportedOperationException.class,
                                        () -> one.onHandles((handles, truncated) -> {}));
                        assertTrue(refused.getMessage().contains("0 descriptors"));
                        one.destroy();
                        other.destroy();
                    });
        } finally {
            fault.set(null, before);
        }
    }

    /** A peer that shares no code with ours sends a file, and gets another one. */
    @EngineTest
    void python_sendsAndReceives(EngineKind engine) throws Exception {
        String program =
                """
                import os, socket, sys
                s = socket.socket(socket.AF_UNIX)
                s.connect(sys.argv[1])
                r, w = os.pipe()
                os.write(w, b'from the pipe')
                os.close(w)
                socket.send_fds(s, [b'here'], [r])
                data, fds, flags, _ = socket.recv_fds(s, 100, 10)
                print(data.decode(), len(fds), os.read(fds[1], 100).decode())
                """;
        assumeTrue(pythonWorks(), "there is no python3 with socket.send_fds");
        String path = folder.resolve("py-" + engine).toString();
        List<String> heard = new ArrayList<>();
        try (Peers peers = new Peers()) {
            Reactors.run(
                    engine,
                    reactor -> {
                        Server[] server = {null};
                        server[0] =
                                Net.of(reactor)
                                        .createServer(socket -> {
                                            Servers.close(server[0]);
                                            socket.onHandles((handles, truncated) -> {
                                                heard.add(pipe(reactor, handles.getFirst()));
                                                socket.sendHandles(
                                                        "two files".getBytes(UTF_8),
                                                        List.of(
                                                                file(reactor, "first"),
                                                                file(reactor, "second")));
                                            });
                                            socket.onData(data -> heard.add(data.toString(UTF_8)));
                                        });
                        server[0].listen(
                                ListenOptions.path(path),
                                (err, listening) -> {
                                    assertNull(err);
                                    peers.start(
                                            reactor,
                                            () ->
                                                    heard.addAll(
                                                            ChildJvm.run(
                                                                    List.of(
                                                                            "python3", "-c",
                                                                            program, path))));
                                });
                    });
        }
        assertEquals(List.of("from the pipe", "here", "two files 2 second", "exit 0"), heard);
    }

    private static String pipe(Reactor reactor, Descriptor pipe) {
        Core core = Core.of(reactor);
        long memory = core.scratch();
        int count = (int) core.syscall(Sys.READ, number(reactor, pipe), memory, 100);
        byte[] bytes = new byte[count];
        Memory.copy(memory, bytes, 0, count);
        return new String(bytes, UTF_8);
    }

    private static boolean pythonWorks() throws InterruptedException {
        try {
            Process python =
                    new ProcessBuilder("python3", "-c", "import socket; socket.send_fds").start();
            return python.waitFor(60, TimeUnit.SECONDS) && python.exitValue() == 0;
        } catch (java.io.IOException e) {
            return false;
        }
    }

    @EngineTest
    void endlessPeer_isPausedAndHeldToTheMemoryOfOneMessage(EngineKind engine) {
        connected(
                engine,
                (reactor, one, other) -> {
                    other.onHandles((handles, truncated) -> {});
                    other.onData(data -> other.pause());
                    one.write(new byte[1 << 20]);
                    reactor.setTimeout(
                            50,
                            () -> {
                                assertTrue(
                                        other.bytesRead() <= 256 << 10,
                                        "read " + other.bytesRead());
                                assertTrue(Inside.chunksInUse(reactor) < 16);
                                one.destroy();
                                other.destroy();
                            });
                });
    }
}
