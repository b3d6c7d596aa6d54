package dev.chime.fs;

import dev.chime.reactor.Callback;
import dev.chime.reactor.Done;
import dev.chime.reactor.Operation;
import dev.chime.reactor.internal.Core;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The calls of {@link Fs} that work with names: links, directories, trees. Loop thread only.
 *
 * <p>A class of its own because all of {@code Fs} is more than one file should hold.
 */
abstract sealed class FsNames permits Fs {
    final Core core;

    FsNames(Core core) {
        this.core = core;
    }

    // ---- names

    /** Removes a name; of a directory EISDIR. */
    public Operation unlink(Path path, Done callback) {
        core.checkThread("Fs.unlink");
        return PathCall.UNLINK.on(core, path, 0, callback);
    }

    /** Removes an empty directory; ENOTEMPTY when it is not, ENOTDIR for anything else. */
    public Operation rmdir(Path path, Done callback) {
        core.checkThread("Fs.rmdir");
        return PathCall.RMDIR.on(core, path, 0, callback);
    }

    /** Makes a directory with mode 0777 less the umask; EEXIST when there is something. */
    public Operation mkdir(Path path, Done callback) {
        return mkdir(path, Arguments.DEFAULT_DIRECTORY_MODE, callback);
    }

    /** Makes a directory with the given permission bits less the umask. */
    public Operation mkdir(Path path, int mode, Done callback) {
        core.checkThread("Fs.mkdir");
        Arguments.mode(mode);
        return PathCall.MKDIR.on(core, path, mode, callback);
    }

    /** Renames a file or directory, over what has the new name: see rename(2). */
    public Operation rename(Path from, Path to, Done callback) {
        core.checkThread("Fs.rename");
        return PathCall.RENAME.on(core, from, to, 0, callback);
    }

    /** Renames as the flag says; EINVAL where the file system cannot do that. */
    public Operation rename(Path from, Path to, RenameFlag flag, Done callback) {
        core.checkThread("Fs.rename");
        Arguments.notNull(flag, "flag");
        return PathCall.RENAME.on(core, from, to, flag.bits, callback);
    }

    /** Reads what a symbolic link says; EINVAL when the path names something else. */
    public Operation readlink(Path path, Callback<Path> callback) {
        check("Fs.readlink", path, callback);
        return ReadLink.of(core, path, callback);
    }

    /** Gives an existing file a second name; EEXIST when there is something of that name. */
    public Operation link(Path existing, Path name, Done callback) {
        core.checkThread("Fs.link");
        return PathCall.LINK.on(core, existing, name, 0, callback);
    }

    /** Makes {@code name} a symbolic link to {@code target}, which need not exist. */
    public Operation symlink(Path target, Path name, Done callback) {
        core.checkThread("Fs.symlink");
        return PathCall.SYMLINK.on(core, target, name, 0, callback);
    }

    /** Watches a file or a folder, without the folders below it. */
    public Watcher watch(Path path, WatchListener listener) {
        return watch(path, WatchOptions.defaults(), listener);
    }

    /**
     * Watches a file or a folder: {@code listener} hears of each change until the watcher is
     * closed. Of a file the name is watched, in its folder, so that it may be replaced, removed and
     * made again; of a symbolic link to a file, the link.
     *
     * <p>What is there at the start is not told of; what a later folder holds is told of once,
     * however early it was made. A missing path is ENOENT of {@link Watcher#onError}.
     */
    public Watcher watch(Path path, WatchOptions options, WatchListener listener) {
        return new Watcher(core, path, options, listener).start();
    }

    /** Asks for a path's metadata every 5007 ms; see the other form. */
    public StatWatcher watchFile(Path path, StatListener listener) {
        return watchFile(path, StatPoller.EVERY, listener);
    }

    /** Asks again and again, and tells of changes; at the start, when nothing has that name. */
    public StatWatcher watchFile(Path path, Duration every, StatListener listener) {
        return StatPoller.watch(core, path, every, listener);
    }

    /** Closes what {@link #watchFile} gave for a path and a listener; null is each of them. */
    public void unwatchFile(Path path, @Nullable StatListener listener) {
        StatPoller.unwatch(core, path, listener);
    }

    // ---- directories

