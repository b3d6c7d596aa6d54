package dev.chime.samples;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.fs.Advice;
import dev.chime.fs.Fs;
import dev.chime.fs.ReadStream;
import dev.chime.fs.ReadStreamOptions;
import dev.chime.net.Net;
import dev.chime.net.Server;
import dev.chime.net.Socket;
import dev.chime.net.http.Http;
import dev.chime.net.http.Representation;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.Reactors;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Files piped to sockets: every byte, in order, whichever way the kernel brings it there. */
class FileToSocketTest {
    private static final int SIZE = 24_000_000;

    @TempDir Path directory;
    private Path file;
    private byte[] content;

    @BeforeEach
    void aFile() throws IOException {
        content = new byte[SIZE];
        new Random(SIZE).nextBytes(content);
        file = Files.write(directory.resolve("f"), content);
    }

    private interface Serve {
        void accepted(Reactor reactor, Server server, Socket socket) throws Exception;
    }

    private interface Peer<T> {
        T talk(java.net.Socket socket) throws Exception;
    }

    /** Serves one connection to a peer on another thread; what the peer found. */
    private static <T> T run(EngineKind engine, Serve serve, Peer<T> peer) {
        CompletableFuture<T> found = new CompletableFuture<>();
        Reactors.run(
                engine,
                reactor -> {
                    Server[] server = new Server[1];
                    server[0] =
                            Net.of(reactor)
                                    .createServer(
                                            socket -> serve.accepted(reactor, server[0], socket));
                    server[0].listen(
                            0,
                            (err, listening) -> {
                                assertNull(err);
                                int port = listening.address().getPort();
                                Thread.ofPlatform().start(() -> talk(port, peer, found));
                            });
                });
        return found.join();
    }

    private static <T> void talk(int port, Peer<T> peer, CompletableFuture<T> found) {
        try (var socket = new java.net.Socket(InetAddress.getLoopbackAddress(), port)) {
            found.complete(peer.talk(socket));
        } catch (Exception | AssertionError e) {
            found.completeExceptionally(e);
        }
    }

    @EngineTest
    void aFileBetweenWrites_comesInOrder_toASlowReader_andTheSocketStaysUsable(EngineKind engine) {
        long[] counts = new long[3];
        byte[] found =
                run(
                        engine,
                        (reactor, server, socket) -> {
                            long before = reactor.memory().usedBytes();
                            reactor.onCheck(() ->
                                    counts[2] =
                                            Math.max(
                                                    counts[2],
                                                    reactor.memory().usedBytes() - before));
                            socket.write("head");
                            ReadStream source = Fs.of(reactor).createReadStream(file);
                            source.pipe(socket, false);
                            source.onEnd(() -> {
                                socket.write("tail");
                                socket.flush(err -> {
                                    assertNull(err);
                                    counts[0] = source.bytesRead();
                                    counts[1] = socket.bytesWritten();
                                });
                            });
                            socket.onData(data -> {
                                socket.end(data); // the peer says that it has read all
                                server.close(gone -> {});
                                reactor.stop();
                            });
                        },
                        socket -> {
                            InputStream in = socket.getInputStream();
                            ByteArrayOutputStream all = new ByteArrayOutputStream();
                            byte[] piece = new byte[300_000];
                            while (all.size() < SIZE + 8) {
                                int count = in.read(piece);
                                assertTrue(count > 0, "ended after " + all.size());
                                all.write(piece, 0, count);
                                if (all.size() < 3_000_000) {
                                    Thread.sleep(5);
                                }
                            }
                            socket.getOutputStream().write("ok".getBytes(US_ASCII));
                            return all.toByteArray();
                        });
        assertEquals(SIZE + 8, found.length);
        assertEquals("head", new String(found, 0, 4, US_ASCII));
        assertEquals(-1, Arrays.mismatch(content, Arrays.copyOfRange(found, 4, SIZE + 4)));
        assertEquals("tail", new String(found, SIZE + 4, 4, US_ASCII));
        assertEquals(SIZE, counts[0]);
        assertEquals(SIZE + 8, counts[1]);
        assertTrue(counts[2] <= 512 << 10, "memory " + counts[2]);
    }

    /**
     * Bytes that this thread has had written by calls such as write(2) and sendfile(2), by the
     * kernel's own count (proc_pid_io(5)); what is sent to sockets otherwise is not in it.
     */
    private static long bytesWritten() throws IOException {
        return Files.readAllLines(Path.of("/proc/thread-self/io")).stream()
                .filter(line -> line.startsWith("wchar: "))
                .mapToLong(line -> Long.parseLong(line.substring(7)))
                .sum();
    }

