package dev.chime.reactor.engine.sim;

import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.engine.sim.SimDisk.Place;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.ErrnoCode;
import dev.chime.reactor.libc.Memory;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The simulated machine's calls that make, move and remove names. */
final class SimNames {
    private static final int RENAME_NOREPLACE = 1;
    private static final int RENAME_EXCHANGE = 2;
    private static final int AT_SYMLINK_FOLLOW = 0x400;

    private final SimKernel kernel;
    private final SimWorld world;

    SimNames(SimKernel kernel, SimWorld world) {
        this.kernel = kernel;
        this.world = world;
    }

    int perform(Slot s) {
        if (s.op() == Op.READLINKAT) {
            return read(kernel.node(s.fd, s.address, false), s.offset, s.length);
        }
        String path = SimKernel.path(s.address);
        if (s.op() == Op.SYMLINKAT) {
            String name = SimKernel.path(s.offset);
            Object at = kernel.start(s.fd, name);
            if (path == null || name == null || !(at instanceof SimDirectory from)) {
                return path == null ? -ErrnoCode.ENAMETOOLONG : (Integer) at;
            }
            return symlink(from, path, name);
        }
        Object at = kernel.start(s.fd, path);
        if (path == null || !(at instanceof SimDirectory from)) {
            return (Integer) at;
        }
        return switch (s.op()) {
            case UNLINKAT -> unlink(from, path, s.flags);
            case MKDIRAT -> makeDirectory(from, path, s.length);
            default -> second(s, from, path);
        };
    }

    /** Gives a Unix socket a name: a file, or with a NUL in front one that is no file. */
    int bind(SimSocket socket, String name) {
        if (name.startsWith("\0")) {
            return world.network().bindAbstract(socket, name);
        }
        Object at = kernel.start(Const.AT_FDCWD, name);
        if (!(at instanceof SimDirectory from)) {
            return (Integer) at;
        }
        Object found = disk().name(from, name);
        int refused = refusal(found, false);
        if (refused == 0) {
            make((Place) found, new SimSocketFile(disk().nextInode(), socket, disk().now()));
        }
        return refused == -ErrnoCode.EEXIST ? -ErrnoCode.EADDRINUSE : refused;
    }

    /** The socket that has a name, or a negative errno. */
    Object named(String name) {
        if (name.startsWith("\0")) {
            SimSocket socket = world.network().named(name);
            return socket == null ? -ErrnoCode.ECONNREFUSED : socket;
        }
        Object at = kernel.start(Const.AT_FDCWD, name);
        if (!(at instanceof SimDirectory from)) {
            return at;
        }
        Object found = disk().resolve(from, name, true, false);
        if (!(found instanceof Place place)) {
            return found;
        }
        if (place.node() == null) {
            return -ErrnoCode.ENOENT;
        }
        return place.node() instanceof SimSocketFile file ? file.socket : -ErrnoCode.ECONNREFUSED;
    }

    /** Takes the name of a file away, outside an operation. */
    int remove(int at, @Nullable String path, int flags) {
        Object start = kernel.start(at, path);
        return path != null && start instanceof SimDirectory from
                ? unlink(from, path, flags)
                : (Integer) start;
    }

    /** The calls that give a name to what has one. */
    private int second(Slot s, SimDirectory from, String path) {
        String name = SimKernel.path(s.offset);
        Object at = kernel.start(s.length, name);
        if (name == null || !(at instanceof SimDirectory to)) {
            return (Integer) at;
        }
        return s.op() == Op.LINKAT
                ? link(from, path, to, name, s.flags)
                : rename(from, path, to, name, s.flags);
    }

    private SimDisk disk() {
        return world.disk();
    }

    private static int read(Object found, long to, int room) {
        if (!(found instanceof SimLink link)) {
            return found instanceof SimNode ? -ErrnoCode.EINVAL : (Integer) found;
        }
        byte[] target = link.target.getBytes(StandardCharsets.ISO_8859_1);
        int length = Math.min(target.length, room);
        Memory.copy(target, 0, to, length);
        return length;
    }