    /**
     * Lists the names in a directory, as paths of one element, in the directory's own order; bytes
     * that are no text are kept. Errors: {@code scandir} (ENOENT, ENOTDIR, EACCES).
     */
    public Operation readdir(Path path, Callback<List<Path>> callback) {
        check("Fs.readdir", path, callback);
        return Readdir.names(core, path, callback).start();
    }

    /**
     * Lists a directory with the types of its files; recursive, with everything below it. What
     * disappears meanwhile may be missing. Errors as of {@link #readdir(Path, Callback)}.
     */
    public Operation readdir(Path path, ReaddirOptions options, Callback<List<Dirent>> callback) {
        check("Fs.readdir", path, options, callback);
        return new Readdir(core, path, true, options.recursive(), callback).start();
    }

    /** Opens a directory to read it piece by piece. Errors: {@code opendir}. */
    public Operation opendir(Path path, Callback<Dir> callback) {
        return opendir(path, OpendirOptions.defaults(), callback);
    }

    /** Opens a directory to read it in pieces as large as the options say. */
    public Operation opendir(Path path, OpendirOptions options, Callback<Dir> callback) {
        check("Fs.opendir", path, options, callback);
        return Opening.directory(core, path, options, callback);
    }

    /**
     * Makes a directory as the options say; gives the first one that it made, null when there was
     * nothing to make. Errors: {@code mkdir} with the directory that could not be made; recursive
     * EEXIST or ENOTDIR when something in the way is no directory.
     */
    public Operation mkdir(Path path, MkdirOptions options, Callback<@Nullable Path> callback) {
        check("Fs.mkdir", path, options, callback);
        return MakeDirectory.mkdir(core, path, options, callback);
    }

    /**
     * Makes a directory of mode 0700 whose name is {@code prefix} and six random characters. To
     * make it in a directory, end the prefix with a slash.
     */
    public Operation mkdtemp(String prefix, Callback<Path> callback) {
        core.checkThread("Fs.mkdtemp");
        Arguments.prefix(prefix);
        Arguments.callback(callback);
        return MakeDirectory.mkdtemp(core, prefix, callback);
    }

    /** As {@link #mkdtemp}; what it gives removes the directory when it is closed. */
    public Operation mkdtempDisposable(String prefix, Callback<TempDirectory> callback) {
        Arguments.callback(callback);
        return mkdtemp(
                prefix,
                (err, path) ->
                        callback.call(
                                err,
                                err == null ? new TempDirectory(core, path) : Arguments.none()));
    }

    /** Makes a file of a new name, without a suffix; see the other form. */
    public Operation mkstemp(String prefix, Callback<FileHandle> callback) {
        return mkstemp(prefix, "", callback);
    }

    /**
     * Makes a file of mode 0600 and opens it to read and write, exclusively: nobody else has had
     * it. Its name is {@code prefix}, six random characters and {@code suffix}, such as {@code
     * .txt}; {@link FileHandle#path} has it. The file stays until it is removed.
     */
    public Operation mkstemp(String prefix, String suffix, Callback<FileHandle> callback) {
        core.checkThread("Fs.mkstemp");
        Arguments.prefix(prefix);
        Arguments.suffix(suffix);
        Arguments.callback(callback);
        return new TempFile(core, prefix, suffix, callback).start();
    }

    /**
     * Finds the absolute path without links, {@code .} and {@code ..} of what exists. Errors:
     * ENOENT, ENOTDIR, EACCES, ELOOP.
     */
    public Operation realpath(Path path, Callback<Path> callback) {
        check("Fs.realpath", path, callback);
        return new Realpath(core, path, callback).start();
    }

    // ---- trees

    /** Removes a file or a link; of a directory {@code ERR_FS_EISDIR}. */
    public Operation rm(Path path, Done callback) {
        return rm(path, RmOptions.defaults(), callback);
    }

    /**
     * Removes a file, or with {@link RmOptions#recursive} a whole tree, which no link leads out of.
     * The first error that is not tried again ends it, and so does a cancel: what is removed by
     * then is gone, the rest is as it was. Errors: {@code lstat}, {@code unlink}, {@code rmdir} and
     * {@code scandir}, with the path of the entry.
     */
    public Operation rm(Path path, RmOptions options, Done callback) {
        check("Fs.rm", path, options, callback);
        return new Rm(core, path, options, callback).start();
    }

