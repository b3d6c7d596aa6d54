package dev.chime.fs;

import dev.chime.reactor.Callback;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.libc.Const;
import java.nio.file.Path;

/** Asks for the metadata of what a path below a {@link Root} leads to. */
final class RootStat extends Beneath {
    private final Path path;
    private final boolean follow;
    private final Callback<Stats> callback;
    private int fd = -1;

    RootStat(Root root, Path path, boolean follow, Callback<Stats> callback) {
        super(root, follow ? "stat" : "lstat");
        this.path = path;
        this.follow = follow;
        this.callback = callback;
    }

    @Override
    void begin() {
        open(path, Const.O_PATH | (follow ? 0 : Const.O_NOFOLLOW), 0);
    }

    @Override
    void opened(int opened) {
        fd = opened;
        Slot stat = core.slot(Op.STATX, this);
        StatCall.encode(stat, opened);
        submit(stat);
    }

    @Override
    void done(Slot completed, int result) throws Exception {
        Stats stats = new Stats(completed.scratch);
        end();
        callback.call(null, stats);
    }

    @Override
    void end() {
        if (fd >= 0) {
            Closes.forget(core, fd);
            fd = -1;
        }
        super.end();
    }

    @Override
    void failed(ReactorException err) throws Exception {
        callback.call(err, Arguments.none());
    }
}
