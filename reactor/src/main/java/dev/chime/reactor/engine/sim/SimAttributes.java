package dev.chime.reactor.engine.sim;

import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.ErrnoCode;
import dev.chime.reactor.libc.Memory;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** The simulated machine's calls on mode, owner, times and extended attributes: as its root. */
final class SimAttributes {
    private static final int XATTR_CREATE = 1;
    private static final int XATTR_REPLACE = 2;
    private static final int X_OK = 1;
    private static final int KEEP = -1;

    private final SimKernel kernel;
    private final SimWorld world;

    SimAttributes(SimKernel kernel, SimWorld world) {
        this.kernel = kernel;
        this.world = world;
    }

    int perform(Slot s) {
        return switch (s.op()) {
            case FACCESSAT -> access(kernel.node(s.fd, s.address, true), s.length);
            case FCHMODAT -> changeMode(kernel.node(s.fd, s.address, true), s.length);
            case FCHOWNAT -> changeOwner(kernel.node(s.fd, s.address, follows(s)), s);
            case UTIMENSAT -> changeTimes(kernel.node(s.fd, s.address, follows(s)), s.offset);
            case SETXATTR -> set(kernel.node(Const.AT_FDCWD, s.address3, true), s);
            case FSETXATTR -> set(kernel.node(s.fd, 0, true), s);
            case GETXATTR -> get(kernel.node(Const.AT_FDCWD, s.address3, true), s);
            case FGETXATTR -> get(kernel.node(s.fd, 0, true), s);
            case LISTXATTR -> list(kernel.node(s.fd, s.address, true), s.offset, s.length);
            case REMOVEXATTR -> remove(kernel.node(s.fd, s.address3, true), s.address);
            default -> throw new AssertionError(s);
        };
    }

    private static boolean follows(Slot s) {
        return (s.flags & Const.AT_SYMLINK_NOFOLLOW) == 0;
    }

    private static int access(Object found, int mode) {
        if (!(found instanceof SimNode node)) {
            return (Integer) found;
        }
        if ((mode & ~7) != 0) {
            return -ErrnoCode.EINVAL;
        }
        boolean runs = node instanceof SimDirectory || (node.mode & 0111) != 0;
        return (mode & X_OK) != 0 && !runs ? -ErrnoCode.EACCES : 0;
    }

    private int changeMode(Object found, int mode) {
        if (!(found instanceof SimNode node)) {
            return (Integer) found;
        }
        node.mode = (node.mode & Const.S_IFMT) | (mode & 07777);
        node.changed(world.disk().now());
        return 0;
    }

    private int changeOwner(Object found, Slot s) {
        if (!(found instanceof SimNode node)) {
            return (Integer) found;
        }
        node.uid = s.length == KEEP ? node.uid : s.length;
        node.gid = (int) s.offset == KEEP ? node.gid : (int) s.offset;
        node.changed(world.disk().now());
        return 0;
    }

    private int changeTimes(Object found, long timespecs) {
        if (!(found instanceof SimNode node)) {
            return (Integer) found;
        }
        node.setTimes(timespecs, world.disk().now());
        return 0;
    }

    private int set(Object found, Slot s) {
        if (!(found instanceof SimNode node)) {
            return (Integer) found;
        }
        String name = SimKernel.path(s.address);
        if (name == null || name.indexOf('.') < 0) {
            return name == null ? -ErrnoCode.ERANGE : -ErrnoCode.EOPNOTSUPP;
        }
        boolean there = node.attributes.containsKey(name);
        if (there && (s.flags & XATTR_CREATE) != 0) {
            return -ErrnoCode.EEXIST;
        }
        if (!there && (s.flags & XATTR_REPLACE) != 0) {
            return -ErrnoCode.ENODATA;
        }
        byte[] value = new byte[s.length];
        Memory.copy(s.offset, value, 0, value.length);
        node.attributes.put(name, value);
        node.changed(world.disk().now());
        return 0;
    }

    private static int get(Object found, Slot s) {
        if (!(found instanceof SimNode node)) {
            return (Integer) found;
        }
        String name = SimKernel.path(s.address);
        byte[] value = name == null ? null : node.attributes.get(name);
        return value == null ? -ErrnoCode.ENODATA : give(value, s.offset, s.length);
    }

    private static int list(Object found, long to, int room) {
        if (!(found instanceof SimNode node)) {
            return (Integer) found;
        }
        ByteArrayOutputStream names = new ByteArrayOutputStream();
        for (String name : node.attributes.keySet()) {
            names.writeBytes(name.getBytes(StandardCharsets.UTF_8));
            names.write(0);
        }
        return give(names.toByteArray(), to, room);
    }

    /** A room of 0 asks for the size alone. */
    private static int give(byte[] value, long to, int room) {
        if (room != 0 && value.length > room) {
            return -ErrnoCode.ERANGE;
        }
        if (room != 0) {
            Memory.copy(value, 0, to, value.length);
        }
        return value.length;
    }

    private int remove(Object found, long nameAt) {
        if (!(found instanceof SimNode node)) {
            return (Integer) found;
        }
        String name = SimKernel.path(nameAt);
        if (name == null || node.attributes.remove(name) == null) {
            return -ErrnoCode.ENODATA;
        }
        node.changed(world.disk().now());
        return 0;
    }
}
