package dev.chime.fs;

import dev.chime.reactor.Callback;
import dev.chime.reactor.Done;
import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.Operation;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.engine.Completion;
import dev.chime.reactor.engine.Fd;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.Memory;
import dev.chime.reactor.libc.StatxLayout;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Objects;
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
    private static final int PATH_BEHIND_STATX = StatxLayout.SIZE;
    private static final Completion STAT_DONE = Fs::statDone;

    private final Core core;
    private final Completion openDone = this::openDone;
    private final BigReads large = new BigReads();
    private final BigReads huge = new BigReads();
    private byte @Nullable [] decodeBuffer;

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
        core.checkThread("Fs.readFile");
        Arguments.path(path);
        Arguments.callback(callback);
        return new ReadFile(this, path, null, callback).start();
    }

    /** Reads a whole file as text; bytes that the charset does not know become its replacement. */
    public Operation readFile(Path path, Charset charset, Callback<String> callback) {
        core.checkThread("Fs.readFile");
        Arguments.path(path);
        Arguments.notNull(charset, "charset");
        Arguments.callback(callback);
        return new ReadFile(this, path, charset, callback).start();
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
        core.checkThread("Fs.writeFile");
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
        core.checkThread("Fs.writeFile");
        Arguments.path(path);
        Arguments.notNull(content, "content");
        Arguments.notNull(options, "options");
        Arguments.callback(callback);
        return new WriteFile(core, path, content, options, callback).start();
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
        core.checkThread("Fs.open");
        Arguments.path(path);
        Arguments.notNull(flags, "flags");
        Arguments.mode(mode);
        Arguments.callback(callback);
        int bits = OpenFlag.bits(flags);
        Slot open = core.slot(Op.OPENAT, openDone);
        fillOpen(open, bits, mode);
        NativePath.put(core, open, path, 0);
        open.context = path;
        open.callback = callback;
        core.submit(open);
        return core.operation(open);
    }

    static void fillOpen(Slot open, int bits, int mode) {
        open.fd = Const.AT_FDCWD;
        open.flags = bits | Const.O_CLOEXEC;
        // The kernel refuses a mode where nothing is created.
        open.length = (bits & Const.O_CREAT) != 0 ? mode : 0;
    }

    private void openDone(Slot slot, int result, boolean more) throws Exception {
        NativePath.release(slot);
        Path path = (Path) Objects.requireNonNull(slot.context);
        Callback<FileHandle> callback = callback(slot);
        if (result < 0) {
            callback.call(ErrnoException.file(result, "open", path.toString()), Arguments.none());
            return;
        }
        Fd fd = core.adopt(result, Fd.Kind.FILE);
        callback.call(null, new FileHandle(core, fd, path, slot.flags));
    }

    /** Asks for a file's metadata; a symbolic link stands for its target. */
    public Operation stat(Path path, Callback<Stats> callback) {
        core.checkThread("Fs.stat");
        return stat(path, 0, callback);
    }

    /** Asks for the metadata of a file or, where the path names one, of a symbolic link itself. */
    public Operation lstat(Path path, Callback<Stats> callback) {
        core.checkThread("Fs.lstat");
        return stat(path, Const.AT_SYMLINK_NOFOLLOW, callback);
    }

    private Operation stat(Path path, int flags, Callback<Stats> callback) {
        Arguments.path(path);
        Arguments.callback(callback);
        Slot stat = core.slot(Op.STATX, STAT_DONE);
        stat.fd = Const.AT_FDCWD;
        stat.flags = flags;
        stat.length = StatxLayout.STATX_BASIC_STATS | StatxLayout.STATX_BTIME;
        stat.offset = stat.scratch;
        NativePath.put(core, stat, path, PATH_BEHIND_STATX);
        stat.context = path;
        stat.callback = callback;
        core.submit(stat);
        return core.operation(stat);
    }

    /** Fills in a question about an open file; the answer comes to its scratch memory. */
    static void fillStat(Slot stat, int fd) {
        stat.fd = fd;
        stat.flags = Const.AT_EMPTY_PATH;
        stat.length = StatxLayout.STATX_BASIC_STATS | StatxLayout.STATX_BTIME;
        stat.offset = stat.scratch;
        stat.address = stat.scratch + PATH_BEHIND_STATX;
        Memory.putByte(stat.address, (byte) 0);
    }

    private static void statDone(Slot slot, int result, boolean more) throws Exception {
        NativePath.release(slot);
        Callback<Stats> callback = callback(slot);
        if (result < 0) {
            String step = (slot.flags & Const.AT_SYMLINK_NOFOLLOW) != 0 ? "lstat" : "stat";
            String path = Objects.requireNonNull(slot.context).toString();
            callback.call(ErrnoException.file(result, step, path), Arguments.none());
            return;
        }
        callback.call(null, new Stats(slot.scratch));
    }

    @SuppressWarnings("unchecked")
    static <T> Callback<T> callback(Slot slot) {
        return (Callback<T>) Objects.requireNonNull(slot.callback);
    }

    Core core() {
        return core;
    }

    /** Those among which a whole file of so many bytes takes its turn. */
    BigReads bigReads(int bytes) {
        return bytes > BigReads.BYTES ? huge : large;
    }

    /** Where small files rest between native memory and their text. */
    byte[] decodeBuffer() {
        byte[] buffer = decodeBuffer;
        if (buffer == null) {
            buffer = new byte[ReadFile.FIRST_BYTES];
            decodeBuffer = buffer;
        }
        return buffer;
    }
}
