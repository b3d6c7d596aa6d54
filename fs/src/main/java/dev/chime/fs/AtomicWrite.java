package dev.chime.fs;

import dev.chime.reactor.Done;
import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.engine.Chunk;
import dev.chime.reactor.engine.Completion;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.internal.Composed;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.ErrnoCode;
import dev.chime.reactor.libc.Memory;
import dev.chime.reactor.libc.StatxLayout;
import dev.chime.reactor.libc.Sys;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * One {@code writeFileAtomic}: looks at what is there, following links; opens the folder and a new
 * file in it; writes; then, as one chain, the last write, fsync, rename, fsync of the folder. Each
 * begins only when the one before has ended well, so a failure leaves the old file, and the new one
 * is removed.
 *
 * <p>It owns both descriptors, by number, and closes them on every way out. Names are taken below
 * the folder's descriptor, so a folder that is renamed meanwhile does not matter.
 */
final class AtomicWrite extends Composed implements Completion {
    private static final int MOST_LINKS = 40; // the kernel's own limit, path_resolution(7)
    private static final int MOST_NAMES = 100;
    private static final int PRIVATE_MODE = 0600;
    private static final int MODE_BITS = 07777;
    private static final byte[] NOTHING = {};

    private final Path path;
    private final AtomicOptions options;
    private final @Nullable Chunks source;

    /** What is being written, behind {@link #before} bytes of the file. */
    private byte[] content;

    private long before;
    private final Done callback;
    private Path target;
    private String temp = "";
    private @Nullable Stats old;
    private @Nullable Slot slot;
    private @Nullable Slot sync;
    private @Nullable Chunk chunk;
    private @Nullable ReactorException failure;
    private int links;
    private int names;
    private int folder = -1;
    private int file = -1;
    private boolean made;
    private int written;

    /** Slots in flight, of a chain or of the closes. */
    private int pending;

    /** Whether the chain that ends with the name has been tried. */
    private boolean renamed;

    private int writeResult;
    private int syncResult;
    private int renameResult;
    private int folderResult;

    /** Writes the content, and then what a source has. */
    AtomicWrite(
            Core core,
            Path path,
            byte[] content,
            @Nullable Chunks source,
            AtomicOptions options,
            Done callback) {
        super(core);
        this.path = path;
        this.content = content;
        this.source = source;
        this.options = options;
        this.callback = callback;
        target = path;
    }

    /** Writes a name in a folder, by its descriptor, which the call takes over. */
    AtomicWrite below(int descriptor, Path name) {
        folder = descriptor;
        target = name;
        return this;
    }

    AtomicWrite start() {
        look();
        return this;
    }

    private void submit(Slot next) {
        slot = next;
        pending = 1;
        core.submit(next);
    }

    @Override
    protected void interrupt() {
        // Once it is renamed the file is there: the rest is done to its end.
        if (slot != null && slot.op() != Op.CLOSE && slot.op() != Op.UNLINKAT) {
            core.cancel(slot, stopErrno());
        }
        if (sync != null) {
            core.cancel(sync, stopErrno());
        }
    }

    @Override
    public void complete(Slot completed, int result, boolean more) throws Exception {
        pending--;
        if (completed == slot) {
            slot = null;
        }
        if (completed == sync) {
            sync = null;
        }
        NativePath.release(completed);
        switch (completed.op()) {
            case STATX -> looked(completed, result);
            case OPENAT -> opened(result);
            case FCHOWNAT -> chmod(mode());
            case FCHMODAT -> next(result, "fchmod");
            case WRITE, FSYNC, RENAMEAT -> chained(completed, result);
            case UNLINKAT -> unlinked(result);
            case CLOSE -> closed(result);
            default -> throw new AssertionError(completed);
        }
    }

    // ---- what is there

    private void look() {
        Slot look = core.slot(Op.STATX, this);
        look.fd = folder < 0 ? Const.AT_FDCWD : folder;
        look.flags = Const.AT_SYMLINK_NOFOLLOW;
        look.length = StatxLayout.STATX_BASIC_STATS;
        look.offset = look.scratch;
        NativePath.put(core, look, target, StatxLayout.SIZE);
        submit(look);
    }