    private int unlink(SimDirectory from, String path, int flags) {
        Object found = disk().name(from, path);
        if (!(found instanceof Place place)) {
            return (Integer) found;
        }
        SimNode node = place.node();
        if (node == null) {
            return -ErrnoCode.ENOENT;
        }
        if ((flags & Const.AT_REMOVEDIR) != 0) {
            return removeDirectory(place, node);
        }
        if (node instanceof SimDirectory) {
            return -ErrnoCode.EISDIR;
        }
        if (place.asDirectory()) {
            return -ErrnoCode.ENOTDIR;
        }
        take(place);
        disk().notices().deleted(place.directory(), place.name(), node);
        return 0;
    }

    private int removeDirectory(Place place, SimNode node) {
        if (!(node instanceof SimDirectory directory)) {
            return -ErrnoCode.ENOTDIR;
        }
        if (place.name().equals(".")) {
            return directory == disk().root() ? -ErrnoCode.EBUSY : -ErrnoCode.EINVAL;
        }
        if (!directory.entries.isEmpty() || place.name().equals("..")) {
            return -ErrnoCode.ENOTEMPTY;
        }
        take(place);
        disk().notices().deleted(place.directory(), place.name(), node);
        return 0;
    }

    /** Takes a node's name away. */
    private void take(Place place) {
        SimNode node = Objects.requireNonNull(place.directory().entries.remove(place.name()));
        node.links--;
        node.name(place.directory(), place.name()).removed = true;
        node.changed(disk().now());
        if (node instanceof SimDirectory directory) {
            directory.removed = true;
        }
        place.directory().touched(disk().now());
    }

    private int makeDirectory(SimDirectory from, String path, int mode) {
        Object found = disk().name(from, path);
        int refused = refusal(found, true);
        if (refused != 0) {
            return refused;
        }
        Place place = (Place) found;
        int bits = Const.S_IFDIR | (mode & 07777 & ~SimDisk.UMASK);
        long now = disk().now();
        SimDirectory within = place.directory();
        make(place, new SimDirectory(disk().nextInode(), bits, within, place.name(), now));
        return 0;
    }

    private int symlink(SimDirectory from, String target, String path) {
        if (target.isEmpty()) {
            return -ErrnoCode.ENOENT;
        }
        Object found = disk().name(from, path);
        int refused = refusal(found, false);
        if (refused == 0) {
            make((Place) found, new SimLink(disk().nextInode(), target, disk().now()));
        }
        return refused;
    }

    private int link(SimDirectory from, String path, SimDirectory to, String name, int flags) {
        Object found = disk().resolve(from, path, (flags & AT_SYMLINK_FOLLOW) != 0, false);
        if (!(found instanceof Place place)) {
            return (Integer) found;
        }
        SimNode node = place.node();
        if (node == null) {
            return -ErrnoCode.ENOENT;
        }
        if (place.asDirectory() && !(node instanceof SimDirectory)) {
            return -ErrnoCode.ENOTDIR;
        }
        Object free = disk().name(to, name);
        int refused = refusal(free, false);
        if (refused != 0) {
            return refused;
        }
        if (node instanceof SimDirectory) {
            return -ErrnoCode.EPERM;
        }
        node.links++;
        node.changed(disk().now());
        disk().notices().linked(node);
        make((Place) free, node);
        return 0;
    }

    /** Why nothing can be made at a place, or 0. */
    private static int refusal(Object found, boolean directory) {
        if (!(found instanceof Place place)) {
            return (Integer) found;
        }
        if (place.node() != null) {
            return -ErrnoCode.EEXIST;
        }
        boolean gone = place.directory().removed || (place.asDirectory() && !directory);
        return gone ? -ErrnoCode.ENOENT : 0;
    }

    private void make(Place place, SimNode node) {
        put(place, node);
        disk().notices().created(place.directory(), place.name(), node);
    }

    private void put(Place place, SimNode node) {
        place.directory().entries.put(place.name(), node);
        place.directory().touched(disk().now());
    }

