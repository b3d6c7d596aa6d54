package dev.chime.fs;

import dev.chime.reactor.Callback;
import dev.chime.reactor.Done;
import dev.chime.reactor.Operation;
import dev.chime.reactor.internal.Core;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The calls of a {@link FileHandle} on what surrounds its bytes: size, attributes, space, advice.
 * Loop thread only.
 *
 * <p>A class of its own because all of {@code FileHandle} is more than one file should hold.
 */
abstract sealed class HandleAttributes permits FileHandle {
    final Core core;

    HandleAttributes(Core core) {
        this.core = core;
    }

    // ---- attributes

    /** Cuts the file off, or fills it up with zeros, to {@code size} bytes. */
    public Operation truncate(long size, Done callback) {
        core.checkThread("FileHandle.truncate");
        Arguments.size(size);
        return HandleCall.TRUNCATE.on(self(), 0, size, 0, 0, callback);
    }

    /** Sets the permission bits. */
    public Operation chmod(int mode, Done callback) {
        core.checkThread("FileHandle.chmod");
        Arguments.mode(mode);
        return HandleCall.CHMOD.on(self(), mode, 0, 0, 0, callback);
    }

    /** Sets owner and group by number; -1 leaves one as it is. */
    public Operation chown(int uid, int gid, Done callback) {
        core.checkThread("FileHandle.chown");
        return HandleCall.CHOWN.on(self(), uid, gid, 0, 0, callback);
    }

    /** Sets when the file was last read and changed; null leaves a time alone. */
    public Operation utimes(@Nullable Instant atime, @Nullable Instant mtime, Done callback) {
        core.checkThread("FileHandle.utimes");
        return HandleCall.utimes(self(), atime, mtime, callback);
    }

    /** Asks for the file system that holds the file. */
    public Operation statfs(Callback<StatFs> callback) {
        core.checkThread("FileHandle.statfs");
        Arguments.callback(callback);
        return StatFs.of(self(), callback);
    }

    /** The file's extended attributes. */
    public Xattrs xattrs() {
        core.checkThread("FileHandle.xattrs");
        return new Xattrs(self());
    }

    // ---- space, advice

    /** Takes space for a range, so that writes there cannot fail for want of it: ENOSPC now. */
    public Operation allocate(long start, long length, Done callback) {
        return allocate(AllocateMode.EXTEND, start, length, callback);
    }

    /** Does to a range what {@code mode} says; ENOTSUP where the file system cannot. */
    public Operation allocate(AllocateMode mode, long start, long length, Done callback) {
        core.checkThread("FileHandle.allocate");
        Arguments.notNull(mode, "mode");
        Arguments.range(start, length);
        return HandleCall.ALLOCATE.on(self(), mode.bits, start, length, 0, callback);
    }

    /** Says what will be done with a range, 0 being a length up to the end of the file. */
    public Operation advise(Advice advice, long start, long length, Done callback) {
        core.checkThread("FileHandle.advise");
        Arguments.notNull(advice, "advice");
        Arguments.range(start, length);
        return HandleCall.advise(self(), advice, start, length, callback);
    }

    final Core core() {
        return core;
    }

    private FileHandle self() {
        return (FileHandle) this; // nobody else is permitted
    }
}
