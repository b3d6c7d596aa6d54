package dev.chime.fs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.chime.reactor.Buffer;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Operation;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.Reactors;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** The other end is always a thread of its own; turns of the loop let it come late. */
class FifoTest {
    private static final int LATE_TURNS = 50;

    @TempDir Path directory;
    private Path fifo;

    @BeforeEach
    void makeFifo() throws IOException, InterruptedException {
        fifo = Fixtures.fifo(directory);
    }

    private static <T> FutureTask<T> other(Callable<T> work) {
        return new FutureTask<>(work);
    }

    /** Writes one byte, waits, writes the rest and closes. */
    private FutureTask<Void> writer(byte[] content, CountDownLatch goOn) {
        return other(() -> {
            try (OutputStream out = Files.newOutputStream(fifo)) {
                if (content.length > 0) {
                    out.write(content, 0, 1);
                    goOn.await();
                    out.write(content, 1, content.length - 1);
                }
            }
            return null;
        });
    }

    private FutureTask<Void> writer(byte[] content) {
        return writer(content, new CountDownLatch(0));
    }

    @EngineTest
    void content_isReadUntilTheWriterCloses(EngineKind engine)
            throws InterruptedException, ExecutionException {
        byte[] content = Fixtures.pattern(500_000);
        FutureTask<Void> writer = writer(content);
        Thread.ofPlatform().start(writer);
        Heard<byte[]> heard = new Heard<>();
        Reactors.run(engine, reactor -> Fs.of(reactor).readFile(fifo, heard));
        assertArrayEquals(content, heard.ok());
        writer.get();
    }

    @EngineTest
    void shortRead_isNotTheEnd(EngineKind engine) throws InterruptedException, ExecutionException {
        CountDownLatch firstByteRead = new CountDownLatch(1);
        byte[] content = Fixtures.pattern(10);
        FutureTask<Void> writer = writer(content, firstByteRead);
        Thread.ofPlatform().start(writer);
        Heard<byte[]> heard = new Heard<>();
        Reactors.run(
                engine,
                reactor -> {
                    Operation operation = Fs.of(reactor).readFile(fifo, heard);
                    Fixtures.everyTurn(
                            reactor,
                            () -> heard.calls > 0,
                            () -> {
                                if (operation.toString().contains(" 1 bytes")) {
                                    firstByteRead.countDown();
                                }
                            });
                });
        assertArrayEquals(content, heard.ok());
        writer.get();
    }

    @EngineTest
    void readFile_waitsForAWriterThatComesLate(EngineKind engine)
            throws InterruptedException, ExecutionException {
        for (int length : List.of(100_000, 0)) {
            byte[] content = Fixtures.pattern(length);
            FutureTask<Void> writer = writer(content);
            Heard<byte[]> heard = new Heard<>();
            Reactors.run(
                    engine,
                    reactor -> {
                        Fs.of(reactor).readFile(fifo, heard);
                        Fixtures.afterTurns(
                                reactor,
                                LATE_TURNS,
                                () -> {
                                    assertEquals(0, heard.calls, "still waiting");
                                    Thread.ofPlatform().start(writer);
                                });
                    });
            assertArrayEquals(content, heard.ok());
            writer.get();
        }
    }

    @EngineTest
    void firstReadOfAHandle_waitsForAWriterThatComesLate(EngineKind engine)
            throws InterruptedException, ExecutionException {
        FutureTask<Void> writer = writer("hello".getBytes(UTF_8));
        StringBuilder got = new StringBuilder();
        Heard<Void> end = new Heard<>();
        Reactors.run(
                engine,
                reactor -> {
                    Fs.of(reactor)
                            .open(
                                    fifo,
                                    (err, file) -> {
                                        Buffer buffer = reactor.buffer(10);
                                        readOn(file, buffer, got, end);
                                        buffer.release();
                                    });
                    Fixtures.afterTurns(
                            reactor, LATE_TURNS, () -> Thread.ofPlatform().start(writer));
                });
        assertEquals("hello", got.toString());
        end.ok();
        writer.get();
    }

