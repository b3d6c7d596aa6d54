package dev.chime.bench;

import dev.chime.fs.FileHandle;
import dev.chime.fs.Fs;
import dev.chime.fs.ReadCallback;
import dev.chime.fs.WriteCallback;
import dev.chime.reactor.Buffer;
import dev.chime.reactor.Callback;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Cached files, {@link #AT_ONCE} operations at once. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@State(Scope.Thread)
public class FileBenchmark {
    private static final int AT_ONCE = 32;

    /** The size of the file. */
    @Param({"4096", "1048576"})
    public int bytes;

    private Path path;
    private FileHandle file;
    private Buffer buffer;

    /** Writes the file and opens it. */
    @Setup(Level.Trial)
    public void open(LoopState loop) throws IOException {
        path = Files.createTempFile("chime-bench", "");
        Files.write(path, new byte[bytes]);
        loop.expect(1);
        Fs.of(loop.reactor())
                .open(
                        path,
                        "r+",
                        (err, opened) -> {
                            file = opened;
                            loop.came();
                        });
        loop.turn();
        buffer = loop.reactor().buffer(4096);
    }

    /** Closes and deletes it. */
    @TearDown(Level.Trial)
    public void close(LoopState loop) throws IOException {
        buffer.release();
        loop.expect(1);
        file.close(err -> loop.came());
        loop.turn();
        Files.delete(path);
    }

    /** 4 KiB of an open file. */
    @Benchmark
    @OperationsPerInvocation(AT_ONCE)
    public void read(LoopState loop) {
        ReadCallback came = (err, count, into) -> loop.came();
        loop.expect(AT_ONCE);
        for (int i = 0; i < AT_ONCE; i++) {
            file.read(buffer, 0, came);
        }
        loop.turn();
    }

    /** 4 KiB into an open file. */
    @Benchmark
    @OperationsPerInvocation(AT_ONCE)
    public void write(LoopState loop) {
        WriteCallback came = (err, count) -> loop.came();
        loop.expect(AT_ONCE);
        for (int i = 0; i < AT_ONCE; i++) {
            file.write(buffer, 0, came);
        }
        loop.turn();
    }

    /** The whole file to an array. */
    @Benchmark
    @OperationsPerInvocation(AT_ONCE)
    public void readFile(LoopState loop) {
        Callback<byte[]> came = (err, content) -> loop.came();
        Fs fs = Fs.of(loop.reactor());
        loop.expect(AT_ONCE);
        for (int i = 0; i < AT_ONCE; i++) {
            fs.readFile(path, came);
        }
        loop.turn();
    }

    /** The whole file to native memory. */
    @Benchmark
    @OperationsPerInvocation(AT_ONCE)
    public void readBuffer(LoopState loop) {
        Callback<Buffer> came = (err, content) -> loop.came();
        Fs fs = Fs.of(loop.reactor());
        loop.expect(AT_ONCE);
        for (int i = 0; i < AT_ONCE; i++) {
            fs.readBuffer(path, came);
        }
        loop.turn();
    }
}
