package dev.chime.fs;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.chime.reactor.Buffer;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.testing.ChildJvm;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.Reactors;
import dev.chime.reactor.testing.Stacks;
import java.nio.file.Path;
import java.util.List;

/** Trace mode: errors bear the stack of the call that failed, whatever step of it did. */
class CallSiteTest {
    @EngineTest
    void inTraceMode_errorsComeFromTheirCalls(EngineKind engine) throws Exception {
        assertEquals(
                List.of(
                        "after close: read < readsAfterClose",
                        "chunks: writeFile < writesChunks",
                        "failing step read: readFile < readsADirectory",
                        "failing step write: writeFile < writesToAFullDevice",
                        "first in line: read < readsFirst",
                        "flush: writeFile < flushesNull",
                        "inside a callback: stat < asksInACallback",
                        "open: open < opensNothing",
                        "positioned: read < readsThere",
                        "readFile: readFile < readsNothing",
                        "second in line: write < writesSecond",
                        "stat: stat < asksForNothing",
                        "exit 0"),
                ChildJvm.run(
                        List.of(),
                        List.of(
                                "-Dchime.trace=true",
                                "-Dchime.poison=true",
                                "-Dchime.stallMillis=0",
                                "-ea"),
                        List.of(Fs.class),
                        Program.class,
                        engine.name()));
    }

    /** Fails in many ways. */
    static final class Program {
        private static final Path NOTHING = Path.of("/no/such/file");
        private static final Stacks STACKS = new Stacks();

        private Program() {}

        /** Takes the engine. */
        public static void main(String[] arguments) {
            Reactors.run(
                    EngineKind.valueOf(arguments[0]),
                    reactor -> {
                        Fs fs = Fs.of(reactor);
                        readsNothing(fs);
                        readsADirectory(fs);
                        writesToAFullDevice(fs);
                        opensNothing(fs);
                        asksForNothing(fs);
                        fs.open(Path.of("/dev/null"), "w", (err, file) -> writesChunks(file));
                        // A directory opens for reading, and refuses to be read or written.
                        fs.open(
                                Path.of("/"),
                                (err, file) -> {
                                    readsFirst(reactor, file);
                                    writesSecond(file);
                                    readsThere(reactor, file);
                                    file.close(closed -> readsAfterClose(reactor, file));
                                });
                    });
            STACKS.print();
        }

        private static void readsNothing(Fs fs) {
            fs.readFile(
                    NOTHING,
                    (err, bytes) -> {
                        STACKS.note("readFile", err);
                        asksInACallback(fs);
                    });
        }

        private static void asksInACallback(Fs fs) {
            fs.stat(NOTHING, (err, stats) -> STACKS.note("inside a callback", err));
        }

        private static void readsADirectory(Fs fs) {
            fs.readFile(
                    Path.of("/"), (err, bytes) -> STACKS.note("failing step " + step(err), err));
        }

        private static String step(Exception err) {
            return ((dev.chime.reactor.ErrnoException) err).syscall();
        }

        private static void writesToAFullDevice(Fs fs) {
            fs.writeFile(
                    Path.of("/dev/full"),
                    new byte[] {1},
                    err -> STACKS.note("failing step " + step(err), err));
        }

        private static void opensNothing(Fs fs) {
            fs.open(NOTHING, (err, file) -> STACKS.note("open", err));
        }

        private static void asksForNothing(Fs fs) {
            fs.stat(NOTHING, (err, stats) -> STACKS.note("stat", err));
        }

        private static void readsFirst(Reactor reactor, FileHandle file) {
            Buffer buffer = reactor.buffer(1);
            file.read(buffer, (err, count, filled) -> STACKS.note("first in line", err));
            buffer.release();
        }

        private static void writesSecond(FileHandle file) {
            file.write(new byte[1], (err, count) -> STACKS.note("second in line", err));
        }

        private static void writesChunks(FileHandle file) {
            file.writeFile(
                    List.of("first", "second", 3),
                    err -> {
                        STACKS.note("chunks", err);
                        flushesNull(file);
                    });
        }

        private static void flushesNull(FileHandle file) {
            file.writeFile(
                    new byte[1],
                    WriteOptions.defaults().flush(true),
                    err -> {
                        STACKS.note("flush", err);
                        file.close(closed -> {});
                    });
        }

        private static void readsThere(Reactor reactor, FileHandle file) {
            Buffer buffer = reactor.buffer(1);
            file.read(buffer, 0, (err, count, filled) -> STACKS.note("positioned", err));
            buffer.release();
        }

        private static void readsAfterClose(Reactor reactor, FileHandle file) {
            Buffer buffer = reactor.buffer(1);
            file.read(buffer, 0, (err, count, filled) -> STACKS.note("after close", err));
            buffer.release();
        }
    }
}
