package dev.chime.fs;

import dev.chime.reactor.Buffer;
import dev.chime.reactor.Callback;
import dev.chime.reactor.Done;
import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.Operation;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.libc.Const;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessMode;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Node's {@code fs}: files by path. Loop thread only.
 *
 * <p>Every call returns at once; its callback, the last argument, is called once, later, on the
 * loop thread. Wrong arguments throw {@link IllegalArgumentException} at the call; what the file
 * system has to say arrives as an {@link ErrnoException} with Node's code, syscall, path and
 * message. {@link Operation#cancel} asks for an early end: the callback then hears {@code
 * ECANCELED}, unless the true result was faster.
 */
public final class Fs {
    private final Core core;
    private final BigReads bigReads = new BigReads();

    private Fs(Core core) {
        this.core = core;
    }

    /** The files that a reactor's program works with. */
    public static Fs of(Reactor reactor) {
        Arguments.notNull(reactor, "reactor");
        return new Fs(Core.of(reactor));
    }

    /**
     * Reads a whole file, FIFO or device until its end.
     *
     * <p>Errors come from the step that failed: {@code open} with the path (ENOENT, EACCES, ...),
     * then {@code read} (EISDIR for a directory). A file that no array holds is {@code
     * ERR_FS_FILE_TOO_LARGE}; too little memory is ENOMEM.
     */
    public Operation readFile(Path path, Callback<byte[]> callback) {
        return readFile(path, ReadOptions.defaults(), callback);
    }

    /** Reads a whole file, opened as the options say. */
    public Operation readFile(Path path, ReadOptions options, Callback<byte[]> callback) {
        check("Fs.readFile", path, options, callback);
        return ReadFile.bytes(this, path, options, callback).start();
    }

    /** Reads a whole file as text; bytes that the charset does not know become its replacement. */
    public Operation readFile(Path path, Charset charset, Callback<String> callback) {
        return readFile(path, charset, ReadOptions.defaults(), callback);
    }

    /** Reads a whole file, opened as the options say, as text. */
    public Operation readFile(
            Path path, Charset charset, ReadOptions options, Callback<String> callback) {
        check("Fs.readFile", path, options, callback);
        Arguments.notNull(charset, "charset");
        return ReadFile.text(this, path, charset, options, callback).start();
    }

    /**
     * Reads a whole file into native memory, where it stays: nothing is copied. The buffer is the
     * callback's until it returns, longer for who retains it; it takes 16 KiB or more.
     */
    public Operation readBuffer(Path path, Callback<Buffer> callback) {
        check("Fs.readBuffer", path, callback);
        return ReadFile.buffer(this, path, callback).start();
    }

    /**
     * Writes a whole file, which is created or emptied first. The array must not change before the
     * callback. A failure, or a cancel, may leave a part of the content in the file.
     */
    public Operation writeFile(Path path, byte[] content, Done callback) {
        return writeFile(path, content, WriteOptions.defaults(), callback);
    }

    /** Writes a text, as UTF-8, to a file that is created or emptied first. */
    public Operation writeFile(Path path, String text, Done callback) {
        Arguments.notNull(text, "text");
        return writeFile(
                path, text.getBytes(StandardCharsets.UTF_8), WriteOptions.defaults(), callback);
    }

    /**
     * Writes a whole file as the options say. The array must not change before the callback. Errors
     * come from the step that failed: {@code open} with the path, {@code write}, {@code fsync} or
     * {@code close}; the file is closed in any case.
     */
    public Operation writeFile(Path path, byte[] content, WriteOptions options, Done callback) {
        check("Fs.writeFile", path, options, callback);
        Arguments.notNull(content, "content");
        return new WriteFile(core, path, content, null, options, callback).start();
    }

    /** Writes chunks to a file that is created or emptied first. */
    public <T> Operation writeFile(Path path, Iterable<T> chunks, Done callback) {
        return writeFile(path, chunks, WriteOptions.defaults(), callback);
    }