    @EngineTest
    void aFileInMemory_isSentBySendfile_fromThePagesItHas(EngineKind engine) {
        long[] written = new long[2];
        byte[] found =
                run(
                        engine,
                        (reactor, server, socket) -> {
                            server.close(gone -> {});
                            written[0] = bytesWritten();
                            Fs.of(reactor).createReadStream(file).pipe(socket);
                            socket.onClose(err -> written[1] = bytesWritten() - written[0]);
                        },
                        socket -> socket.getInputStream().readAllBytes());
        assertEquals(-1, Arrays.mismatch(content, found));
        // Stretches that are too short to pay for the calls go by read and send.
        assertTrue(written[1] > SIZE - SIZE / 10 && written[1] <= SIZE, written[1] + " bytes");
    }

    @EngineTest
    void unpipeDuringSendfile_leavesTheRestToOthers(EngineKind engine) {
        ByteArrayOutputStream rest = new ByteArrayOutputStream();
        long[] written = new long[2];
        byte[] found =
                run(
                        engine,
                        (reactor, server, socket) -> {
                            server.close(gone -> {});
                            written[0] = bytesWritten();
                            ReadStream source = Fs.of(reactor).createReadStream(file);
                            source.pipe(socket);
                            reactor.setTimeout(
                                    100, // by now the socket takes no more
                                    () -> {
                                        written[1] = bytesWritten() - written[0];
                                        source.unpipe(socket);
                                        socket.write("trailer");
                                        source.onData(data -> rest.writeBytes(data.toArray()));
                                        source.onEnd(socket::end);
                                    });
                        },
                        socket -> {
                            Thread.sleep(300);
                            return socket.getInputStream().readAllBytes();
                        });
        int sent = found.length - "trailer".length();
        assertTrue(sent > 0 && sent < SIZE, sent + " sent");
        assertTrue(written[1] > 0, "sendfile was at it");
        assertEquals("trailer", new String(found, sent, "trailer".length(), US_ASCII));
        assertEquals(-1, Arrays.mismatch(Arrays.copyOf(content, sent), Arrays.copyOf(found, sent)));
        assertEquals(
                -1, Arrays.mismatch(Arrays.copyOfRange(content, sent, SIZE), rest.toByteArray()));
    }

    @EngineTest
    void aFileThatIsNotInMemory_comesWhole(EngineKind engine) {
        byte[] found =
                run(
                        engine,
                        (reactor, server, socket) -> {
                            server.close(gone -> {});
                            Fs.of(reactor)
                                    .open(
                                            file,
                                            (err, handle) ->
                                                    handle.sync(synced ->
                                                            handle.advise(
                                                                    Advice.DONTNEED,
                                                                    0,
                                                                    0,
                                                                    done ->
                                                                            handle.createReadStream(
                                                                                            ReadStreamOptions
                                                                                                    .defaults()
                                                                                                    .start(
                                                                                                            7))
                                                                                    .pipe(
                                                                                            socket))));
                        },
                        socket -> socket.getInputStream().readAllBytes());
        assertArrayEquals(Arrays.copyOfRange(content, 7, SIZE), found);
    }

    @EngineTest
    void aPeerThatGoesAway_endsBoth(EngineKind engine) {
        List<ReactorException> errors = new ArrayList<>();
        run(
                engine,
                (reactor, server, socket) -> {
                    server.close(gone -> {});
                    ReadStream source = Fs.of(reactor).createReadStream(file);
                    source.pipe(socket);
                    socket.onClose(errors::add);
                    source.onClose(err -> assertTrue(source.bytesRead() < SIZE));
                },
                socket -> {
                    socket.setSoLinger(true, 0);
                    return socket.getInputStream().readNBytes(1_000_000);
                });
        assertEquals(1, errors.size());
        ReactorException error = errors.getFirst();
        assertNotNull(error);
        assertTrue(List.of("EPIPE", "ECONNRESET").contains(error.code()), error.code());
    }

    @EngineTest
    void whileTheSocketTakesNoMore_eitherEndCanBeDestroyed(EngineKind engine) {
        for (int round = 0; round < 2; round++) {
            boolean bySource = round == 0;
            List<ReactorException> errors = new ArrayList<>();
            byte[] found =
                    run(
                            engine,
                            (reactor, server, socket) -> {
                                server.close(gone -> {});
                                ReadStream source = Fs.of(reactor).createReadStream(file);
                                source.pipe(socket);
                                socket.onClose(errors::add);
                                reactor.setTimeout(
                                        100,
                                        () -> {
                                            assertTrue(source.bytesRead() < SIZE);
                                            if (bySource) {
                                                source.destroy();
                                            } else {
                                                socket.destroy();
                                            }
                                        });
                                socket.onClose(err -> source.finished(Assertions::assertNotNull));
                            },
                            socket -> {
                                Thread.sleep(300);
                                try {
                                    return socket.getInputStream().readAllBytes();
                                } catch (IOException e) {
                                    return new byte[0]; // reset: not all was taken
                                }
                            });
            assertEquals(1, errors.size());
            assertTrue(found.length < SIZE);
            assertArrayEquals(Arrays.copyOf(content, found.length), found);
        }
    }

