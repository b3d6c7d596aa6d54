package dev.chime.fs;

import dev.chime.reactor.Callback;
import dev.chime.reactor.Done;
import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.Operation;
import dev.chime.reactor.engine.Fd;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.ErrnoCode;
import dev.chime.reactor.libc.OpenHowLayout;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessMode;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A folder that no path below it leaves, whatever it says: for paths that come from elsewhere, such
 * as a request. Made by {@link Fs#root}. Loop thread only.
 *
 * <p>The kernel confines each walk (openat2(2), RESOLVE_BENEATH), so that neither "..", nor a
 * symbolic link, nor a link that is put in place at the last moment leads out: such a path, and an
 * absolute one, is the error {@code ERR_FS_OUTSIDE_ROOT} of the callback. Links that stay below are
 * followed; the magic ones of {@code /proc} are not (ELOOP). Mounts below the root belong to it.
 * Paths are relative to the root, and the empty path is the root itself; whoever has one of a URL
 * takes its first slash away.
 *
 * <p>All else is as with the calls of {@link Fs} of the same names. The root is the folder that was
 * there when it was made, also when it is renamed later.
 */
public final class Root {
    static final Path HERE = Path.of(".");

    private final Core core;
    private final Fd fd;
    private final Path path;
    private @Nullable FdClose close;
    private int calls;

    private Root(Core core, Fd fd, Path path) {
        this.core = core;
        this.fd = fd;
        this.path = path;
        fd.heldBy(this, path);
    }

    static Operation open(Core core, Path path, Callback<Root> callback) {
        Arguments.path(path);
        Arguments.callback(callback);
        Slot open = core.slot(Op.OPENAT2, (slot, result, more) -> opened(core, slot, result));
        open.fd = Const.AT_FDCWD;
        Beneath.fill(open, Const.O_PATH | Const.O_DIRECTORY, 0, 0);
        NativePath.put(core, open, path, OpenHowLayout.SIZE);
        open.context = path;
        open.callback = callback;
        core.submit(open);
        return core.operation(open);
    }

    private static void opened(Core core, Slot slot, int result) throws Exception {
        NativePath.release(slot);
        Path path = (Path) Objects.requireNonNull(slot.context);
        Callback<Root> callback = Arguments.callbackOf(slot);
        if (result < 0) {
            boolean unknown = result == -ErrnoCode.ENOSYS;
            String hint = unknown ? "nothing else confines a path: Linux 5.6 has openat2(2)" : null;
            callback.call(
                    ErrnoException.explained(result, "open", path.toString(), hint),
                    Arguments.none());
        } else {
            callback.call(null, new Root(core, core.adopt(result, Fd.Kind.FILE), path));
        }
    }

    // ---- files

    /** Opens a file for reading. */
    public Operation open(Path relative, Callback<FileHandle> callback) {
        return open(relative, "r", callback);
    }

    /** Opens a file as one of Node's flag strings says. */
    public Operation open(Path relative, String nodeFlags, Callback<FileHandle> callback) {
        return open(relative, OpenFlag.parse(nodeFlags), Arguments.DEFAULT_MODE, callback);
    }

    /** Opens a file; see {@link Fs#open(Path, Set, int, Callback)}. */
    public Operation open(
            Path relative, Set<OpenFlag> flags, int mode, Callback<FileHandle> callback) {
        check("Root.open", relative, callback);
        Arguments.notNull(flags, "flags");
        Arguments.mode(mode);
        return RootFile.open(this, relative, OpenFlag.bits(flags), mode, callback).start();
    }

    /** Reads a whole file; see {@link Fs#readFile(Path, Callback)}. */
    public Operation readFile(Path relative, Callback<byte[]> callback) {
        return readFile(relative, ReadOptions.defaults(), callback);
    }

    /** Reads a whole file, opened as the options say. */
    public Operation readFile(Path relative, ReadOptions options, Callback<byte[]> callback) {
        check("Root.readFile", relative, callback);
        Arguments.notNull(options, "options");
        return RootFile.read(this, relative, options, FileHandle::readFile, callback).start();
    }

    /** Reads a whole file as text. */
    public Operation readFile(Path relative, Charset charset, Callback<String> callback) {
        return readFile(relative, charset, ReadOptions.defaults(), callback);
    }

    /** Reads a whole file, opened as the options say, as text. */
    public Operation readFile(
            Path relative, Charset charset, ReadOptions options, Callback<String> callback) {
        check("Root.readFile", relative, callback);
        Arguments.notNull(charset, "charset");
        Arguments.notNull(options, "options");
        RootFile.Reading<String> text = (file, done) -> file.readFile(charset, done);
        return RootFile.read(this, relative, options, text, callback).start();
    }

    /** Writes a whole file; see {@link Fs#writeFile(Path, byte[], Done)}. */
    public Operation writeFile(Path relative, byte[] content, Done callback) {
        return writeFile(relative, content, WriteOptions.defaults(), callback);
    }

    /** Writes a text, as UTF-8, to a file that is created or emptied first. */
    public Operation writeFile(Path relative, String text, Done callback) {
        Arguments.notNull(text, "text");
        return writeFile(relative, text.getBytes(StandardCharsets.UTF_8), callback);
    }

    /** Writes a whole file as the options say. */
    public Operation writeFile(Path relative, byte[] content, WriteOptions options, Done callback) {
        check("Root.writeFile", relative, callback);
        Arguments.notNull(content, "content");
        Arguments.notNull(options, "options");
        return RootFile.write(
                        this,
                        relative,
                        options,
                        (file, done) -> file.writeFile(content, options, done),
                        callback)
                .start();
    }

    /** Writes chunks to a file; see {@link Fs#writeFile(Path, Iterable, WriteOptions, Done)}. */
    public <T> Operation writeFile(Path relative, Iterable<T> chunks, Done callback) {
        check("Root.writeFile", relative, callback);
        Chunks source = new Chunks(chunks);
        RootFile.Change change = (file, done) -> WriteRest.chunks(file, source, false, done);
        return RootFile.write(this, relative, WriteOptions.defaults(), change, callback).start();
    }

    /** Writes a file all or nothing; see {@link Fs#writeFileAtomic(Path, byte[], Done)}. */
    public Operation writeFileAtomic(Path relative, byte[] content, Done callback) {
        return writeFileAtomic(relative, content, AtomicOptions.defaults(), callback);
    }

    /** Writes a file all or nothing, as the options say. */
    public Operation writeFileAtomic(
            Path relative, byte[] content, AtomicOptions options, Done callback) {
        check("Root.writeFileAtomic", relative, callback);
        Arguments.notNull(content, "content");
        Arguments.notNull(options, "options");
        return new RootAtomic(this, relative, content, null, options, callback).start();
    }

    /** Writes chunks all or nothing; see {@link Fs#writeFile(Path, Iterable, Done)}. */
    public <T> Operation writeFileAtomic(
            Path relative, Iterable<T> chunks, AtomicOptions options, Done callback) {
        check("Root.writeFileAtomic", relative, callback);
        Arguments.notNull(options, "options");
        Chunks source = new Chunks(chunks);
        return new RootAtomic(this, relative, new byte[0], source, options, callback).start();
    }

    /** Writes a text, as UTF-8, all or nothing. */
    public Operation writeFileAtomic(Path relative, String text, Done callback) {
        Arguments.notNull(text, "text");
        return writeFileAtomic(relative, text.getBytes(StandardCharsets.UTF_8), callback);
    }

    /** Adds to the end of a file, which is created when there is none. */
    public Operation appendFile(Path relative, byte[] content, Done callback) {
        return appendFile(relative, content, WriteOptions.defaults(), callback);
    }

    /** Adds a text, as UTF-8, to the end of a file, which is created when there is none. */
    public Operation appendFile(Path relative, String text, Done callback) {
        Arguments.notNull(text, "text");
        return appendFile(relative, text.getBytes(StandardCharsets.UTF_8), callback);
    }

    /** Adds to the end of a file; see {@link Fs#appendFile(Path, byte[], WriteOptions, Done)}. */
    public Operation appendFile(
            Path relative, byte[] content, WriteOptions options, Done callback) {
        Arguments.notNull(options, "options");
        return writeFile(relative, content, options.appending(), callback);
    }

    /** Cuts a file off, or fills it up with zeros, to {@code size} bytes. */
    public Operation truncate(Path relative, long size, Done callback) {
        check("Root.truncate", relative, callback);
        Arguments.size(size);
        return RootFile.truncate(this, relative, size, callback).start();
    }

    /** Copies a file over what is there, both below this root. */
    public Operation copyFile(Path source, Path dest, Done callback) {
        return copyFile(source, dest, CopyOptions.defaults(), callback);
    }

    /**
     * Copies a file, both below this root; see {@link Fs#copyFile(Path, Path, CopyOptions, Done)}.
     */
    public Operation copyFile(Path source, Path dest, CopyOptions options, Done callback) {
        check("Root.copyFile", source, callback);
        Arguments.path(dest);
        Arguments.notNull(options, "options");
        return RootCopy.of(this, source, dest, options, callback);
    }

    /** Reads a file as a stream, from its start to its end. */
    public ReadStream createReadStream(Path relative) {
        return createReadStream(relative, ReadStreamOptions.defaults());
    }

    /** Reads a file as a stream; see {@link Fs#createReadStream(Path, ReadStreamOptions)}. */
    public ReadStream createReadStream(Path relative, ReadStreamOptions options) {
        check("Root.createReadStream", relative);
        Arguments.notNull(options, "options");
        return ReadStream.open(core, this::open, relative, options);
    }

    /** Writes a file as a stream; it is created or emptied. */
    public WriteStream createWriteStream(Path relative) {
        return createWriteStream(relative, WriteStreamOptions.defaults());
    }

    /** Writes a file as a stream; see {@link Fs#createWriteStream(Path, WriteStreamOptions)}. */
    public WriteStream createWriteStream(Path relative, WriteStreamOptions options) {
        check("Root.createWriteStream", relative);
        Arguments.notNull(options, "options");
        return WriteStream.open(core, this::open, relative, options);
    }

    /** Asks for metadata; a symbolic link stands for its target, if that is below the root. */
    public Operation stat(Path relative, Callback<Stats> callback) {
        check("Root.stat", relative, callback);
        return new RootStat(this, relative, true, callback).start();
    }

    /** Asks for metadata, of a symbolic link itself where the path names one. */
    public Operation lstat(Path relative, Callback<Stats> callback) {
        check("Root.lstat", relative, callback);
        return new RootStat(this, relative, false, callback).start();
    }

    /** Asks whether a path leads to something below the root; see {@link Fs#exists}. */
    public Operation exists(Path relative, Callback<Boolean> callback) {
        check("Root.exists", relative, callback);
        return new RootStat(this, relative, true, StatCall.exists(callback)).start();
    }

    /** Asks whether the program may use a file in all of these ways; see {@link Fs#access}. */
    public Operation access(Path relative, Set<AccessMode> modes, Done callback) {
        check("Root.access", relative, callback);
        Arguments.notNull(modes, "modes");
        return RootAttributes.access(this, relative, Arguments.access(modes), callback);
    }

    /** Asks whether the program can find a file. */
    public Operation access(Path relative, Done callback) {
        return access(relative, Set.of(), callback);
    }

    // ---- attributes: of what the path leads to; they need /proc

    /** Sets a file's permission bits. */
    public Operation chmod(Path relative, int mode, Done callback) {
        check("Root.chmod", relative, callback);
        Arguments.mode(mode);
        return RootAttributes.chmod(this, relative, mode, callback);
    }

    /** Sets owner and group by number; -1 leaves one as it is. */
    public Operation chown(Path relative, int uid, int gid, Done callback) {
        check("Root.chown", relative, callback);
        return RootAttributes.chown(this, relative, true, uid, gid, callback);
    }

    /** As {@link #chown}, but of a symbolic link itself. */
    public Operation lchown(Path relative, int uid, int gid, Done callback) {
        check("Root.lchown", relative, callback);
        return RootAttributes.chown(this, relative, false, uid, gid, callback);
    }

    /** Sets when a file was last read and changed; null leaves a time alone. */
    public Operation utimes(
            Path relative, @Nullable Instant atime, @Nullable Instant mtime, Done callback) {
        check("Root.utimes", relative, callback);
        return RootAttributes.utimes(this, relative, true, atime, mtime, callback);
    }

    /** As {@link #utimes}, but of a symbolic link itself. */
    public Operation lutimes(
            Path relative, @Nullable Instant atime, @Nullable Instant mtime, Done callback) {
        check("Root.lutimes", relative, callback);
        return RootAttributes.utimes(this, relative, false, atime, mtime, callback);
    }

    // ---- directories

    /** Lists the names in a directory, as paths of one element. */
    public Operation readdir(Path relative, Callback<List<Path>> callback) {
        check("Root.readdir", relative, callback);
        return RootDirectory.list(this, relative, false, RootDirectory.names(callback));
    }

    /** Lists a directory with types; see {@link Fs#readdir(Path, ReaddirOptions, Callback)}. */
    public Operation readdir(
            Path relative, ReaddirOptions options, Callback<List<Dirent>> callback) {
        check("Root.readdir", relative, callback);
        Arguments.notNull(options, "options");
        return RootDirectory.list(this, relative, options.recursive(), callback);
    }

    /** Opens a directory to read it piece by piece; its entries bear paths below the root. */
    public Operation opendir(Path relative, Callback<Dir> callback) {
        return opendir(relative, OpendirOptions.defaults(), callback);
    }

    /** Opens a directory to read it in pieces as large as the options say. */
    public Operation opendir(Path relative, OpendirOptions options, Callback<Dir> callback) {
        check("Root.opendir", relative, callback);
        Arguments.notNull(options, "options");
        return RootDirectory.open(this, relative, options, callback);
    }

    // ---- names; a path that ends with no name, as "..", is EINVAL

    /** Removes a file's name. */
    public Operation unlink(Path relative, Done callback) {
        check("Root.unlink", relative, callback);
        return RootNames.unlink(this, relative, callback);
    }

    /** Removes an empty folder. */
    public Operation rmdir(Path relative, Done callback) {
        check("Root.rmdir", relative, callback);
        return RootNames.rmdir(this, relative, callback);
    }

    /** Makes a folder, with mode 0777 less the umask. */
    public Operation mkdir(Path relative, Done callback) {
        return mkdir(relative, 0777, callback);
    }

    /** Makes a folder with a mode, less the umask. */
    public Operation mkdir(Path relative, int mode, Done callback) {
        check("Root.mkdir", relative, callback);
        Arguments.mode(mode);
        return RootNames.mkdir(this, relative, mode, callback);
    }

    /** Makes a folder as the options say; see {@link Fs#mkdir(Path, MkdirOptions, Callback)}. */
    public Operation mkdir(Path relative, MkdirOptions options, Callback<@Nullable Path> callback) {
        check("Root.mkdir", relative, callback);
        Arguments.notNull(options, "options");
        return RootMkdirs.of(this, relative, options, callback);
    }

    /**
     * Makes a folder of mode 0700 whose path below the root is {@code prefix} and six random
     * characters, which the callback gets.
     */
    public Operation mkdtemp(String prefix, Callback<Path> callback) {
        core.checkThread("Root.mkdtemp");
        Arguments.prefix(prefix);
        Arguments.callback(callback);
        return RootTemp.folder(this, prefix, callback);
    }

    /** Makes a file and opens it; see {@link Fs#mkstemp(String, String, Callback)}. */
    public Operation mkstemp(String prefix, String suffix, Callback<FileHandle> callback) {
        core.checkThread("Root.mkstemp");
        Arguments.prefix(prefix);
        Arguments.suffix(suffix);
        Arguments.callback(callback);
        return RootTemp.file(this, prefix, suffix, callback);
    }

    /** Removes a file or a link; of a folder {@code ERR_FS_EISDIR}. */
    public Operation rm(Path relative, Done callback) {
        return rm(relative, RmOptions.defaults(), callback);
    }

    /** Removes a file, or a whole tree; see {@link Fs#rm(Path, RmOptions, Done)}. */
    public Operation rm(Path relative, RmOptions options, Done callback) {
        check("Root.rm", relative, callback);
        Arguments.notNull(options, "options");
        return RootRemove.of(this, relative, options, callback);
    }

    /** Renames a file or folder to a path below the same root, and replaces what is there. */
    public Operation rename(Path from, Path to, Done callback) {
        check("Root.rename", from, callback);
        Arguments.path(to);
        return RootNames.rename(this, from, to, 0, callback);
    }

    /** Renames as the flag says, both below this root. */
    public Operation rename(Path from, Path to, RenameFlag flag, Done callback) {
        check("Root.rename", from, callback);
        Arguments.path(to);
        Arguments.notNull(flag, "flag");
        return RootNames.rename(this, from, to, flag.bits, callback);
    }

    /**
     * Gives an existing file, or a symbolic link itself, a second name below the same root; EEXIST
     * when there is something of that name.
     */
    public Operation link(Path existing, Path name, Done callback) {
        check("Root.link", existing, callback);
        Arguments.path(name);
        return RootNames.link(this, existing, name, callback);
    }

    /**
     * Makes {@code name} a symbolic link to {@code target}, a text that is looked up by nobody now
     * and may lead anywhere: no call of this root follows it out, but programs without a root do.
     */
    public Operation symlink(Path target, Path name, Done callback) {
        check("Root.symlink", name, callback);
        Arguments.path(target);
        return RootNames.symlink(this, target, name, callback);
    }

    /** Reads what a symbolic link says; EINVAL when the path names something else. */
    public Operation readlink(Path relative, Callback<Path> callback) {
        check("Root.readlink", relative, callback);
        return RootReadLink.of(this, relative, callback);
    }

    private void check(String call, Path relative, Object callback) {
        check(call, relative);
        Arguments.callback(callback);
    }

    private void check(String call, Path relative) {
        core.checkThread(call);
        Arguments.path(relative);
    }

    // ---- the end

    /**
     * Closes the root when the calls under way are done; those that come later fail with EBADF.
     * Files that were opened below it stay open. A second close hears the first one's outcome. A
     * root that the program drops is closed and logged as a {@link FileHandle} is, and one that it
     * leaves open is closed when the reactor ends.
     */
    public void close(Done callback) {
        core.checkThread("Root.close");
        Arguments.callback(callback);
        FdClose asked = close;
        if (asked == null) {
            asked = new FdClose(core, fd);
            close = asked;
        }
        asked.tell(callback);
        maybeClose();
    }

    private void maybeClose() {
        if (close != null && calls == 0) {
            close.submit();
        }
    }

    /** A call has begun. */
    void begun() {
        calls++;
    }

    /** A call is over. */
    void ended() {
        calls--;
        maybeClose();
    }

    // ---- what it is

    /** The path that it was made of. */
    public Path path() {
        return path;
    }

    /** True until {@link #close} is called. */
    public boolean isOpen() {
        return close == null;
    }

    Core core() {
        return core;
    }

    Fd fd() {
        return fd;
    }

    @Override
    public String toString() {
        return "Root[" + path + ", " + (close != null ? "closed" : fd) + "]";
    }
}
