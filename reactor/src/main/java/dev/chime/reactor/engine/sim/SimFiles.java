package dev.chime.reactor.engine.sim;

import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.ErrnoCode;
import dev.chime.reactor.libc.FlockLayout;
import dev.chime.reactor.libc.IovecLayout;
import dev.chime.reactor.libc.Memory;
import dev.chime.reactor.libc.StatfsLayout;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/** The simulated machine's calls on the content of files and on open directories. */
final class SimFiles {
    private static final int FALLOC_FL_KEEP_SIZE = 1;
    private static final int FALLOC_FL_PUNCH_HOLE = 2;
    private static final int FALLOC_FL_ZERO_RANGE = 16;
    private static final int SEEK_DATA = 3;
    private static final int SEEK_HOLE = 4;

    /** Of {@code struct linux_dirent64}, getdents(2): where the name starts. */
    private static final int D_NAME = 19;

    /** The number of ext4, EXT4_SUPER_MAGIC of linux/magic.h: programs know it. */
    private static final long FILE_SYSTEM = 0xef53;

    private static final long DISK_FILES = 1L << 20;

    private final SimKernel kernel;
    private final SimWorld world;

    SimFiles(SimKernel kernel, SimWorld world) {
        this.kernel = kernel;
        this.world = world;
    }

    /** Performs an operation once; {@code most} bounds what it transfers. */
    int perform(Slot s, int most) {
        return switch (s.op()) {
            case READV -> vector(s, most, true);
            case WRITEV -> vector(s, most, false);
            case FADVISE -> kernel.file(s.fd) == null ? -ErrnoCode.EBADF : 0;
            case FTRUNCATE -> truncate(s.fd, s.offset);
            case FALLOCATE -> allocate(s.fd, s.length, s.offset, s.address);
            case GETDENTS -> list(s.fd, s.address, s.length);
            case LSEEK -> seek(s.fd, s.offset, s.length, s.address);
            case COPY_FILE_RANGE -> copy(s, most);
            case LOCK -> lock(s.fd, s.flags, s.address);
            case STATFS -> statfs(kernel.node(s.fd, s.address, true), s.offset);
            case CLONE -> -ErrnoCode.EOPNOTSUPP;
            default -> -ErrnoCode.ENOSYS; // not simulated
        };
    }

    private int vector(Slot s, int most, boolean read) {
        SimOpen file = kernel.file(s.fd);
        if (file == null) {
            return -ErrnoCode.EBADF;
        }
        int done = 0;
        for (int i = 0; i < s.length && done < most; i++) {
            long piece = s.address + (long) i * IovecLayout.SIZE;
            long length = Memory.getLong(piece + IovecLayout.IOV_LEN);
            int wanted = (int) Math.min(length, most - done);
            long address = Memory.getLong(piece + IovecLayout.IOV_BASE);
            long offset = s.offset == -1 ? -1 : s.offset + done;
            int result =
                    read ? file.read(address, wanted, offset) : file.write(address, wanted, offset);
            if (result < 0) {
                return done > 0 ? done : result;
            }
            done += result;
            if (result < wanted) {
                break;
            }
        }
        return done;
    }

    /** The regular file behind a descriptor that may be written, or a negative errno. */
    private Object writable(int fd) {
        SimOpen file = kernel.file(fd);
        if (file == null || !file.mayWrite()) {
            return file == null ? -ErrnoCode.EBADF : -ErrnoCode.EINVAL;
        }
        return file.node() instanceof SimRegular regular ? regular : -ErrnoCode.EINVAL;
    }

    /** The name of a file that is open and on the disk. */
    private SimName name(int fd) {
        SimOpen file = Objects.requireNonNull(kernel.file(fd));
        return Objects.requireNonNull(file.name());
    }

    private int truncate(int fd, long size) {
        Object found = writable(fd);
        if (!(found instanceof SimRegular file)) {
            return (Integer) found;
        }
        if (size < 0) {
            return -ErrnoCode.EINVAL;
        }
        file.setSize(size);
        file.touched(world.disk().now());
        world.disk().notices().resized(name(fd));
        return 0;
    }

    private int allocate(int fd, int mode, long offset, long bytes) {
        Object found = writable(fd);
        if (!(found instanceof SimRegular file)) {
            return (Integer) found == -ErrnoCode.EINVAL ? -ErrnoCode.EBADF : (Integer) found;
        }
        if (offset < 0 || bytes <= 0 || offset + bytes < 0) {
            return -ErrnoCode.EINVAL;
        }
        boolean keeps = (mode & FALLOC_FL_KEEP_SIZE) != 0;
        switch (mode & ~FALLOC_FL_KEEP_SIZE) {
            case 0 -> {
                if (!world.disk().space().holds(file, offset, bytes)) {
                    return -ErrnoCode.ENOSPC;
                }
                file.allocate(offset, offset + bytes);
            }
            case FALLOC_FL_PUNCH_HOLE -> {
                if (!keeps) {
                    return -ErrnoCode.EOPNOTSUPP;
                }
                file.clear(offset, Math.min(offset + bytes, file.size()));
            }
            case FALLOC_FL_ZERO_RANGE -> file.clear(offset, Math.min(offset + bytes, file.size()));
            default -> {
                return -ErrnoCode.EOPNOTSUPP;
            }
        }
        if (!keeps && offset + bytes > file.size()) {
            file.setSize(offset + bytes);
        }
        file.touched(world.disk().now());
        world.disk().notices().written(name(fd));
        return 0;
    }

