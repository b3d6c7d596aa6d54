package dev.chime.reactor.engine.sim;

import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.ErrnoCode;
import dev.chime.reactor.libc.Memory;
import dev.chime.reactor.libc.TimespecLayout;
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
            case FACCESSAT -> access(kernel.named(s.fd, s.address, true), s.length);
            case FCHMODAT -> changeMode(kernel.named(s.fd, s.address, true), s.length);
            case FCHOWNAT -> changeOwner(kernel.named(s.fd, s.address, follows(s)), s);
            case UTIMENSAT -> changeTimes(kernel.named(s.fd, s.address, follows(s)), s.offset);
            case SETXATTR -> set(kernel.named(Const.AT_FDCWD, s.address3, true), s);
            case FSETXATTR -> set(kernel.named(s.fd, 0, true), s);
            case GETXATTR -> get(kernel.named(Const.AT_FDCWD, s.address3, true), s);
            case FGETXATTR -> get(kernel.named(s.fd, 0, true), s);
            case LISTXATTR -> list(kernel.named(s.fd, s.address, true), s.offset, s.length);
            case REMOVEXATTR -> remove(kernel.named(s.fd, s.address3, true), s.address);
            default -> throw new AssertionError(s);
        };
    }

    private static boolean follows(Slot s) {
        return (s.flags & Const.AT_SYMLINK_NOFOLLOW) == 0;
    }

    private static int access(Object found, int mode) {
        if (!(found instanceof SimName of)) {
            return (Integer) found;
        }
        if ((mode & ~7) != 0) {
            return -ErrnoCode.EINVAL;
        }
        boolean runs = of.node instanceof SimDirectory || (of.node.mode & 0111) != 0;
        return (mode & X_OK) != 0 && !runs ? -ErrnoCode.EACCES : 0;
    }

    private int changeMode(Object found, int mode) {
        if (!(found instanceof SimName of)) {
            return (Integer) found;
        }
        of.node.mode = (of.node.mode & Const.S_IFMT) | (mode & 07777);
        return changed(of);
    }

    private int changeOwner(Object found, Slot s) {
        if (!(found instanceof SimName of)) {
            return (Integer) found;
        }
        boolean keepsGroup = (int) s.offset == KEEP;
        of.node.uid = s.length == KEEP ? of.node.uid : s.length;
        of.node.gid = keepsGroup ? of.node.gid : (int) s.offset;
        of.node.changed(world.disk().now());
        return s.length == KEEP && keepsGroup ? 0 : changed(of);
    }

    private int changed(SimName of) {
        of.node.changed(world.disk().now());
        world.disk().notices().attributes(of);
        return 0;
    }

    private int changeTimes(Object found, long timespecs) {
        if (!(found instanceof SimName of)) {
            return (Integer) found;
        }
        of.node.setTimes(timespecs, world.disk().now());
        boolean read = timespecs == 0 || SimNode.sets(timespecs);
        boolean written = timespecs == 0 || SimNode.sets(timespecs + TimespecLayout.SIZE);
        if (read && written) {
            world.disk().notices().attributes(of);
        } else if (written) {
            world.disk().notices().resized(of); // as notify_change() of Linux has it
        }
        return 0;
    }

    private int set(Object found, Slot s) {
        if (!(found instanceof SimName of)) {
            return (Integer) found;
        }
        String name = SimKernel.path(s.address);
        if (name == null || name.indexOf('.') < 0) {
            return name == null ? -ErrnoCode.ERANGE : -ErrnoCode.EOPNOTSUPP;
        }
        SimNode node = of.node;
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
        return changed(of);
    }

    private static int get(Object found, Slot s) {
        if (!(found instanceof SimName of)) {
            return (Integer) found;
        }
        String name = SimKernel.path(s.address);
        byte[] value = name == null ? null : of.node.attributes.get(name);
        return value == null ? -ErrnoCode.ENODATA : give(value, s.offset, s.length);
    }

    private static int list(Object found, long to, int room) {
        if (!(found instanceof SimName of)) {
            return (Integer) found;
        }
        ByteArrayOutputStream names = new ByteArrayOutputStream();
        for (String name : of.node.attributes.keySet()) {
            names.writeBytes(name.getBytes(StandardCharsets.ISO_8859_1));
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
        if (!(found instanceof SimName of)) {
            return (Integer) found;
        }
        String name = SimKernel.path(nameAt);
        if (name == null || of.node.attributes.remove(name) == null) {
            return -ErrnoCode.ENODATA;
        }
        return changed(of);
    }
}