    private static void readOn(FileHandle file, Buffer buffer, StringBuilder got, Heard<Void> end) {
        file.read(
                buffer,
                (err, n, b) -> {
                    if (n == 0) {
                        end.call(err, n, b);
                        return;
                    }
                    got.append(b.toString(UTF_8), 0, n);
                    readOn(file, b, got, end);
                });
    }

    @EngineTest
    void writeFile_waitsForAReaderThatComesLate(EngineKind engine)
            throws InterruptedException, ExecutionException {
        byte[] content = Fixtures.pattern(300_000);
        FutureTask<byte[]> reader = other(() -> Files.readAllBytes(fifo));
        Heard<Void> heard = new Heard<>();
        Reactors.run(
                engine,
                reactor -> {
                    Fs.of(reactor).writeFile(fifo, content, heard);
                    Fixtures.afterTurns(
                            reactor,
                            LATE_TURNS,
                            () -> {
                                assertEquals(0, heard.calls, "still waiting");
                                Thread.ofPlatform().start(reader);
                            });
                });
        heard.ok();
        assertArrayEquals(content, reader.get());
    }

    @EngineTest
    void nonBlockingOpen_doesNotWait(EngineKind engine) {
        Heard<FileHandle> write = new Heard<>();
        var flags = Set.of(OpenFlag.WRITE, OpenFlag.NONBLOCK);
        Fixtures.open(engine, fifo, flags, write);
        assertEquals("ENXIO", write.errno().code());
        List<Integer> read = new ArrayList<>();
        Fixtures.withOpen(
                engine,
                fifo,
                Set.of(OpenFlag.READ, OpenFlag.NONBLOCK),
                (reactor, file) -> {
                    Buffer buffer = reactor.buffer(1);
                    file.read(buffer, (err, n, b) -> read.add(n));
                    buffer.release();
                });
        assertEquals(List.of(0), read);
    }

    /** What waits in a FIFO when a read comes back may be as much as that read has brought. */
    @EngineTest
    void readFile_takesNoWaitingBytesForASize(EngineKind engine) throws Exception {
        Heard<byte[]> heard = new Heard<>();
        RandomAccessFile writer = new RandomAccessFile(fifo.toFile(), "rw");
        FileInputStream waiting = new FileInputStream(writer.getFD());
        Path cached = Fixtures.file(directory, "cached", new byte[1]);
        Reactors.run(
                engine,
                reactor -> {
                    Fs fs = Fs.of(reactor);
                    fs.open(
                            cached,
                            (err, file) -> {
                                fs.readFile(fifo, heard);
                                Fixtures.afterTurns(
                                        reactor,
                                        LATE_TURNS,
                                        () -> {
                                            writer.write(1);
                                            boolean[] more = {taken(waiting)};
                                            if (more[0]) { // a worker has it, and we do not know
                                                writer.write(2);
                                            }
                                            // On a ring this comes back first.
                                            Buffer buffer = reactor.buffer(1);
                                            file.read(
                                                    buffer,
                                                    0,
                                                    (e, count, same) -> {
                                                        if (!more[0]) {
                                                            writer.write(2);
                                                        }
                                                        file.close(closed -> {});
                                                    });
                                            buffer.release();
                                            Fixtures.afterTurns(reactor, LATE_TURNS, writer::close);
                                        });
                            });
                });
        assertArrayEquals(new byte[] {1, 2}, heard.ok());
    }

    /** Whether somebody reads what is in the FIFO while we wait here. */
    private static boolean taken(FileInputStream waiting) throws Exception {
        for (int i = 0; i < 50 && waiting.available() > 0; i++) {
            Thread.sleep(1);
        }
        return waiting.available() == 0;
    }
}