    /**
     * Writes the chunks, each a {@code byte[]}, a text (as UTF-8), a {@link java.nio.ByteBuffer}
     * (what remains, whose position stays) or a {@link Buffer} (which stays the iterator's). The
     * file is opened before the first is asked for, on the loop thread, and each further one when
     * the one before is written. What the iterator throws closes the file and is the cause of
     * {@code ERR_FS_CONTENT_FAILED}; a chunk of another type is {@code ERR_INVALID_ARG_TYPE}.
     */
    public <T> Operation writeFile(
            Path path, Iterable<T> chunks, WriteOptions options, Done callback) {
        check("Fs.writeFile", path, options, callback);
        Chunks source = new Chunks(chunks);
        return new WriteFile(core, path, new byte[0], source, options, callback).start();
    }

    /**
     * Writes a file so that others see either what was there or all of the new content, even after
     * a power cut: to a new file in the same folder, synced, which then takes the name over.
     *
     * <p>A file that exists keeps its mode and, where the program may, its owner; a symbolic link
     * leads to the file that is replaced. Other names of the old file keep the old content. Errors
     * bear the path, and the step: {@code open} (EISDIR, EACCES of the folder; EINVAL for what is
     * no regular file), {@code write}, {@code fsync}, {@code rename}. After any but an {@code
     * fsync} of the folder the old file is as it was. A crash may leave a file named {@code
     * .chime-} and 16 hex digits.
     */
    public Operation writeFileAtomic(Path path, byte[] content, Done callback) {
        check("Fs.writeFileAtomic", path, callback);
        Arguments.notNull(content, "content");
        return new AtomicWrite(core, path, content, callback).start();
    }

    /** Writes a text, as UTF-8, all or nothing. */
    public Operation writeFileAtomic(Path path, String text, Done callback) {
        Arguments.notNull(text, "text");
        return writeFileAtomic(path, text.getBytes(StandardCharsets.UTF_8), callback);
    }

    /** Adds to the end of a file, which is created when there is none. */
    public Operation appendFile(Path path, byte[] content, Done callback) {
        return appendFile(path, content, WriteOptions.defaults(), callback);
    }

    /** Adds a text, as UTF-8, to the end of a file, which is created when there is none. */
    public Operation appendFile(Path path, String text, Done callback) {
        Arguments.notNull(text, "text");
        return appendFile(path, text.getBytes(StandardCharsets.UTF_8), callback);
    }

    /**
     * As {@link #writeFile(Path, byte[], WriteOptions, Done)}, but at the end of the file: the
     * options' flags without {@link OpenFlag#TRUNCATE}, and with {@link OpenFlag#APPEND}.
     */
    public Operation appendFile(Path path, byte[] content, WriteOptions options, Done callback) {
        Arguments.notNull(options, "options");
        return writeFile(path, content, options.appending(), callback);
    }

    /** Opens a file for reading. */
    public Operation open(Path path, Callback<FileHandle> callback) {
        return open(path, "r", callback);
    }

    /**
     * Opens a file as one of Node's flag strings says; one that is created gets mode 0666 less the
     * umask.
     *
     * @param nodeFlags r, r+, rs, rs+, w, wx, w+, wx+, a, ax, a+, ax+, as or as+
     */
    public Operation open(Path path, String nodeFlags, Callback<FileHandle> callback) {
        return open(path, OpenFlag.parse(nodeFlags), Arguments.DEFAULT_MODE, callback);
    }

    /**
     * Opens a file; the descriptor is closed in child processes (O_CLOEXEC), always.
     *
     * @param mode permission bits of a file that {@link OpenFlag#CREATE} creates, less the umask
     */
    public Operation open(Path path, Set<OpenFlag> flags, int mode, Callback<FileHandle> callback) {
        check("Fs.open", path, callback);
        Arguments.notNull(flags, "flags");
        Arguments.mode(mode);
        return Opening.file(core, path, OpenFlag.bits(flags), mode, callback);
    }

    /** Asks for a file's metadata; a symbolic link stands for its target. */
    public Operation stat(Path path, Callback<Stats> callback) {
        check("Fs.stat", path, callback);
        return StatCall.of(core, path, 0, callback);
    }

    /** Asks for the metadata of a file or, where the path names one, of a symbolic link itself. */
    public Operation lstat(Path path, Callback<Stats> callback) {
        check("Fs.lstat", path, callback);
        return StatCall.of(core, path, Const.AT_SYMLINK_NOFOLLOW, callback);
    }

