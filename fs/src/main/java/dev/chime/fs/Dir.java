package dev.chime.fs;

import dev.chime.reactor.Callback;
import dev.chime.reactor.Done;
import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.Operation;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.engine.Chunk;
import dev.chime.reactor.engine.Completion;
import dev.chime.reactor.engine.Fd;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.internal.Composed;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.libc.ErrnoCode;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An open directory, read piece by piece: {@link Fs#opendir} gives one. Loop thread only.
 *
 * <p>Reads and the close are done one after the other, in the order of the calls. What is called
 * after the close fails with {@code ERR_DIR_CLOSED}. A directory that the program drops without
 * closing it is closed and logged as a {@link FileHandle} is; one that is still open when the
 * reactor ends is closed by that.
 */
public final class Dir {
    /** Decides whether {@link #forEach} goes on. */
    @FunctionalInterface
    public interface Visitor {
        /** Takes an entry; false ends the walk. */
        boolean visit(Dirent entry) throws Exception;
    }

    /** A call that waits for those before it. */
    private interface Turn {
        void start();
    }

    private static final int LEAST_BYTES = 4 << 10;
    private static final int MOST_BYTES = 256 << 10;

    private final Core core;
    private final Fd fd;
    private final Path path;
    private final int bufferSize;
    private final ArrayDeque<Dirent> entries = new ArrayDeque<>();
    private final ArrayDeque<Turn> turns = new ArrayDeque<>();
    private boolean busy;
    private boolean isAtEnd;
    private boolean closed;

    Dir(Core core, Fd fd, Path path, OpendirOptions options) {
        this.core = core;
        this.fd = fd;
        this.path = path;
        bufferSize = options.bufferSize();
        fd.heldBy(this, path);
    }

    /** What it was opened by. */
    public Path path() {
        return path;
    }

    /**
     * Reads the next entry; null at the end. Many are fetched at once and kept: this is cheap.
     * Errors: {@code scandir}.
     */
    public Operation read(Callback<@Nullable Dirent> callback) {
        core.checkThread("Dir.read");
        Arguments.callback(callback);
        return add(
                new Read() {
                    @Override
                    void end(@Nullable ReactorException err) throws Exception {
                        if (err != null) {
                            callback.call(err, Arguments.none());
                        } else {
                            callback.call(null, entries.poll());
                        }
                    }
                });
    }

    /**
     * Reads the next entries, at most {@link OpendirOptions#bufferSize}; an empty list at the end.
     */
    public Operation readBatch(Callback<List<Dirent>> callback) {
        core.checkThread("Dir.readBatch");
        Arguments.callback(callback);
        return add(
                new Read() {
                    @Override
                    void end(@Nullable ReactorException err) throws Exception {
                        if (err != null) {
                            callback.call(err, Arguments.none());
                            return;
                        }
                        List<Dirent> batch = new ArrayList<>();
                        while (batch.size() < bufferSize && !entries.isEmpty()) {
                            batch.add(entries.remove());
                        }
                        callback.call(null, batch);
                    }
                });
    }

    /** Closes the directory, once the reads called before are over. */
    public void close(Done callback) {
        core.checkThread("Dir.close");
        Arguments.callback(callback);
        if (closed) {
            core.reactor().nextTick(() -> callback.call(closedError()));
            return;
        }
        closed = true;
        add(() -> core.close(fd, (slot, result, more) -> callback.call(ofClose(result))));
    }

    private @Nullable ReactorException ofClose(int result) {
        return Closes.isError(result) ? ErrnoException.file(result, "close", null) : null;
    }

    /**
     * Hands over entry by entry, in the order of the directory, then closes it: at the end, when
     * the visitor says false, when it throws, and after an error. What it throws goes to the
     * uncaught handler; {@code end} then hears ECANCELED.
     */
    public Operation forEach(Visitor visitor, Done end) {
        core.checkThread("Dir.forEach");
        Arguments.notNull(visitor, "visitor");
        Arguments.callback(end);
        Walk walk = new Walk(visitor, end);
        walk.step = readBatch(walk);
        return walk;
    }

    private Operation add(Read read) {
        if (closed) {
            read.refuse(closedError());
        } else {
            add((Turn) read);
        }
        return read;
    }

    private void add(Turn turn) {
        turns.add(turn);
        startNext();
    }

    private void startNext() {
        Turn next = busy ? null : turns.poll();
        if (next != null) {
            busy = true;
            next.start();
        }
    }

    private static ReactorException closedError() {
        return new ReactorException("ERR_DIR_CLOSED", "Directory handle was closed");
    }

    private ErrnoException error(int result) {
        return ErrnoException.file(result, "scandir", path.toString());
    }

    private Dirent entry(byte[] name, int type) {
        return new Dirent(path, NativePath.decode(name), FileType.ofEntry(type));
    }

    /** One read: it waits for its turn, then for entries. */
    private abstract class Read extends Composed implements Completion, Turn {
        private @Nullable Slot slot;
        private @Nullable Chunk chunk;

        Read() {
            super(Dir.this.core);
        }

        /** Calls back: with an error, or with some of the entries there are. */
        abstract void end(@Nullable ReactorException err) throws Exception;

        /** Calls back with an error instead of taking a turn. */
        void refuse(ReactorException err) {
            core.reactor()
                    .nextTick(() -> {
                        ended();
                        end(err);
                    });
        }

        @Override
        public void start() {
            if (!entries.isEmpty() || isAtEnd) {
                core.reactor().nextTick(() -> finish(null));
                return;
            }
            long bytes = (long) bufferSize * Listing.ENTRY_BYTES;
            Chunk memory = core.tryAllocate(Math.clamp(bytes, LEAST_BYTES, MOST_BYTES));
            if (memory == null) {
                core.reactor().nextTick(() -> finish(error(ErrnoCode.ENOMEM)));
                return;
            }
            chunk = memory;
            Slot list = core.slot(Op.GETDENTS, this);
            list.owner = fd;
            Listing.fill(list, memory);
            slot = list;
            core.submit(list);
        }

        @Override
        public void complete(Slot completed, int result, boolean more) throws Exception {
            slot = null;
            Chunk memory = Objects.requireNonNull(chunk);
            chunk = null;
            Listing.parse(memory.address(), result, (name, type) -> entries.add(entry(name, type)));
            int room = memory.size();
            memory.release();
            boolean removed = result == -ErrnoCode.ENOENT;
            isAtEnd = Listing.isLast(result, room) || removed;
            if (result < 0 && !removed) {
                finish(error(result));
            } else if (entries.stream().anyMatch(e -> e.type() == FileType.UNKNOWN)) {
                List<Dirent> typed = new ArrayList<>(entries);
                entries.clear();
                new Types(
                                core,
                                typed,
                                ofTypes -> {
                                    entries.addAll(typed);
                                    finish(null);
                                })
                        .start();
            } else {
                finish(null);
            }
        }

        private void finish(@Nullable ReactorException err) throws Exception {
            ended();
            busy = false;
            try {
                end(err);
            } finally {
                startNext();
            }
        }

        @Override
        protected void interrupt() {
            Slot inFlight = slot;
            if (inFlight != null) {
                core.cancel(inFlight, stopErrno());
            } else if (turns.remove(this)) {
                refuse(error(stopErrno()));
            }
        }

        @Override
        public String toString() {
            return "read of directory " + path;
        }
    }

    /** The types that the directory did not tell. */
    static final class Types extends Steps {
        final List<Dirent> entries;
        final Done then;

        Types(Core core, List<Dirent> entries, Done then) {
            super(core);
            this.entries = entries;
            this.then = then;
        }

        void start() {
            Listing.types(this, entries, () -> {});
        }

        @Override
        void advance() {}

        @Override
        void conclude(@Nullable ReactorException err) throws Exception {
            then.call(err);
        }

        @Override
        String name() {
            return "stat";
        }
    }

    /** A {@link #forEach}: reads a batch, hands it over, reads the next. */
    private final class Walk extends Composed implements Callback<List<Dirent>> {
        private final Visitor visitor;
        private final Done end;
        private Operation step = this;
        private boolean answered;
        private boolean goesOn;

        Walk(Visitor visitor, Done end) {
            super(Dir.this.core);
            this.visitor = visitor;
            this.end = end;
        }

        @Override
        public void call(@Nullable ReactorException err, List<Dirent> batch) {
            if (err != null || batch.isEmpty()) {
                finish(err);
                return;
            }
            for (Dirent entry : batch) {
                answered = false;
                core.call(() -> {
                    goesOn = visitor.visit(entry);
                    answered = true;
                });
                if (!answered || stopped()) {
                    finish(error(stopErrno()));
                    return;
                }
                if (!goesOn) {
                    finish(null);
                    return;
                }
            }
            step = readBatch(this);
        }

        private void finish(@Nullable ReactorException err) {
            if (closed) { // by the visitor
                core.reactor().nextTick(() -> finish(err, null));
            } else {
                close(ofClose -> finish(err, ofClose));
            }
        }

        private void finish(@Nullable ReactorException err, @Nullable ReactorException ofClose)
                throws Exception {
            ended();
            end.call(err == null ? ofClose : err);
        }

        @Override
        protected void interrupt() {
            step.cancel();
        }

        @Override
        public String toString() {
            return "walk of directory " + path;
        }
    }
}
