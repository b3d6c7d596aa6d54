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
import java.time.Instant;
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
public final class Fs extends FsNames {
    private final BigReads bigReads = new BigReads();

    private Fs(Core core) {
        super(core);
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
        return writeFileAtomic(path, content, AtomicOptions.defaults(), callback);
    }

    /** Writes a file all or nothing, as the options say. */
    public Operation writeFileAtomic(
            Path path, byte[] content, AtomicOptions options, Done callback) {
        check("Fs.writeFileAtomic", path, options, callback);
        Arguments.notNull(content, "content");
        return new AtomicWrite(core, path, content, null, options, callback).start();
    }

    /**
     * Writes chunks all or nothing; see {@link #writeFile(Path, Iterable, WriteOptions, Done)}.
     * What the iterator throws leaves the old file.
     */
    public <T> Operation writeFileAtomic(
            Path path, Iterable<T> chunks, AtomicOptions options, Done callback) {
        check("Fs.writeFileAtomic", path, options, callback);
        Chunks source = new Chunks(chunks);
        return new AtomicWrite(core, path, new byte[0], source, options, callback).start();
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
     * @param nodeFlags r, r+, rs, rs+, w, wx, w+, wx+, a, ax, a+, ax+, as or as+; s and x may stand
     *     first
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

    // ---- streams

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

    BigReads bigReads() {
        return bigReads;
    }
}