    private void looked(Slot look, int result) throws Exception {
        Stats stats = result < 0 ? null : new Stats(look.scratch);
        boolean none = result == -ErrnoCode.ENOENT && !path.toString().isEmpty();
        if (stopped()) {
            fail(-stopErrno(), "open");
        } else if (result < 0 && !none) {
            fail(result, "open");
        } else if (stats != null && stats.isSymbolicLink() && folder >= 0) {
            fail(-ErrnoCode.ELOOP, "open"); // it was none when the folder was opened
        } else if (stats != null && stats.isSymbolicLink()) {
            follow();
        } else if (stats != null && !stats.isFile()) {
            fail(stats.isDirectory() ? -ErrnoCode.EISDIR : -ErrnoCode.EINVAL, "open");
        } else {
            old = stats;
            if (folder < 0) {
                Path parent = target.getParent();
                open(parent == null ? Path.of(".") : parent);
            } else {
                make();
            }
        }
    }

    private void follow() throws Exception {
        if (++links > MOST_LINKS) {
            fail(-ErrnoCode.ELOOP, "open");
            return;
        }
        slot =
                ReadLink.submit(
                        core,
                        target,
                        (err, to) -> {
                            slot = null;
                            if (err != null) {
                                failure = err;
                                close();
                            } else {
                                target = target.resolveSibling(to);
                                look();
                            }
                        });
    }

    // ---- the new file

    private void open(Path parent) {
        Slot open = core.slot(Op.OPENAT, this);
        Opening.fill(open, Const.O_RDONLY | Const.O_DIRECTORY, 0);
        NativePath.put(core, open, parent, 0);
        submit(open);
    }

    private void opened(int result) throws Exception {
        if (result >= 0 && folder < 0) {
            folder = result;
        } else if (result >= 0) {
            file = result;
            made = true;
        } else if (result != -ErrnoCode.EEXIST || folder < 0 || ++names > MOST_NAMES) {
            fail(result, "open");
            return;
        }
        if (stopped()) {
            fail(-stopErrno(), file < 0 ? "open" : "write");
        } else if (file < 0) {
            make();
        } else if (old != null) {
            chown(old);
        } else if (options.mode() != null) {
            chmod(options.mode());
        } else {
            write();
        }
    }

    private void make() {
        temp = ".chime-" + HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
        Slot open = core.slot(Op.OPENAT, this);
        boolean plain = old == null && options.mode() == null;
        int mode = plain ? Arguments.DEFAULT_MODE : PRIVATE_MODE;
        Opening.fill(open, Const.O_WRONLY | Const.O_CREAT | Const.O_EXCL | Const.O_NOFOLLOW, mode);
        open.fd = folder;
        NativePath.put(core, open, Path.of(temp), 0);
        submit(open);
    }

    /** The owner is kept where the program may do that, so its failure is none. */
    private void chown(Stats kept) {
        Slot chown = core.slot(Op.FCHOWNAT, this);
        chown.fd = file;
        chown.length = kept.uid();
        chown.offset = kept.gid();
        submit(chown);
    }

    private void chmod(int mode) {
        Slot chmod = core.slot(Op.FCHMODAT, this);
        chmod.fd = file;
        chmod.length = mode;
        submit(chmod);
    }

    /** Those wished for, or those of the file that is replaced. */
    private int mode() {
        Integer wished = options.mode();
        return wished == null ? Objects.requireNonNull(old).mode() & MODE_BITS : wished;
    }

    private void next(int result, String step) throws Exception {
        if (result < 0) {
            fail(result, step);
        } else if (stopped()) {
            fail(-stopErrno(), "write");
        } else {
            write();
        }
    }

    // ---- its content

    private void write() throws Exception {
        if (!more()) {
            return;
        }
        int bytes = Math.min(content.length - written, WriteFile.CHUNK_BYTES);
        if (bytes > 0 && (chunk == null || chunk.size() < bytes)) {
            release();
            chunk = core.tryAllocate(bytes);
            if (chunk == null) {
                fail(-ErrnoCode.ENOMEM, "write");
                return;
            }
        }
        Chunk memory = chunk;
        writeResult = 0;
        Slot write = null;
        if (memory != null && bytes > 0) {
            Memory.copy(content, written, memory.address(), bytes);
            write = core.slot(Op.WRITE, this);
            write.fd = file;
            write.address = memory.address();
            write.length = bytes;
            write.offset = before + written;
        }
        boolean last = source == null && written + bytes == content.length;
        if (write != null && !last) {
            submit(write);
        } else {
            chain(write);
        }
    }

