package dev.chime.fs;

import dev.chime.reactor.Buffer;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.Simulation;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.Libc;
import dev.chime.reactor.libc.Memory;
import dev.chime.reactor.libc.Sys;
import dev.chime.reactor.testing.Census;
import dev.chime.reactor.testing.Reactors;
import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/** Files to test with, and the loop's turns as a clock. */
final class Fixtures {
    private static final int RENAME_EXCHANGE = 2;

    private Fixtures() {}

    /** Bytes of which no two neighbouring kilobytes look alike. */
    static byte[] pattern(int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (i * 31 + (i >> 8) * 7 + (i >> 16));
        }
        return bytes;
    }

    static Path file(Path directory, String name, byte[] content) throws IOException {
        return Files.write(directory.resolve(name), content);
    }

    static Path sparse(Path directory, long length) throws IOException {
        Path path = directory.resolve("sparse");
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            file.setLength(length);
        }
        return path;
    }

    static Path fifo(Path directory) throws IOException, InterruptedException {
        Path path = directory.resolve("fifo");
        int exit = new ProcessBuilder("mkfifo", path.toString()).inheritIO().start().waitFor();
        if (exit != 0) {
            throw new IOException("mkfifo said " + exit);
        }
        return path;
    }

    /** How many descriptors of this process lead into a directory. */
    static long openIn(Path directory) {
        String prefix = directory + "/";
        return Census.descriptors().values().stream().filter(to -> to.startsWith(prefix)).count();
    }

    /** How many descriptors this process has, of whatever kind. */
    static int openFiles() {
        return Objects.requireNonNull(new File("/proc/self/fd").list()).length;
    }

    static Buffer buffer(Reactor reactor, byte[] content) {
        Buffer buffer = reactor.buffer(content.length);
        buffer.put(0, content, 0, content.length);
        return buffer;
    }

    /** Exchanges two names in one step; false when one is not there. */
    static boolean exchange(Libc libc, Path one, Path other) {
        try (Arena arena = Arena.ofConfined()) {
            long first = arena.allocateFrom(one.toString()).address();
            long second = arena.allocateFrom(other.toString()).address();
            int at = Const.AT_FDCWD;
            return libc.syscall(Sys.RENAMEAT2, at, first, at, second, RENAME_EXCHANGE, 0) == 0;
        }
    }

    /** Sets a soft limit of this process: it can be raised again. */
    static void limit(int resource, long most) {
        try (Libc libc = new Libc();
                Arena arena = Arena.ofConfined()) {
            long hard = arena.allocate(16).address();
            libc.syscall(Sys.PRLIMIT64, 0, resource, 0, hard);
            MemorySegment rlimit =
                    arena.allocateFrom(ValueLayout.JAVA_LONG, most, Memory.getLong(hard + 8));
            long result = libc.syscall(Sys.PRLIMIT64, 0, resource, rlimit.address(), 0);
            if (result != 0) {
                throw new IllegalStateException("prlimit said " + result);
            }
        }
    }

    /** Runs a task while another thread exchanges two names all the time. */
    static void whileExchanging(Path one, Path other, Runnable task) throws InterruptedException {
        AtomicBoolean over = new AtomicBoolean();
        Thread swapper =
                Thread.ofPlatform()
                        .start(() -> {
                            try (Libc libc = new Libc()) {
                                while (!over.get()) {
                                    exchange(libc, one, other);
                                }
                            }
                        });
        try {
            task.run();
        } finally {
            over.set(true);
            swapper.join();
        }
    }

    /** What a test does with an open file. */
    interface Use {
        void with(Reactor reactor, FileHandle file) throws Exception;
    }

    /** Opens a file in a loop of its own, which runs until all that the test starts is done. */
    static void withOpen(EngineKind engine, Path path, Set<OpenFlag> flags, Use use) {
        Heard<FileHandle> opened = new Heard<>();
        on(
                engine,
                path,
                reactor ->
                        Fs.of(reactor)
                                .open(
                                        path,
                                        flags,
                                        0666,
                                        (err, file) -> {
                                            opened.call(err, file);
                                            use.with(reactor, opened.ok());
                                        }));
        opened.ok();
    }

    /**
     * Runs a loop; one that is simulated has the file on its disk, and what it made of it is told.
     */
    private static void on(EngineKind engine, Path path, Reactor.Main main) {
        if (engine != EngineKind.SIM) {
            Reactors.run(engine, main);
            return;
        }
        try {
            Simulation simulation = Simulation.seeded(1);
            simulation.disk().directory(path.getParent());
            if (Files.isRegularFile(path)) {
                simulation.disk().put(path, Files.readAllBytes(path));
            }
            Reactors.run(simulation.options(), main);
            byte[] left = simulation.disk().get(path);
            if (left != null) {
                Files.write(path, left);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void withOpen(EngineKind engine, Path path, String flags, Use use) {
        withOpen(engine, path, OpenFlag.parse(flags), use);
    }

    /** Opens and leaves the rest to the end of the loop. */
    static void open(
            EngineKind engine, Path path, Set<OpenFlag> flags, int mode, Heard<FileHandle> heard) {
        Reactors.run(engine, reactor -> Fs.of(reactor).open(path, flags, mode, heard));
    }

    static void open(EngineKind engine, Path path, Set<OpenFlag> flags, Heard<FileHandle> heard) {
        open(engine, path, flags, 0666, heard);
    }

    static void open(EngineKind engine, Path path, String flags, Heard<FileHandle> heard) {
        Reactors.run(engine, reactor -> Fs.of(reactor).open(path, flags, heard));
    }

    /** What one turn of the loop brings. */
    interface Turn {
        void run() throws Exception;
    }

    /** Runs a task at the end of the turn after so many others; zero is now. */
    static void afterTurns(Reactor reactor, int turns, Turn task) throws Exception {
        if (turns == 0) {
            task.run();
        } else {
            reactor.setImmediate(() -> afterTurns(reactor, turns - 1, task));
        }
    }

    /** Runs a task at the end of every turn until a condition holds. */
    static void everyTurn(Reactor reactor, BooleanSupplier until, Turn turn) {
        reactor.setImmediate(() -> {
            if (!until.getAsBoolean()) {
                turn.run();
                everyTurn(reactor, until, turn);
            }
        });
    }

    /** Callbacks for calls that have no value. */
    static List<Heard<Void>> heards(int count) {
        return Stream.generate(Heard<Void>::new).limit(count).toList();
    }
}
