package dev.chime.reactor.engine.sim;

import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.ErrnoCode;
import org.jspecify.annotations.Nullable;

/** An open regular file or directory. */
final class SimOpenFile extends SimOpen {
    private static final int POLLIN = 1;
    private static final int POLLOUT = 4;
    static final int SEEK_CUR = 1;
    private static final int SEEK_END = 2;

    private final SimDisk disk;
    private final SimName name;
    private final SimNode node;
    private long position;
    private String listed = "";

    SimOpenFile(SimDisk disk, SimName name, int flags) {
        super(flags);
        this.disk = disk;
        this.name = name;
        node = name.node;
        node.opened++;
    }

    @Override
    SimName name() {
        return name;
    }

    @Override
    int read(long address, int length, long offset) {
        if (!mayRead()) {
            return -ErrnoCode.EBADF;
        }
        if (offset < -1) {
            return -ErrnoCode.EINVAL;
        }
        if (node instanceof SimDevice device) {
            return device.read(address, clip(length));
        }
        if (!(node instanceof SimRegular file)) {
            return -ErrnoCode.EISDIR;
        }
        int count = file.read(offset == -1 ? position : offset, address, clip(length));
        if (offset == -1) {
            position += count;
        }
        file.read(disk.now());
        return count;
    }

    @Override
    int write(long address, int length, long offset) {
        if (!mayWrite()) {
            return -ErrnoCode.EBADF;
        }
        if (offset < -1) {
            return -ErrnoCode.EINVAL;
        }
        if (!(node instanceof SimRegular file)) {
            return clip(length); // a device takes everything
        }
        long at = offset == -1 ? position : offset;
        if ((flags & Const.O_APPEND) != 0) {
            at = file.size();
        }
        if (length != 0 && at + clip(length) < 0) {
            return -ErrnoCode.EFBIG;
        }
        int count = disk.space().admitted(file, at, clip(length));
        if (count < 0) {
            return count;
        }
        file.write(at, address, count);
        file.touched(disk.now());
        if ((flags & Const.O_DSYNC) != 0) {
            file.sync();
        }
        if (offset == -1) {
            position = at + count;
        }
        if (count > 0) {
            disk.notices().written(name);
        }
        return count;
    }

    private static int clip(int length) {
        return (int) Math.min(Integer.toUnsignedLong(length), Const.MAX_RW_COUNT);
    }

    @Override
    int events() {
        return POLLIN | POLLOUT;
    }

    @Override
    int sync() {
        switch (node) {
            case SimRegular file -> file.sync();
            case SimDirectory directory -> directory.sync();
            default -> {
                return -ErrnoCode.EINVAL;
            }
        }
        return 0;
    }

    @Override
    void syncFailed() {
        if (node instanceof SimRegular file) {
            file.syncFailed();
        }
    }

    @Override
    long seek(long offset, int whence) {
        long base =
                switch (whence) {
                    case SEEK_CUR -> position;
                    case SEEK_END -> node.size();
                    default -> 0;
                };
        if (base + offset < 0) {
            return -ErrnoCode.EINVAL;
        }
        position = base + offset;
        listed = base + offset == 0 ? "" : listed;
        return position;
    }

    /** The next name of a directory, those of itself and its parent first; null at the end. */
    @Nullable String nextName() {
        if (!(node instanceof SimDirectory directory) || directory.removed) {
            return null;
        }
        return switch (listed) {
            case "" -> ".";
            case "." -> "..";
            case ".." -> directory.entries.isEmpty() ? null : directory.entries.firstKey();
            default -> directory.entries.higherKey(listed);
        };
    }

    /** The name has been told. */
    void passed(String name) {
        listed = name;
    }

    @Override
    void close() {
        node.locks.release(this);
        if (mayWrite()) {
            disk.notices().closed(name);
        }
        if (--node.opened == 0) {
            disk.notices().released(node);
        }
    }
}