    private int rename(SimDirectory from, String path, SimDirectory to, String name, int flags) {
        Object source = disk().name(from, path);
        if (!(source instanceof Place old)) {
            return (Integer) source;
        }
        Object target = disk().name(to, name);
        if (!(target instanceof Place place)) {
            return (Integer) target;
        }
        int refused = refusesRename(old, place, flags);
        if (refused != 0) {
            return refused;
        }
        SimNode moved = Objects.requireNonNull(old.node());
        SimNode there = place.node();
        if (moved.equals(there)) {
            return 0; // two names of one file: rename(2) leaves both
        }
        boolean exchange = (flags & RENAME_EXCHANGE) != 0;
        if (exchange) {
            move(place, old, Objects.requireNonNull(there));
        } else {
            if (there != null) {
                take(place);
            }
            old.directory().entries.remove(old.name());
            old.directory().touched(disk().now());
        }
        move(old, place, moved);
        tellMoved(old, place, moved, exchange ? null : there);
        if (exchange) {
            tellMoved(place, old, Objects.requireNonNull(there), null);
        }
        return 0;
    }

    private void tellMoved(Place from, Place to, SimNode node, @Nullable SimNode replaced) {
        disk().notices()
                .moved(from.directory(), from.name(), to.directory(), to.name(), node, replaced);
    }

    private void move(Place from, Place to, SimNode node) {
        put(to, node);
        SimName name = node.name(from.directory(), from.name());
        name.directory = to.directory();
        name.name = to.name();
        node.changed(disk().now());
        if (node instanceof SimDirectory directory && from.directory() != to.directory()) {
            directory.parent = to.directory();
        }
    }

    private static int refusesRename(Place old, Place place, int flags) {
        SimNode moved = old.node();
        SimNode there = place.node();
        boolean exchange = (flags & RENAME_EXCHANGE) != 0;
        if (exchange && (flags & RENAME_NOREPLACE) != 0) {
            return -ErrnoCode.EINVAL;
        }
        boolean keeps = (flags & RENAME_NOREPLACE) != 0;
        if (isDots(old.name()) || isDots(place.name())) {
            return keeps && !isDots(old.name()) ? -ErrnoCode.EEXIST : -ErrnoCode.EBUSY;
        }
        if (moved == null) {
            return -ErrnoCode.ENOENT;
        }
        if (there != null && keeps) {
            return -ErrnoCode.EEXIST;
        }
        if ((exchange && there == null) || place.directory().removed) {
            return -ErrnoCode.ENOENT;
        }
        if (exchange && place.asDirectory() && !(there instanceof SimDirectory)) {
            return -ErrnoCode.ENOTDIR;
        }
        boolean directory = moved instanceof SimDirectory;
        if (!directory && (old.asDirectory() || (place.asDirectory() && !exchange))) {
            return -ErrnoCode.ENOTDIR;
        }
        if (directory && isWithin(place.directory(), moved)) {
            return -ErrnoCode.EINVAL;
        }
        if (exchange) {
            return there instanceof SimDirectory && isWithin(old.directory(), there)
                    ? -ErrnoCode.EINVAL
                    : 0;
        }
        if (there instanceof SimDirectory above && isWithin(old.directory(), above)) {
            return -ErrnoCode.ENOTEMPTY;
        }
        return refusesReplacing(directory, there, moved.equals(there));
    }

    private static int refusesReplacing(
            boolean byDirectory, @Nullable SimNode there, boolean same) {
        if (there == null || same) {
            return 0;
        }
        if (there instanceof SimDirectory directory) {
            if (!byDirectory) {
                return -ErrnoCode.EISDIR;
            }
            return directory.entries.isEmpty() ? 0 : -ErrnoCode.ENOTEMPTY;
        }
        return byDirectory ? -ErrnoCode.ENOTDIR : 0;
    }

    private static boolean isDots(String name) {
        return name.equals(".") || name.equals("..");
    }

    private static boolean isWithin(SimDirectory directory, SimNode above) {
        SimDirectory at = directory;
        while (!at.equals(above) && !at.parent.equals(at)) {
            at = at.parent;
        }
        return at.equals(above);
    }
}
