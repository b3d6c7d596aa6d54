package dev.chime.fs;

import dev.chime.reactor.Callback;
import dev.chime.reactor.Done;
import dev.chime.reactor.Operation;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.libc.Const;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Opens a file below a {@link Root}: for the user, or to read or write all of it. */
final class RootFile extends Beneath {
    /** What is done with the open file; the operation that does it, if it takes more steps. */
    private interface Use {
        @Nullable Operation with(FileHandle file) throws Exception;
    }

    private final Path path;
    private final int openFlags;
    private final int openMode;
    private final Use use;
    private final Callback<?> onError;

    private RootFile(
            Root root,
            Path path,
            int openFlags,
            int openMode,
            UseFactory use,
            Callback<?> onError) {
        super(root, "open");
        this.path = path;
        this.openFlags = openFlags;
        this.openMode = openMode;
        this.use = use.of(this);
        this.onError = onError;
    }

    /** Makes the use of a file, which ends the call. */
    private interface UseFactory {
        Use of(RootFile call);
    }

    static RootFile open(Root root, Path path, int flags, int mode, Callback<FileHandle> callback) {
        return new RootFile(
                root,
                path,
                flags,
                mode,
                call ->
                        file -> {
                            call.end();
                            callback.call(null, file);
                            return null;
                        },
                callback);
    }

    /** What reads an open file to its end. */
    interface Reading<T> {
        Operation of(FileHandle file, Callback<T> done);
    }

    static <T> RootFile read(
            Root root, Path path, ReadOptions options, Reading<T> reading, Callback<T> callback) {
        return new RootFile(
                root,
                path,
                OpenFlag.bits(options.flags()),
                Arguments.DEFAULT_MODE,
                call ->
                        file ->
                                reading.of(
                                        file,
                                        (err, content) -> call.read(file, callback, err, content)),
                callback);
    }

    /** What changes an open file, and says when it has. */
    interface Change {
        Operation of(FileHandle file, Done done);
    }

    /** Opens a file for a change, and closes it; that is waited for. */
    static RootFile change(
            Root root, Path path, int flags, int mode, Change change, Done callback) {
        return new RootFile(
                root,
                path,
                flags,
                mode,
                call -> file -> change.of(file, err -> call.close(file, callback, err)),
                (err, nothing) -> callback.call(err));
    }

    static RootFile write(
            Root root, Path path, WriteOptions options, Change change, Done callback) {
        int flags = OpenFlag.bits(options.flags());
        return change(root, path, flags, options.mode(), change, callback);
    }

    static RootFile truncate(Root root, Path path, long size, Done callback) {
        Change change = (file, done) -> file.truncate(size, done);
        return change(root, path, Const.O_RDWR, 0, change, callback); // as Truncate opens it
    }

    @Override
    void begin() {
        open(path, openFlags, openMode);
    }

    @Override
    void opened(int fd) throws Exception {
        under(use.with(handle(fd)));
    }

    private <T> void read(
            FileHandle file, Callback<T> callback, @Nullable ReactorException err, T content)
            throws Exception {
        file.close(ignored -> {}); // a file that was read has nothing to lose
        end();
        callback.call(told(err), content);
    }

    private void close(FileHandle file, Done callback, @Nullable ReactorException err) {
        under(null);
        file.close(failure -> {
            end();
            if (err != null && failure != null) {
                err.addSuppressed(failure);
            }
            callback.call(err == null ? failure : told(err));
        });
    }

    @Override
    void failed(ReactorException err) throws Exception {
        onError.call(err, Arguments.none());
    }
}