    /** Copies a file over what is there. */
    public Operation copyFile(Path source, Path dest, Done callback) {
        return copyFile(source, dest, CopyOptions.defaults(), callback);
    }

    /**
     * Copies a file with its permission bits, in the kernel where it can; holes stay holes. A copy
     * that fails or is cancelled removes the destination once it has begun to write. Errors: {@code
     * copyfile} with both paths; EINVAL when both are the same file, or one a FIFO or socket.
     */
    public Operation copyFile(Path source, Path dest, CopyOptions options, Done callback) {
        check("Fs.copyFile", source, options, callback);
        Arguments.path(dest);
        return new CopyFile(core, source, dest, options, callback).start();
    }

    /** Copies a file, over what is there; of a directory {@code ERR_FS_EISDIR}. */
    public Operation cp(Path source, Path dest, Done callback) {
        return cp(source, dest, CpOptions.defaults(), callback);
    }

    /**
     * Copies a file or a link, or with {@link CpOptions#recursive} a tree, into a directory that
     * exists too; missing directories above the destination are made. The first error ends it, and
     * so does a cancel: files that are complete by then stay, none is left incomplete. Errors: of
     * the step that failed, or Node's {@code ERR_FS_CP_*}: {@code EINVAL} (same file, or into
     * itself), {@code EEXIST}, {@code DIR_TO_NON_DIR}, {@code NON_DIR_TO_DIR}, {@code
     * SYMLINK_TO_SUBDIRECTORY}, {@code FIFO_PIPE}, {@code SOCKET}, {@code UNKNOWN}.
     */
    public Operation cp(Path source, Path dest, CpOptions options, Done callback) {
        check("Fs.cp", source, options, callback);
        Arguments.path(dest);
        return new Cp(core, source, dest, options, callback).start();
    }

    /** Finds the paths below the working directory that match a pattern. */
    public Operation glob(String pattern, Callback<List<Path>> callback) {
        Arguments.notNull(pattern, "pattern");
        return glob(List.of(pattern), GlobOptions.defaults(), callback);
    }

    /** Finds the paths that match one of the patterns; see the form that visits them. */
    public Operation glob(
            List<String> patterns, GlobOptions options, Callback<List<Path>> callback) {
        Arguments.callback(callback);
        var found = new Glob.Collector<>(Dirent::path, callback);
        return glob(patterns, options, found, found);
    }

    /** As the collecting {@link #glob}, with the types of the files (Node's withFileTypes). */
    public Operation globEntries(
            List<String> patterns, GlobOptions options, Callback<List<Dirent>> callback) {
        Arguments.callback(callback);
        var found = new Glob.Collector<>(entry -> entry, callback);
        return glob(patterns, options, found, found);
    }

    /**
     * Visits, as they are found and in no order, the entries that match one of the patterns, which
     * {@link GlobOptions} explains. A visitor that says false ends the search; if it throws, {@code
     * end} hears ECANCELED.
     *
     * @throws IllegalArgumentException when a pattern is none
     */
    public Operation glob(
            List<String> patterns, GlobOptions options, Dir.Visitor visitor, Done end) {
        core.checkThread("Fs.glob");
        Arguments.notNull(patterns, "patterns");
        Arguments.notNull(options, "options");
        Arguments.notNull(visitor, "visitor");
        Arguments.callback(end);
        return new Glob(core, patterns, options, visitor, end).start();
    }

    /** Makes a {@link Root} of a directory. Errors: {@code open}; ENOSYS before Linux 5.6. */
    public Operation root(Path path, Callback<Root> callback) {
        core.checkThread("Fs.root");
        return Root.open(core, path, callback);
    }

    final void check(String call, Path path) {
        core.checkThread(call);
        Arguments.path(path);
    }

    final void check(String call, Path path, Object callback) {
        check(call, path);
        Arguments.callback(callback);
    }

    final void check(String call, Path path, Object options, Object callback) {
        check(call, path, callback);
        Arguments.notNull(options, "options");
    }

    final Core core() {
        return core;
    }
}
