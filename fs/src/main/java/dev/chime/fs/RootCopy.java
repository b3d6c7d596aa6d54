package dev.chime.fs;

import dev.chime.reactor.Done;
import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.Operation;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.ErrnoCode;
import dev.chime.reactor.libc.StatxLayout;
import dev.chime.reactor.libc.Sys;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Copies a file below a {@link Root}: both are opened beneath it, without waiting for the other end
 * of a FIFO, looked at by their descriptors, and these are what is copied. A destination that could
 * not be completed is removed by its name in its folder, if it still stands for the same file.
 */
final class RootCopy extends Beneath {
    private enum Stage {
        SOURCE,
        FOLDER,
        NEW,
        OLD,
        COPY,
        REMOVE
    }

    private final Path source;
    private final Path dest;
    private final CopyOptions options;
    private final Done callback;
    private Stage stage = Stage.SOURCE;
    private int in = -1;
    private int out = -1;
    private @Nullable Facts from;
    private @Nullable Facts to;
    private @Nullable ReactorException failure;

    private RootCopy(Root root, Path source, Path dest, CopyOptions options, Done callback) {
        super(root, "copyfile");
        this.source = source;
        this.dest = dest;
        this.options = options;
        this.callback = callback;
    }

    static Operation of(Root root, Path source, Path dest, CopyOptions options, Done callback) {
        return new RootCopy(root, source, dest, options, callback).start();
    }

    @Override
    void begin() {
        open(source, Const.O_RDONLY | Const.O_NONBLOCK, 0);
    }

    @Override
    void opened(int fd) throws Exception {
        switch (stage) {
            case SOURCE -> {
                in = fd;
                look(in);
            }
            case FOLDER -> {
                folder = fd;
                stage = Stage.NEW;
                openDest(Const.O_EXCL);
            }
            default -> {
                out = fd;
                look(out);
            }
        }
    }

    @Override
    boolean mustEnd() {
        return stage == Stage.NEW || stage == Stage.REMOVE;
    }

    private void openDest(int flags) {
        int mode = from == null ? 0 : from.permissions();
        open(dest, Const.O_WRONLY | Const.O_CREAT | Const.O_NONBLOCK | flags, mode);
    }

    private void look(int fd) {
        Slot stat = core.slot(Op.STATX, this);
        StatCall.encode(stat, fd);
        submit(stat);
    }

    @Override
    void refused(Slot completed, int result) throws Exception {
        boolean exists = stage == Stage.NEW && result == -ErrnoCode.EEXIST;
        if (stage == Stage.REMOVE) {
            finish(); // it is gone, or stays
        } else if (exists && !options.exclusive() && !stopped()) {
            stage = Stage.OLD;
            openDest(0);
        } else if (stage == Stage.OLD && result == -ErrnoCode.ENXIO) {
            fail(-ErrnoCode.EINVAL); // a FIFO that nobody reads, or a socket
        } else {
            fail(exists && stopped() ? -stopErrno() : result);
        }
    }

    @Override
    void done(Slot completed, int result) throws Exception {
        if (stage == Stage.REMOVE) {
            removing(completed);
            return;
        }
        Facts facts = Facts.at(completed.scratch);
        int refusal = FileCopy.refusal(facts);
        if (stopped() && stage == Stage.SOURCE) {
            fail(-stopErrno());
        } else if (stage == Stage.SOURCE && refusal < 0) {
            fail(refusal);
        } else if (stage == Stage.SOURCE) {
            from = facts;
            stage = Stage.FOLDER;
            openFolder(dest);
        } else {
            destination(facts, refusal);
        }
    }

    private void destination(Facts facts, int refusal) throws Exception {
        Facts known = from;
        if (known == null || refusal < 0 || facts.isSameFile(known)) {
            fail(refusal < 0 ? refusal : -ErrnoCode.EINVAL);
            return;
        }
        to = facts;
        boolean created = stage == Stage.NEW;
        if (stopped() && created) {
            failure = error(-stopErrno());
            remove();
            return;
        }
        if (stopped()) {
            fail(-stopErrno());
            return;
        }
        stage = Stage.COPY;
        CopyFile copy = new CopyFile(core, source, dest, options, this::copied);
        int read = in;
        int written = out;
        in = -1;
        out = -1;
        for (int fd : new int[] {read, written}) {
            core.syscall(Sys.FCNTL, fd, Const.F_SETFL, 0); // devices are waited for
        }
        under(copy.start(read, known, written, facts, created));
    }

    private void copied(@Nullable ReactorException err) throws Exception {
        under(null);
        failure = told(err);
        if (err == null) {
            finish();
        } else {
            remove();
        }
    }

    private void remove() throws Exception {
        stage = Stage.REMOVE;
        if (to == null || !to.isRegular() || isNoName(dest)) {
            finish();
            return;
        }
        Slot stat = core.slot(Op.STATX, this);
        stat.fd = folder;
        stat.flags = Const.AT_SYMLINK_NOFOLLOW;
        stat.length = StatxLayout.STATX_BASIC_STATS;
        stat.offset = stat.scratch;
        NativePath.put(core, stat, dest.getFileName(), StatxLayout.SIZE);
        submit(stat);
    }

    private void removing(Slot completed) throws Exception {
        Facts incomplete = to;
        boolean looked = completed.op() == Op.STATX;
        if (!looked || incomplete == null || !Facts.at(completed.scratch).isSameFile(incomplete)) {
            finish();
            return;
        }
        Slot unlink = core.slot(Op.UNLINKAT, this);
        unlink.fd = folder;
        NativePath.put(core, unlink, dest.getFileName(), 0);
        submit(unlink);
    }

    private void finish() throws Exception {
        end();
        callback.call(failure);
    }

    @Override
    void end() {
        in = closed(in);
        out = closed(out);
        super.end();
    }

    @Override
    ErrnoException error(int result) {
        return ErrnoException.file(result, step(), source.toString(), dest.toString());
    }

    @Override
    Path path() {
        return stage == Stage.SOURCE ? source : dest;
    }

    @Override
    void failed(ReactorException err) throws Exception {
        callback.call(err);
    }
}