    private int seek(int fd, long from, int whence, long to) {
        SimOpen file = kernel.file(fd);
        if (file == null) {
            return -ErrnoCode.EBADF;
        }
        long at;
        if (whence == SEEK_DATA || whence == SEEK_HOLE) {
            if (!(file.node() instanceof SimRegular regular)) {
                return -ErrnoCode.EINVAL;
            }
            at = from < 0 ? -1 : regular.seek(from, whence == SEEK_DATA);
            if (at < 0) {
                return -ErrnoCode.ENXIO;
            }
            file.seek(at, 0);
        } else {
            at = file.seek(from, whence);
            if (at < 0) {
                return (int) at;
            }
        }
        Memory.putLong(to, at);
        return 0;
    }

    private int copy(Slot s, int most) {
        SimOpen from = kernel.file(s.fd);
        SimOpen to = kernel.file(s.flags);
        if (from == null || to == null || !from.mayRead() || !to.mayWrite()) {
            return -ErrnoCode.EBADF;
        }
        if (!(from.node() instanceof SimRegular source)
                || !(to.node() instanceof SimRegular target)) {
            boolean directory = from.node() instanceof SimDirectory;
            return directory ? -ErrnoCode.EISDIR : -ErrnoCode.EINVAL;
        }
        int wanted = (int) Math.min(Integer.toUnsignedLong(s.length), most);
        int bytes = (int) Math.max(0, Math.min(wanted, source.size() - s.offset));
        if (source == target && s.offset < s.address + bytes && s.address < s.offset + bytes) {
            return -ErrnoCode.EINVAL;
        }
        int fits = world.disk().space().admitted(target, s.address, bytes);
        if (fits > 0) {
            source.copyTo(target, s.offset, s.address, fits);
            target.touched(world.disk().now());
            world.disk().notices().written(name(s.flags));
        }
        return fits;
    }

    /** F_OFD_SETLK, for what the struct flock says; the others are not simulated. */
    private int lock(int fd, int command, long flock) {
        SimOpen file = kernel.file(fd);
        SimNode node = file == null ? null : file.node();
        if (file == null || (file.flags & Const.O_PATH) != 0) {
            return -ErrnoCode.EBADF;
        }
        int type = Memory.getShort(flock + FlockLayout.L_TYPE);
        long start = Memory.getLong(flock + FlockLayout.L_START);
        long length = Memory.getLong(flock + FlockLayout.L_LEN);
        boolean fromStart = Memory.getShort(flock + FlockLayout.L_WHENCE) == 0;
        boolean plain = fromStart && start >= 0 && length >= 0;
        if (node == null || command != FlockLayout.F_OFD_SETLK || !plain) {
            return -ErrnoCode.EINVAL;
        }
        long end = length == 0 || start + length < 0 ? Long.MAX_VALUE : start + length;
        return switch (type) {
            case FlockLayout.F_UNLCK -> {
                node.locks.unlock(file, start, end);
                yield 0;
            }
            case FlockLayout.F_RDLCK, FlockLayout.F_WRLCK -> {
                boolean exclusive = type == FlockLayout.F_WRLCK;
                if (exclusive ? !file.mayWrite() : !file.mayRead()) {
                    yield -ErrnoCode.EBADF;
                }
                yield node.locks.lock(file, start, end, exclusive) ? 0 : -ErrnoCode.EAGAIN;
            }
            default -> -ErrnoCode.EINVAL;
        };
    }

    /** A million files, of which none is ever used up. */
    private int statfs(Object found, long to) {
        if (!(found instanceof SimNode)) {
            return (Integer) found;
        }
        Memory.fill(to, StatfsLayout.SIZE, (byte) 0);
        Memory.putLong(to + StatfsLayout.F_TYPE, FILE_SYSTEM);
        Memory.putLong(to + StatfsLayout.F_BSIZE, SimRegular.PAGE);
        Memory.putLong(to + StatfsLayout.F_FRSIZE, SimRegular.PAGE);
        SimSpace space = world.disk().space();
        long free = space.free() / SimRegular.PAGE;
        Memory.putLong(to + StatfsLayout.F_BLOCKS, space.capacity() / SimRegular.PAGE);
        Memory.putLong(to + StatfsLayout.F_BFREE, free);
        Memory.putLong(to + StatfsLayout.F_BAVAIL, free);
        Memory.putLong(to + StatfsLayout.F_FILES, DISK_FILES);
        Memory.putLong(to + StatfsLayout.F_FFREE, DISK_FILES);
        return 0;
    }

    private int list(int fd, long address, int length) {
        SimOpen file = kernel.file(fd);
        if (file == null) {
            return -ErrnoCode.EBADF;
        }
        if (!(file instanceof SimOpenFile open) || !(file.node() instanceof SimDirectory from)) {
            return -ErrnoCode.ENOTDIR;
        }
        int written = 0;
        for (String name = open.nextName(); name != null; name = open.nextName()) {
            SimNode node =
                    switch (name) {
                        case "." -> from;
                        case ".." -> from.parent;
                        default -> from.entries.get(name);
                    };
            byte[] bytes = name.getBytes(StandardCharsets.ISO_8859_1);
            int record = D_NAME + bytes.length + 1 + 7 & ~7;
            if (written + record > length) {
                return written == 0 ? -ErrnoCode.EINVAL : written;
            }
            long at = address + written;
            Memory.fill(at, record, (byte) 0);
            Memory.putLong(at, node == null ? 0 : node.inode);
            Memory.putLong(at + 8, written + 1);
            Memory.putShort(at + 16, (short) record);
            Memory.putByte(at + 18, (byte) (node == null ? 0 : (node.mode & Const.S_IFMT) >> 12));
            Memory.copy(bytes, 0, at + D_NAME, bytes.length);
            written += record;
            open.passed(name);
        }
        return written;
    }
}
