package dev.chime.fs;

import dev.chime.reactor.AbortSignal;
import dev.chime.reactor.Callback;
import dev.chime.reactor.Done;
import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.Operation;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.Task;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.internal.Handlers;
import dev.chime.reactor.stream.ByteStream;
import java.nio.file.Path;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The file of a stream: opened for it or given to it, and closed when the stream is destroyed, as
 * soon as nothing is under way on it.
 */
final class StreamFile {
    /** Opens by a path: {@link Fs#open} or {@link Root#open}. */
    interface Opener {
        Operation open(Path path, Set<OpenFlag> flags, int mode, Callback<FileHandle> callback);
    }

    private final Core core;
    private final Path path;
    private final boolean autoClose;
    private final Handlers<OpenHandler> openHandlers = new Handlers<>();
    private final Handlers<Task> readyHandlers = new Handlers<>();
    private @Nullable FileHandle file;
    private @Nullable Operation opening;
    private @Nullable Done closing;
    private @Nullable Runnable deaf;

    /** A file that is to be opened. */
    StreamFile(Core core, Path path, boolean autoClose) {
        this.core = core;
        this.path = path;
        this.autoClose = autoClose;
    }

    /** A file that is open. */
    StreamFile(FileHandle file, boolean autoClose) {
        this(file.core(), file.path(), autoClose);
        this.file = file;
    }

    /** Opens the file for a stream, which it destroys if that fails; else {@code opened} runs. */
    void open(Opener opener, Set<OpenFlag> flags, int mode, ByteStream stream, Runnable opened) {
        opening =
                opener.open(
                        path,
                        flags,
                        mode,
                        (err, handle) -> {
                            opening = null;
                            if (err != null) {
                                stream.destroy(err);
                                closeLate();
                                return;
                            }
                            file = handle;
                            if (stream.isDestroyed()) {
                                closeLate();
                                return;
                            }
                            openHandlers.each(task -> core.call(() -> task.opened(handle)));
                            readyHandlers.each(core::call);
                            opened.run();
                        });
    }

    /** Destroys {@code stream} when the signal aborts. */
    void abortOn(@Nullable AbortSignal signal, String step, ByteStream stream) {
        if (signal != null) {
            Runnable stop =
                    core.listen(
                            signal,
                            errno -> stream.destroy(ErrnoException.file(errno, step, null)));
            if (stream.isDestroyed()) {
                stop.run();
            } else {
                deaf = stop;
            }
        }
    }

    void onOpen(OpenHandler handler) {
        core.checkThread("FileStream.onOpen");
        Arguments.notNull(handler, "handler");
        openHandlers.add(handler);
    }

    void onReady(Task task) {
        core.checkThread("FileStream.onReady");
        Arguments.notNull(task, "task");
        readyHandlers.add(task);
    }

    @Nullable FileHandle handle() {
        return file;
    }

    Path path() {
        return path;
    }

    boolean isPending() {
        return file == null;
    }

    /** Closes, or waits for the open to come to its end first. Nothing else is under way. */
    void close(Done closed) throws Exception {
        if (deaf != null) {
            deaf.run();
            deaf = null;
        }
        FileHandle handle = file;
        if (opening != null) {
            closing = closed;
            opening.cancel();
        } else if (handle != null && autoClose) {
            handle.close(closed);
        } else {
            closed.call(null);
        }
    }

    private void closeLate() throws Exception {
        Done closed = closing;
        if (closed != null) {
            closing = null;
            FileHandle handle = file;
            if (handle != null) {
                handle.close(closed); // nobody has seen it: nobody else would close it
            } else {
                closed.call((ReactorException) null);
            }
        }
    }
}
