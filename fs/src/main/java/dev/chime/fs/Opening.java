package dev.chime.fs;

import dev.chime.reactor.Callback;
import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.Operation;
import dev.chime.reactor.engine.Completion;
import dev.chime.reactor.engine.Fd;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.libc.Const;
import java.nio.file.Path;
import java.util.Objects;

/** Opens files and directories for the user to hold. */
final class Opening<T> implements Completion {
    /** Makes what the user holds of an open descriptor. */
    private interface Holder<T> {
        T of(Fd fd, Path path, int flags);
    }

    private final Core core;
    private final String syscall;
    private final Holder<T> holder;

    private Opening(Core core, String syscall, Holder<T> holder) {
        this.core = core;
        this.syscall = syscall;
        this.holder = holder;
    }

    static Operation file(Core core, Path path, int bits, int mode, Callback<FileHandle> callback) {
        return new Opening<>(core, "open", (fd, of, flags) -> new FileHandle(core, fd, of, flags))
                .start(path, bits, mode, callback);
    }

    static Operation directory(
            Core core, Path path, OpendirOptions options, Callback<Dir> callback) {
        return new Opening<>(core, "opendir", (fd, of, flags) -> new Dir(core, fd, of, options))
                .start(path, Listing.OPEN_NAMED, 0, callback);
    }

    private Operation start(Path path, int bits, int mode, Callback<T> callback) {
        Slot open = core.slot(Op.OPENAT, this);
        fill(open, bits, mode);
        NativePath.put(core, open, path, 0);
        open.context = path;
        open.callback = callback;
        core.submit(open);
        return core.operation(open);
    }

    /** Fills in all of an open but the path. */
    static void fill(Slot open, int bits, int mode) {
        open.fd = Const.AT_FDCWD;
        open.flags = bits | Const.O_CLOEXEC;
        // The kernel refuses a mode where nothing is created.
        open.length = (bits & Const.O_CREAT) != 0 ? mode : 0;
    }

    @Override
    public void complete(Slot slot, int result, boolean more) throws Exception {
        NativePath.release(slot);
        Path path = (Path) Objects.requireNonNull(slot.context);
        Callback<T> callback = Arguments.callbackOf(slot);
        if (result < 0) {
            callback.call(ErrnoException.file(result, syscall, path.toString()), Arguments.none());
            return;
        }
        callback.call(null, holder.of(core.adopt(result, Fd.Kind.FILE), path, slot.flags));
    }
}
