package dev.chime.fs;

import dev.chime.reactor.Callback;
import dev.chime.reactor.Done;
import dev.chime.reactor.Operation;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.internal.Core;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The extended attributes of a file, by path ({@link Fs#xattrs}) or open ({@link
 * FileHandle#xattrs}): bytes by name (xattr(7)). Loop thread only.
 *
 * <p>Names bear a namespace: a program without privileges has {@code user.}, on regular files and
 * directories. A path that names a symbolic link stands for its target. Errors beside those of the
 * path: ENODATA when there is no attribute of the name, ENOTSUP when the file system or the
 * namespace has none, ERANGE for a name of more than 255 bytes, E2BIG for a value of more than 64
 * KiB, ENOSPC, EPERM.
 */
public final class Xattrs {
    private final Core core;
    private final @Nullable Path path;
    private final @Nullable FileHandle handle;

    Xattrs(Core core, Path path) {
        this.core = core;
        this.path = path;
        handle = null;
    }

    Xattrs(FileHandle handle) {
        core = handle.core();
        path = null;
        this.handle = handle;
    }

    /** Reads an attribute, whatever its length. */
    public Operation get(String name, Callback<byte[]> callback) {
        core.checkThread("Xattrs.get");
        check(name, callback);
        Op op = handle == null ? Op.GETXATTR : Op.FGETXATTR;
        return new XattrRead(core, path, handle, op, name, callback).start();
    }

    /** Sets an attribute, which may exist or not. The array must not change before the callback. */
    public Operation set(String name, byte[] value, Done callback) {
        return set(name, value, null, callback);
    }

    /** Sets an attribute only if it does not exist, or only if it does. */
    public Operation set(String name, byte[] value, @Nullable XattrFlag flag, Done callback) {
        core.checkThread("Xattrs.set");
        check(name, callback);
        Arguments.notNull(value, "value");
        int flags = flag == null ? 0 : flag.bits;
        return XattrWrite.set(core, path, handle, name, value, flags, callback);
    }

    /** Lists the names that the program may see, in the file system's order. */
    public Operation list(Callback<List<String>> callback) {
        core.checkThread("Xattrs.list");
        Arguments.callback(callback);
        return new XattrRead(core, path, handle, Op.LISTXATTR, "", callback).start();
    }

    /** Removes an attribute. */
    public Operation remove(String name, Done callback) {
        core.checkThread("Xattrs.remove");
        check(name, callback);
        return XattrWrite.remove(core, path, handle, name, callback);
    }

    private static void check(String name, Object callback) {
        Arguments.notNull(name, "name");
        if (name.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("name contains a NUL character");
        }
        Arguments.callback(callback);
    }
}