    /** Asks for the next chunk when the one before is written; false when there was an error. */
    private boolean more() throws Exception {
        if (source == null || written < content.length) {
            return true;
        }
        before += written;
        written = 0;
        content = NOTHING;
        try {
            byte[] next = source.next();
            content = next == null ? NOTHING : next;
            return true;
        } catch (ReactorException err) {
            fail(err);
            return false;
        }
    }

    private void chain(@Nullable Slot write) {
        Slot rename = core.slot(Op.RENAMEAT, this);
        rename.fd = folder;
        rename.length = folder;
        Path name = Objects.requireNonNull(target.getFileName()); // only / has none: a directory
        NativePath.put(core, rename, Path.of(temp), name);
        Slot first = rename;
        pending = 1;
        if (options.flush()) {
            first = core.slot(Op.FSYNC, this);
            first.fd = file;
            first.linked = rename;
            rename.linked = core.slot(Op.FSYNC, this);
            rename.linked.fd = folder;
            sync = first;
            pending = 3;
        }
        if (write == null) {
            core.submit(first);
        } else {
            write.linked = first;
            slot = write;
            pending++;
            core.submit(write);
        }
    }

    private void chained(Slot completed, int result) throws Exception {
        if (completed.op() == Op.WRITE) {
            writeResult = result == 0 ? -ErrnoCode.EIO : result; // going on would never end
        } else if (completed.op() == Op.RENAMEAT) {
            renamed = true;
            renameResult = result;
        } else if (completed.fd == folder) {
            folderResult = result;
        } else {
            syncResult = result;
        }
        if (pending == 0) {
            judge();
        }
    }

    private void judge() throws Exception {
        written += Math.max(0, writeResult);
        if (writeResult < 0) {
            fail(writeResult, "write");
        } else if (written < content.length || !renamed) {
            next(0, "write");
        } else if (syncResult < 0) {
            fail(syncResult, "fsync");
        } else if (renameResult < 0) {
            fail(renameResult, "rename");
        } else {
            made = false;
            // Some file systems cannot sync a folder, and need not.
            boolean synced = folderResult >= 0 || folderResult == -ErrnoCode.EINVAL;
            if (synced) {
                close();
            } else {
                fail(folderResult, "fsync");
            }
        }
    }

    // ---- the end

    private void fail(int result, String step) throws Exception {
        fail(ErrnoException.file(result, step, path.toString()));
    }

    private void fail(ReactorException err) throws Exception {
        failure = err;
        if (!made) {
            close();
            return;
        }
        Slot unlink = core.slot(Op.UNLINKAT, this);
        unlink.fd = folder;
        NativePath.put(core, unlink, Path.of(temp), 0);
        submit(unlink);
    }

    private void unlinked(int result) throws Exception {
        int error = result;
        if (error == -ErrnoCode.ECANCELED) {
            // The reactor ends and refuses all but closes: nobody would remove the file later.
            long name = core.scratch();
            Memory.putCString(name, temp, Slot.SCRATCH_BYTES);
            error = (int) core.syscall(Sys.UNLINKAT, folder, name, 0);
        }
        if (error < 0 && error != -ErrnoCode.ENOENT && failure != null) {
            failure.addSuppressed(ErrnoException.file(error, "unlink", temp));
        }
        close();
    }

    private void close() throws Exception {
        release();
        pending = 0;
        for (int fd : new int[] {file, folder}) {
            if (fd >= 0) {
                pending++;
                Closes.submit(core, fd, this);
            }
        }
        if (pending == 0) {
            finish();
        }
    }

    private void release() {
        Chunk memory = chunk;
        if (memory != null) {
            chunk = null;
            memory.release();
        }
    }

    private void closed(int result) throws Exception {
        if (failure == null && Closes.isError(result)) {
            failure = ErrnoException.file(result, "close", path.toString());
        }
        if (pending == 0) {
            finish();
        }
    }

    private void finish() throws Exception {
        ended();
        callback.call(failure);
    }

    @Override
    public String toString() {
        return "writeFileAtomic " + path + " " + (before + written) + " bytes";
    }
}