    /**
     * Asks whether a path leads to something. What keeps the answer from being known is an error of
     * {@link #stat}: EACCES, ELOOP, EIO.
     */
    public Operation exists(Path path, Callback<Boolean> callback) {
        check("Fs.exists", path, callback);
        return StatCall.of(core, path, 0, StatCall.exists(callback));
    }

    /**
     * Asks whether the program may use a file in all of these ways, which is no promise for later:
     * EACCES, EROFS, or the errors of the path.
     */
    public Operation access(Path path, Set<AccessMode> modes, Done callback) {
        core.checkThread("Fs.access");
        Arguments.notNull(modes, "modes");
        return PathCall.ACCESS.on(core, path, Arguments.access(modes), callback);
    }

    /** Asks whether the program can find a file. */
    public Operation access(Path path, Done callback) {
        return access(path, Set.of(), callback);
    }

    /** Asks for the file system that holds a file. */
    public Operation statfs(Path path, Callback<StatFs> callback) {
        check("Fs.statfs", path, callback);
        return StatFs.of(core, path, callback);
    }

    // ---- attributes

    /** Sets a file's permission bits. */
    public Operation chmod(Path path, int mode, Done callback) {
        core.checkThread("Fs.chmod");
        Arguments.mode(mode);
        return PathCall.CHMOD.on(core, path, mode, callback);
    }

    /** Sets owner and group by number; -1 leaves one as it is. */
    public Operation chown(Path path, int uid, int gid, Done callback) {
        core.checkThread("Fs.chown");
        return PathCall.CHOWN.on(core, path, uid, gid, callback);
    }

    /** As {@link #chown}, but of a symbolic link itself. */
    public Operation lchown(Path path, int uid, int gid, Done callback) {
        core.checkThread("Fs.lchown");
        return PathCall.LCHOWN.on(core, path, uid, gid, callback);
    }

    /** Sets when a file was last read and changed, to the nanosecond; null leaves a time alone. */
    public Operation utimes(
            Path path, @Nullable Instant atime, @Nullable Instant mtime, Done callback) {
        core.checkThread("Fs.utimes");
        return PathCall.UTIMES.on(core, path, atime, mtime, callback);
    }

    /** As {@link #utimes}, but of a symbolic link itself. */
    public Operation lutimes(
            Path path, @Nullable Instant atime, @Nullable Instant mtime, Done callback) {
        core.checkThread("Fs.lutimes");
        return PathCall.LUTIMES.on(core, path, atime, mtime, callback);
    }

    /** Cuts a file off, or fills it up with zeros, to {@code size} bytes. */
    public Operation truncate(Path path, long size, Done callback) {
        check("Fs.truncate", path, callback);
        Arguments.size(size);
        return new Truncate(core, path, size, callback).start();
    }

    /** The extended attributes of a file. */
    public Xattrs xattrs(Path path) {
        check("Fs.xattrs", path);
        return new Xattrs(core, path);
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

    /** Reads a file as a stream. */
    public ReadStream createReadStream(Path path) {
        return createReadStream(path, ReadStreamOptions.defaults());
    }

    /**
     * Reads a file as a stream: the open is under way at once, the first read when somebody wants
     * data. What goes wrong comes with {@link ReadStream#onClose}.
     */
    public ReadStream createReadStream(Path path, ReadStreamOptions options) {
        check("Fs.createReadStream", path);
        Arguments.notNull(options, "options");
        return ReadStream.open(core, this::open, path, options);
    }

    /** Writes a file as a stream; it is created or emptied. */
    public WriteStream createWriteStream(Path path) {
        return createWriteStream(path, WriteStreamOptions.defaults());
    }

    /**
     * Writes a file as a stream: the open is under way at once. What goes wrong comes with {@link
     * WriteStream#onClose}.
     */
    public WriteStream createWriteStream(Path path, WriteStreamOptions options) {
        check("Fs.createWriteStream", path);
        Arguments.notNull(options, "options");
        return WriteStream.open(core, this::open, path, options);
    }

    private void check(String call, Path path) {
        core.checkThread(call);
        Arguments.path(path);
    }

    private void check(String call, Path path, Object callback) {
        check(call, path);
        Arguments.callback(callback);
    }

    private void check(String call, Path path, Object options, Object callback) {
        check(call, path, callback);
        Arguments.notNull(options, "options");
    }

    Core core() {
        return core;
    }

    BigReads bigReads() {
        return bigReads;
    }
}