    @EngineTest
    void aPeerThatTakesNothing_isGivenUp_alsoOfAFile(EngineKind engine) {
        List<String> errors = new ArrayList<>();
        CountDownLatch closed = new CountDownLatch(1);
        run(
                engine,
                (reactor, server, socket) -> {
                    server.close(gone -> {});
                    socket.minimumWritten(1000, Duration.ofMillis(50));
                    socket.deadline(Duration.ofMillis(800));
                    socket.onClose(err -> {
                        errors.add(err.getMessage().replaceFirst(" [0-9.:]*$", ""));
                        closed.countDown();
                    });
                    Fs.of(reactor).createReadStream(file).pipe(socket);
                },
                socket -> closed.await(10, TimeUnit.SECONDS));
        assertEquals(List.of("write ETIMEDOUT"), errors);
    }

    @EngineTest
    void aFileThatShrinks_endsEarly(EngineKind engine) {
        byte[] found =
                run(
                        engine,
                        (reactor, server, socket) -> {
                            server.close(gone -> {});
                            ReadStream source = Fs.of(reactor).createReadStream(file);
                            source.pipe(socket);
                            reactor.setTimeout(
                                    100,
                                    () -> {
                                        try (var other =
                                                new java.io.RandomAccessFile(file.toFile(), "rw")) {
                                            other.setLength(source.bytesRead() + 1000);
                                        }
                                    });
                        },
                        socket -> {
                            Thread.sleep(300);
                            return socket.getInputStream().readAllBytes();
                        });
        assertTrue(found.length < SIZE && found.length > 0);
        int different = Arrays.mismatch(Arrays.copyOf(content, found.length), found);
        for (int i = different; i >= 0 && i < found.length; i++) {
            // What the kernel had not sent of a page that was cut is zero, as sendfile(2) has it.
            assertTrue(found[i] == content[i] || found[i] == 0, "at " + i);
        }
    }

    @EngineTest
    void httpResponses_bringTheWholeFile_andRangesOfIt(EngineKind engine) throws Exception {
        CompletableFuture<List<byte[]>> found = new CompletableFuture<>();
        Reactors.run(
                engine,
                reactor ->
                        Fs.of(reactor)
                                .open(
                                        file,
                                        (err, handle) -> {
                                            Representation body =
                                                    Representation.ofFile(
                                                            "f.bin",
                                                            SIZE,
                                                            Instant.EPOCH,
                                                            (offset, bytes) ->
                                                                    handle.createReadStream(
                                                                            ReadStreamOptions
                                                                                    .defaults()
                                                                                    .range(
                                                                                            offset,
                                                                                            offset
                                                                                                    + bytes
                                                                                                    - 1)
                                                                                    .autoClose(
                                                                                            false)));
                                            Http.of(reactor)
                                                    .createServer((request, response) -> {
                                                        if (request.path().equals("/end")) {
                                                            response.end();
                                                            handle.close(closed -> reactor.stop());
                                                        } else {
                                                            response.send(body);
                                                        }
                                                    })
                                                    .listen(
                                                            0,
                                                            (e, server) -> {
                                                                int port =
                                                                        server.address().getPort();
                                                                Thread.ofPlatform()
                                                                        .start(() ->
                                                                                ask(port, found));
                                                            });
                                        }));
        List<byte[]> bodies = found.join();
        assertEquals(-1, Arrays.mismatch(content, bodies.get(0)));
        assertEquals(
                -1, Arrays.mismatch(Arrays.copyOfRange(content, 1_000_001, SIZE), bodies.get(1)));
        assertEquals(-1, Arrays.mismatch(content, bodies.get(2)));
    }

    private static void ask(int port, CompletableFuture<List<byte[]>> found) {
        try (HttpClient client = HttpClient.newHttpClient()) {
            List<byte[]> bodies = new ArrayList<>();
            for (String range : new String[] {"", "bytes=1000001-", ""}) {
                var request =
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/file"));
                if (!range.isEmpty()) {
                    request.header("Range", range);
                }
                bodies.add(
                        client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray())
                                .body());
            }
            found.complete(bodies);
        } catch (Exception e) {
            found.completeExceptionally(e);
        }
        try (var last = new java.net.Socket(InetAddress.getLoopbackAddress(), port)) {
            last.getOutputStream().write("GET /end HTTP/1.0\r\n\r\n".getBytes(US_ASCII));
            last.getInputStream().readAllBytes();
        } catch (IOException e) {
            found.completeExceptionally(e);
        }
    }
}
