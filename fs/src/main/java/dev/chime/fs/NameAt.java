package dev.chime.fs;

import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.libc.Const;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A file as the *at calls name it: by a path that the user gave, or by its name in a directory that
 * is open, where no exchange of a directory above leads elsewhere.
 */
final class NameAt {
    private final int fd;
    private final byte @Nullable [] name;
    private final Path path;

    private NameAt(int fd, byte @Nullable [] name, Path path) {
        this.fd = fd;
        this.name = name;
        this.path = path;
    }

    static NameAt of(Path path) {
        return new NameAt(Const.AT_FDCWD, null, path);
    }

    /** A name below an open directory; the path is for errors. */
    static NameAt below(int fd, byte[] name, Path path) {
        return new NameAt(fd, name, path);
    }

    int fd() {
        return fd;
    }

    Path path() {
        return path;
    }

    /** Sets the slot's descriptor and address; see {@link NativePath#put}. */
    void put(Core core, Slot slot, int at) {
        byte[] own = name;
        slot.fd = fd;
        if (own == null) {
            NativePath.put(core, slot, path, at);
        } else {
            NativePath.put(core, slot, own, at);
        }
    }

    /** Sets the slot's descriptor, and names a link to be made there to {@code target}. */
    void putLink(Core core, Slot slot, byte[] target) {
        byte[] own = name;
        slot.fd = fd;
        NativePath.put(core, slot, target, own == null ? NativePath.bytes(path) : own);
    }

    @Override
    public String toString() {
        return path.toString();
    }
}
