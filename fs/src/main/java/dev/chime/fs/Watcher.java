package dev.chime.fs;

import dev.chime.reactor.Done;
import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.Task;
import dev.chime.reactor.engine.Fd;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.ErrnoCode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Watches a file or a folder; see {@link Fs#watch}. Loop thread only.
 *
 * <p>It has an inotify instance of its own (inotify(7)): a flood in one folder then loses no event
 * of another, and with the descriptor go all events that are still queued. A user may have {@code
 * fs.inotify.max_user_instances} of them (128 by default), so many files are better watched through
 * their folder.
 *
 * <p>It ends by {@link #close}, by its signal, by an error, with the reactor, and, after a {@link
 * FileEvent.Deleted} of the empty path, when the watched folder is removed or moved away. A watched
 * file may come and go; the watcher stays as long as its folder.
 */
public final class Watcher {
    /** How long a half of a rename waits for the other: they are queued by one system call. */
    private static final Duration HALF = Duration.ofMillis(10);

    private enum State {
        OPEN,
        CLOSING,
        CLOSED
    }

    private final Core core;
    private final Path path;
    private final WatchOptions options;
    private final WatchListener listener;
    private final Handle handle = new Handle();
    private final Changes changes = new Changes();
    private State state = State.OPEN;
    private @Nullable Fd fd;
    private @Nullable Inotify events;
    private @Nullable WatchTree tree;
    private @Nullable Path file;
    private boolean fileExists = true;
    private boolean polling;
    private boolean ready;
    private boolean overflown;
    private boolean referenced;
    private boolean descriptorClosed;
    private @Nullable Runnable half;
    private @Nullable Runnable signal;
    private @Nullable ReactorException error;
    private @Nullable Task onReady;
    private @Nullable Done onError;
    private @Nullable Done onClose;

    Watcher(Core core, Path path, WatchOptions options, WatchListener listener) {
        core.checkThread("Fs.watch");
        Arguments.path(path);
        Arguments.notNull(options, "options");
        Arguments.callback(listener);
        this.core = core;
        this.path = path;
        this.options = options;
        this.listener = listener;
        referenced = options.persistent();
    }

    /** What the reactor knows of it. */
    private final class Handle implements Core.Handle {
        @Override
        public void shutdown() {
            end(null);
        }

        @Override
        public String kind() {
            return "Watcher";
        }

        @Override
        public boolean hasRef() {
            return referenced;
        }

        @Override
        public String toString() {
            return Watcher.this.toString();
        }
    }

    /** What the tree tells. */
    private final class Changes implements WatchTree.Owner {
        @Override
        public void tell(FileEvent event) {
            Watcher.this.tell(event);
        }

        @Override
        public void scanned() {
            Watcher.this.scanned();
        }

        @Override
        public void failed(int result, Path folder, boolean top) {
            Watcher.this.failed(result, folder, top);
        }
    }

    Watcher start() {
        core.opened(handle);
        if (referenced) {
            core.ref();
        }
        int number = Inotify.open(core);
        if (number < 0) {
            descriptorClosed = true;
            end(failure(number, path));
            return this;
        }
        Fd opened = core.adopt(number, Fd.Kind.FILE);
        fd = opened;
        events = new Inotify(core, number);
        watch(path, options.recursive());
        if (options.signal() != null) {
            signal = core.listen(options.signal(), errno -> end(null));
        }
        return this;
    }

    private void watch(Path folder, boolean recursive) {
        WatchTree watched =
                new WatchTree(core, events(), fd(), folder, recursive, this::ignores, changes);
        tree = watched;
        watched.start();
    }

    private boolean ignores(Path relative) {
        return file == null ? options.ignore().test(relative) : !relative.equals(file);
    }

    // ---- what the user wants to hear

    /**
     * Runs {@code task} when everything is under watch: from then on no change is missed. Before
     * that some may be told of already.
     */
    public Watcher onReady(Task task) {
        core.checkThread("Watcher.onReady");
        Arguments.callback(task);
        onReady = task;
        return this;
    }

    /**
     * Hears of the error that ends the watcher, never null; the close follows. Errors bear the
     * syscall {@code watch} and the path: ENOENT and EACCES for what cannot be watched, ENOSPC and
     * EMFILE at the limits of inotify, whose sysctl the message names. Without this handler and
     * {@link #onClose} an error goes to the reactor's uncaught handler.
     */
    public Watcher onError(Done handler) {
        core.checkThread("Watcher.onError");
        Arguments.callback(handler);
        onError = handler;
        return this;
    }

    /** Hears of the close, the last event: with the error that ended the watcher, or null. */
    public Watcher onClose(Done handler) {
        core.checkThread("Watcher.onClose");
        Arguments.callback(handler);
        onClose = handler;
        return this;
    }

    // ---- events

    private void scanned() {
        if (state != State.OPEN) {
            maybeClosed();
            return;
        }
        if (tree().isStopped()) {
            watch(folderOf(path), false); // it is a file
            return;
        }
        if (!ready) {
            ready = true;
            Task task = onReady;
            if (task != null) {
                core.call(task);
            }
        }
        if (overflown) {
            overflown = false;
            tell(new FileEvent.Overflow());
        }
        pump();
    }

    private void failed(int result, Path folder, boolean top) {
        if (top && result == -ErrnoCode.ENOTDIR && file == null && path.getFileName() != null) {
            file = path.getFileName();
            tree().stop();
        } else if (top && ready && result == -ErrnoCode.ENOENT) {
            gone();
        } else {
            end(failure(result, top ? path : folder));
        }
    }

    private static Path folderOf(Path file) {
        Path parent = file.getParent();
        return parent == null ? Path.of(".") : parent;
    }

    private void arm() {
        if (!polling && state == State.OPEN) {
            polling = true;
            Slot poll = core.slot(Op.POLL, this::polled);
            poll.owner = fd();
            poll.flags = Const.EPOLLIN;
            poll.keepsAlive = false;
            core.submit(poll);
        }
    }

    private void polled(Slot slot, int result, boolean more) {
        polling = false;
        if (state != State.OPEN) {
            return;
        }
        int failure = result < 0 ? result : events().read();
        if (failure < 0) {
            end(failure(failure, path));
        } else {
            pump();
        }
    }

    /** Takes events from the queue while the tree is as they left it. */
    private void pump() {
        Inotify queue = events();
        while (state == State.OPEN && !tree().isBusy()) {
            Inotify.Event event = queue.first();
            if (event == null) {
                if (tree().settles()) {
                    arm();
                    return;
                }
                continue;
            }
            if (WatchRules.waits(tree(), queue, event)) {
                waitForOtherHalf(queue);
                arm();
                return;
            }
            queue.remove();
            switch (WatchRules.apply(tree(), queue, event)) {
                case GOES_ON -> {}
                case GONE -> gone();
                case OVERFLOWN -> {
                    overflown = true;
                    tree().restart();
                }
            }
        }
    }

    private void waitForOtherHalf(Inotify queue) {
        if (half == null) {
            int round = queue.round();
            half =
                    core.after(
                            HALF,
                            () -> {
                                half = null;
                                queue.settle(round);
                                pump();
                            });
        }
    }

    private void tell(FileEvent event) {
        if (state != State.OPEN) {
            return;
        }
        FileEvent told = event;
        if (file != null) {
            told = ofFile(event);
        }
        if (told != null) {
            FileEvent last = told;
            core.call(() -> listener.changed(last));
        }
    }

    /** Of a single file: what takes the name of a file that is there changes its content. */
    private @Nullable FileEvent ofFile(FileEvent event) {
        return switch (event) {
            case FileEvent.Created(Path name) -> {
                boolean existed = fileExists;
                fileExists = true;
                yield existed ? new FileEvent.Modified(name) : event;
            }
            case FileEvent.Deleted deleted -> {
                boolean existed = fileExists;
                fileExists = false;
                yield existed ? deleted : null;
            }
            case FileEvent.AttributesChanged(Path name) -> name.equals(file) ? event : null;
            default -> event;
        };
    }

    /** The watched folder is not at its place any more. */
    private void gone() {
        Path last = file == null ? WatchedFolder.EMPTY : file;
        tell(new FileEvent.Deleted(last));
        end(null);
    }

    // ---- the end

    /**
     * Stops watching. Nothing is told of after this call, whatever is queued, but the close; a
     * second call does nothing.
     */
    public void close() {
        core.checkThread("Watcher.close");
        end(null);
    }

    private void end(@Nullable ReactorException failure) {
        if (state != State.OPEN) {
            return;
        }
        state = State.CLOSING;
        error = failure;
        if (half != null) {
            half.run();
        }
        if (signal != null) {
            signal.run();
        }
        WatchTree watched = tree;
        if (watched != null) {
            watched.stop();
        }
        Fd descriptor = fd;
        if (descriptor == null) {
            core.inClosePhase(this::maybeClosed);
        } else {
            core.close(
                    descriptor,
                    (slot, result, more) -> {
                        descriptorClosed = true;
                        maybeClosed();
                    });
        }
    }

    private void maybeClosed() {
        WatchTree watched = tree;
        if (state == State.CLOSING && descriptorClosed && (watched == null || !watched.isBusy())) {
            state = State.CLOSED;
            core.inClosePhase(this::closed);
        }
    }

    private void closed() {
        core.closed(handle);
        if (referenced) {
            core.unref();
        }
        ReactorException failure = error;
        Done ofError = onError;
        Done ofClose = onClose;
        if (failure != null && ofError == null && ofClose == null) {
            core.call(() -> {
                throw failure;
            });
        }
        if (failure != null && ofError != null) {
            core.call(ofError, failure);
        }
        if (ofClose != null) {
            core.call(ofClose, failure);
        }
    }

    private static ErrnoException failure(int result, Path path) {
        String hint =
                switch (-result) {
                    case ErrnoCode.ENOSPC ->
                            "the user has no more inotify watches:"
                                    + " raise the sysctl fs.inotify.max_user_watches";
                    case ErrnoCode.EMFILE ->
                            "the user has no more inotify instances, or the process no more"
                                    + " descriptors: raise the sysctl"
                                    + " fs.inotify.max_user_instances, or `ulimit -n`";
                    default -> null;
                };
        return ErrnoException.explained(result, "watch", path.toString(), hint);
    }

    // ---- what it is

    /** The path that is watched, as it was given. */
    public Path path() {
        return path;
    }

    /** True until it is closed, by whatever cause. */
    public boolean isOpen() {
        return state == State.OPEN;
    }

    /** Lets the watcher keep the loop alive. */
    public Watcher ref() {
        return reference(true);
    }

    /** Lets the loop end although the watcher is open. */
    public Watcher unref() {
        return reference(false);
    }

    /** True when the watcher keeps the loop alive while it is open. */
    public boolean hasRef() {
        core.checkThread("Watcher.hasRef");
        return referenced;
    }

    private Watcher reference(boolean on) {
        core.checkThread("Watcher.ref");
        if (referenced != on) {
            referenced = on;
            if (state != State.CLOSED) {
                if (on) {
                    core.ref();
                } else {
                    core.unref();
                }
            }
        }
        return this;
    }

    private Fd fd() {
        return Objects.requireNonNull(fd);
    }

    private Inotify events() {
        return Objects.requireNonNull(events);
    }

    private WatchTree tree() {
        return Objects.requireNonNull(tree);
    }

    @Override
    public String toString() {
        return "Watcher[" + path + ", " + state + "]";
    }
}
