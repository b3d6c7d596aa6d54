package dev.chime.reactor;

import static dev.chime.reactor.libc.Const.O_APPEND;
import static dev.chime.reactor.libc.Const.O_CREAT;
import static dev.chime.reactor.libc.Const.O_DIRECTORY;
import static dev.chime.reactor.libc.Const.O_EXCL;
import static dev.chime.reactor.libc.Const.O_RDONLY;
import static dev.chime.reactor.libc.Const.O_RDWR;
import static dev.chime.reactor.libc.Const.O_TRUNC;
import static dev.chime.reactor.libc.Const.O_WRONLY;

import dev.chime.reactor.FuzzProgram.Step;
import dev.chime.reactor.engine.Chunk;
import dev.chime.reactor.engine.Fd;
import java.util.Arrays;
import java.util.List;

/** A lane with files of its own below a directory, one open at a time. */
final class FuzzFileLane extends FuzzLane {
    private static final int[] FLAGS = {
        O_RDWR | O_CREAT,
        O_RDWR | O_CREAT,
        O_RDWR | O_CREAT | O_TRUNC,
        O_RDWR | O_CREAT | O_APPEND,
        O_RDONLY,
        O_WRONLY | O_CREAT,
        O_RDWR | O_CREAT | O_EXCL,
        O_RDONLY | O_DIRECTORY,
        O_RDWR
    };
    private static final String[] NAMES = {"file", "file", "file", "other", "file/below", "", "."};
    private static final int MAX_BYTES = 9000;
    private static final int MAX_OFFSET = 40_000;

    private final String directory;
    private Fd file;
    private boolean bothWays;

    FuzzFileLane(Ops ops, List<Step> steps, String directory) {
        super(ops, steps);
        this.directory = directory;
    }

    @Override
    void perform(Step step) {
        if (step.kind() == FuzzProgram.Kind.OPEN) {
            close(() -> open(step));
            return;
        }
        if (step.kind() == FuzzProgram.Kind.STAT) {
            ops.statx(path(step.a()), 0, once(mode -> tell(text(mode))));
            return;
        }
        if (file == null && step.kind() != FuzzProgram.Kind.CLOSE) {
            reopen(() -> perform(step), this::next);
            return;
        }
        switch (step.kind()) {
            case WRITE -> write(step);
            case READ -> read(step);
            case BURST -> burst(step, false);
            case CANCELLED_READ -> cancelledRead(step);
            case SYNC -> ops.fsync(file, step.a() & 1, once(result -> tell(text(result))));
            case CLOSE -> close(() -> tell("closed"));
            case CLOSE_BUSY -> burst(step, true);
            default -> throw new AssertionError(step);
        }
    }

    private String path(int choice) {
        return directory + "/" + NAMES[choice % NAMES.length];
    }

    private void open(Step step) {
        int flags = FLAGS[step.b() % FLAGS.length];
        ops.openat(
                path(step.a()),
                flags,
                0600,
                once(number -> {
                    if (number >= 0) {
                        file = ops.core.adopt(number, Fd.Kind.FILE);
                        bothWays = (flags & O_RDWR) != 0;
                    }
                    tell(number >= 0 ? "open" : text(number));
                }));
    }

    private void reopen(Runnable then, Runnable otherwise) {
        ops.openat(
                directory + "/file",
                O_RDWR | O_CREAT,
                0600,
                once(number -> {
                    if (number < 0) {
                        note("reopen " + text(number));
                        otherwise.run();
                    } else {
                        file = ops.core.adopt(number, Fd.Kind.FILE);
                        bothWays = true;
                        then.run();
                    }
                }));
    }

    private void close(Runnable then) {
        Fd open = file;
        file = null;
        if (open == null) {
            then.run();
        } else {
            ops.close(
                    open,
                    once(result -> {
                        note("close " + text(result));
                        then.run();
                    }));
        }
    }

    /** An impossible offset only where nothing else is wrong: which error wins is the engine's. */
    private long offset(int choice) {
        boolean impossible = choice % 97 == 0 && bothWays;
        return choice % 5 == 0 ? -1 : impossible ? -2 : choice % MAX_OFFSET;
    }

    private void write(Step step) {
        int bytes = step.a() % MAX_BYTES;
        Chunk chunk = filled(bytes, step.b());
        ops.write(
                file,
                chunk.address(),
                bytes,
                offset(step.b()),
                once(result -> {
                    chunk.release();
                    tell(text(result));
                }));
    }

    private void read(Step step) {
        int bytes = step.a() % MAX_BYTES;
        Chunk chunk = ops.core.allocate(Math.max(1, bytes));
        ops.read(
                file,
                chunk.address(),
                bytes,
                offset(step.b()),
                once(result -> {
                    String content = sum(chunk.address(), result);
                    chunk.release();
                    tell(text(result) + " bytes " + content);
                }));
    }

    private void cancelledRead(Step step) {
        Chunk chunk = ops.core.allocate(MAX_BYTES);
        Operation read =
                ops.read(
                        file,
                        chunk.address(),
                        1 + step.a() % MAX_BYTES,
                        step.b() % MAX_OFFSET,
                        once(result -> {
                            chunk.release();
                            tell("? " + text(result));
                        }));
        if ((step.a() & 1) == 0) {
            read.cancel();
        } else {
            ops.core.reactor().setImmediate(read::cancel);
        }
    }

    /** Reads at several places at once; perhaps closes the file meanwhile. */
    private void burst(Step step, boolean thenClose) {
        int count = 2 + step.a() % 6;
        String[] results = new String[count];
        int[] left = {thenClose ? count + 1 : count};
        Runnable done =
                () -> {
                    if (--left[0] == 0) {
                        tell(Arrays.toString(results));
                    }
                };
        for (int i = 0; i < count; i++) {
            int place = i;
            Chunk chunk = ops.core.allocate(MAX_BYTES);
            ops.read(
                    file,
                    chunk.address(),
                    500 + 100 * i,
                    (step.b() + 999L * i) % MAX_OFFSET,
                    once(result -> {
                        results[place] = (thenClose ? "? " : "") + text(result);
                        chunk.release();
                        done.run();
                    }));
        }
        if (thenClose) {
            Fd open = file;
            file = null;
            ops.close(
                    open,
                    once(result -> {
                        note(
                                "close of a busy file "
                                        + text(result)
                                        + ", "
                                        + (left[0] - 1)
                                        + " left");
                        done.run();
                    }));
        }
    }

    /** Whatever was done, the file must hold the same in the end. */
    @Override
    void end() {
        close(() -> reopen(this::readBack, this::ended));
    }

    private void readBack() {
        Chunk chunk = ops.core.allocate(1 << 20);
        ops.read(
                file,
                chunk.address(),
                1 << 20,
                0,
                once(result -> {
                    note("holds " + text(result) + " bytes " + sum(chunk.address(), result));
                    chunk.release();
                    close(this::ended);
                }));
    }
}
