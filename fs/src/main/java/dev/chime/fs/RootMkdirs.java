package dev.chime.fs;

import dev.chime.reactor.Callback;
import dev.chime.reactor.Operation;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.ErrnoCode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Makes a folder below a {@link Root}, and those above it that are missing: each by its name in the
 * folder above, which is opened beneath the root. It goes up from the last name until there is a
 * folder, then down.
 */
final class RootMkdirs extends Beneath {
    /** Somebody may remove folders while we make them; how often we go up again. */
    private static final int MAX_SETBACKS = 100;

    private final Path path;
    private final MkdirOptions options;
    private final Callback<@Nullable Path> callback;

    /** The path and those above it, the shortest first. */
    private final List<Path> paths = new ArrayList<>();

    private int at;

    /** Why the folder at hand was not made: what is there is being looked at. */
    private int refusal;

    private int setbacks;
    private boolean descends;
    private @Nullable Path first;

    private RootMkdirs(
            Root root, Path path, MkdirOptions options, Callback<@Nullable Path> callback) {
        super(root, "mkdir");
        this.path = path;
        this.options = options;
        this.callback = callback;
        for (Path each = path; each != null; each = each.getParent()) {
            paths.addFirst(each);
        }
        at = paths.size() - 1;
    }

    static Operation of(
            Root root, Path path, MkdirOptions options, Callback<@Nullable Path> callback) {
        return new RootMkdirs(root, path, options, callback).start();
    }

    @Override
    void begin() {
        if (path.isAbsolute() || path.toString().isEmpty()) {
            look(-ErrnoCode.EEXIST); // outside, or the root itself
        } else {
            openFolder(paths.get(at));
        }
    }

    private void look(int reason) {
        refusal = reason;
        open(paths.get(at), Const.O_PATH | Const.O_DIRECTORY, 0);
    }

    @Override
    void opened(int fd) throws Exception {
        if (refusal < 0) {
            closed(fd);
            refusal = 0;
            descend();
            return;
        }
        folder = fd;
        Slot make = core.slot(Op.MKDIRAT, this);
        make.fd = folder;
        make.length = options.mode();
        NativePath.put(core, make, Objects.requireNonNull(paths.get(at).getFileName()), 0);
        submit(make);
    }

    @Override
    void done(Slot completed, int result) throws Exception {
        folder = closed(folder);
        if (first == null) {
            first = paths.get(at);
        }
        if (stopped() && at + 1 < paths.size()) {
            fail(-stopErrno());
        } else {
            descend();
        }
    }

    private void descend() throws Exception {
        descends = true;
        at++;
        if (at < paths.size()) {
            openFolder(paths.get(at));
        } else {
            end();
            callback.call(null, first);
        }
    }

    @Override
    void refused(Slot completed, int result) throws Exception {
        folder = closed(folder);
        boolean missing = result == -ErrnoCode.ENOENT && refusal == 0;
        if (stopped()) {
            fail(-stopErrno());
        } else if (missing && options.recursive() && at > 0 && setbacks < MAX_SETBACKS) {
            climb();
        } else if (completed.op() == Op.MKDIRAT && options.recursive() && !missing) {
            look(result);
        } else if (refusal == 0) {
            fail(result);
        } else {
            fail(refusal == -ErrnoCode.EEXIST ? inTheWay(result) : refusal);
        }
    }

    /** What Node says of something that is there and no directory; of a link to nothing, too. */
    private int inTheWay(int result) {
        boolean dangling = result == -ErrnoCode.ENOENT;
        if (at == paths.size() - 1) {
            return dangling ? result : refusal;
        }
        return dangling ? -ErrnoCode.ENOTDIR : result;
    }

    /** The folder above is missing. */
    private void climb() {
        if (descends) {
            descends = false;
            setbacks++;
        }
        at--;
        openFolder(paths.get(at));
    }

    /** The one at hand: errors name what could not be made, as those of {@link Mkdirs} do. */
    @Override
    Path path() {
        return paths.get(at);
    }

    @Override
    void failed(ReactorException err) throws Exception {
        callback.call(err, Arguments.none());
    }
}
