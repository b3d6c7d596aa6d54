package dev.chime.reactor.engine.sim;

import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.ErrnoCode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A file system in memory: directories, regular files and links below one root. A name is bytes, as
 * the characters from 0 to 255; the machine's owner writes it as text.
 */
public final class SimDisk {
    private static final int MAX_PATH = 4096;
    private static final int MAX_NAME = 255;

    /** Links that one path may lead through, path_resolution(7). */
    private static final int MAX_LINKS = 40;

    static final int UMASK = 022;

    /** Where a path leads: a node, or the place in a directory where there is none. */
    record Place(
            SimDirectory directory, String name, @Nullable SimNode node, boolean asDirectory) {}

    private final SimNotices notices = new SimNotices();
    private final SimDirectory root = new SimDirectory(2);
    private final SimSpace space;
    private long inodes = 3;
    private long now;

    /** An empty disk but for {@code /tmp}. */
    public SimDisk() {
        this(true, SimSpace.UNBOUNDED);
    }

    private SimDisk(boolean withTmp, long capacity) {
        space = new SimSpace(root, capacity);
        if (withTmp) {
            makeDirectories("/tmp");
            addDevices();
        }
    }

    private void addDevices() {
        SimDirectory devices = makeDirectories("/dev");
        devices.entries.put("null", new SimDevice(inodes++, false));
        devices.entries.put("zero", new SimDevice(inodes++, true));
        devices.sync();
    }

    void now(long time) {
        now = time;
    }

    long now() {
        return now;
    }

    SimNotices notices() {
        return notices;
    }

    SimDirectory root() {
        return root;
    }

    /** What its files may take. */
    public SimSpace space() {
        return space;
    }

    long nextInode() {
        return inodes++;
    }

    // ---- as the machine's owner uses it

    /** Writes a file at once, safe from power cuts, with the directories above it. */
    public void put(String text, byte[] content) {
        String path = toBytes(text);
        int slash = path.lastIndexOf('/');
        SimDirectory directory = directories(path.substring(0, Math.max(0, slash)));
        String name = path.substring(slash + 1);
        SimNode node = directory.entries.get(name);
        if ((node != null && !(node instanceof SimRegular)) || name.isEmpty()) {
            throw new IllegalArgumentException(path + " is no regular file");
        }
        SimRegular file = node instanceof SimRegular regular ? regular : create(directory, name);
        file.replace(content);
        file.touched(now);
        file.sync();
        directory.durable().put(name, file);
        if (node != null || content.length > 0) {
            notices.resized(file.name(directory, name));
        }
    }

    private SimRegular create(SimDirectory directory, String name) {
        SimRegular file = new SimRegular(inodes++, Const.S_IFREG | 0644, now);
        directory.entries.put(name, file);
        notices.created(directory, name, file);
        return file;
    }

    /** Makes a directory, and those above it, safe from power cuts. */
    public SimDirectory makeDirectories(String path) {
        return directories(toBytes(path));
    }

    private static String toBytes(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }

    private SimDirectory directories(String path) {
        SimDirectory at = root;
        for (String name : path.split("/", -1)) {
            if (name.isEmpty() || name.equals(".")) {
                continue;
            }
            SimNode next = at.entries.get(name);
            if (next == null) {
                next = new SimDirectory(inodes++, Const.S_IFDIR | 0755, at, name, now);
                at.entries.put(name, next);
                notices.created(at, name, next);
            }
            if (!(next instanceof SimDirectory directory)) {
                throw new IllegalArgumentException(path + ": " + name + " is no directory");
            }
            at.durable().put(name, directory);
            at = directory;
        }
        return at;
    }

    /** Makes a symbolic link at once, safe from power cuts, with the directories above it. */
    public void link(String path, String target) {
        int slash = path.lastIndexOf('/');
        SimDirectory directory = makeDirectories(path.substring(0, Math.max(0, slash)));
        SimLink link = new SimLink(inodes++, target, now);
        if (directory.entries.putIfAbsent(path.substring(slash + 1), link) != null) {
            throw new IllegalArgumentException(path + " is there");
        }
        directory.durable().put(path.substring(slash + 1), link);
    }

    /** Exchanges what two names stand for; false when one of them stands for nothing. */
    public boolean exchange(String one, String other) {
        Place first = name(root, one) instanceof Place place ? place : null;
        Place second = name(root, other) instanceof Place place ? place : null;
        SimNode a = first == null ? null : first.node();
        SimNode b = second == null ? null : second.node();
        if (first == null || second == null || a == null || b == null) {
            return false;
        }
        put(first, b);
        put(second, a);
        return true;
    }

    private static void put(Place place, SimNode node) {
        place.directory().entries.put(place.name(), node);
        if (node instanceof SimDirectory directory) {
            directory.parent = place.directory();
        }
    }

    /** A file's content, or null when there is no such file. */
    public byte @Nullable [] get(String path) {
        Object found = resolve(root, toBytes(path));
        return found instanceof Place place && place.node() instanceof SimRegular file
                ? file.content()
                : null;
    }

    /** The paths of all files, sorted. */
    public List<String> files() {
        List<String> found = new ArrayList<>();
        list(root, "", found);
        return found;
    }

    private static void list(SimDirectory directory, String prefix, List<String> found) {
        directory.entries.forEach((name, node) -> {
            if (node instanceof SimDirectory below) {
                list(below, prefix + "/" + name, found);
            } else if (node instanceof SimRegular) {
                byte[] path = (prefix + "/" + name).getBytes(StandardCharsets.ISO_8859_1);
                found.add(new String(path, StandardCharsets.UTF_8));
            }
        });
    }

    // ---- as programs use it

    /** Follows a path and its links; a {@link Place}, or a negative errno as an Integer. */
    Object resolve(SimDirectory from, String path) {
        return resolve(from, path, true, false);
    }

    /**
     * Follows a path; a {@link Place}, or a negative errno as an Integer.
     *
     * @param follow whether a link at its end stands for its target
     * @param beneath whether it is EXDEV to leave {@code from}, even for a moment
     */
    Object resolve(SimDirectory from, String path, boolean follow, boolean beneath) {
        if (path.length() >= MAX_PATH) {
            return -ErrnoCode.ENAMETOOLONG;
        }
        if (path.isEmpty()) {
            return -ErrnoCode.ENOENT;
        }
        return new Walk(from, beneath).along(path, follow);
    }

    /**
     * Follows a path up to its last name, which is neither followed nor need be there, as the calls
     * do that make, move and remove names.
     */
    Object name(SimDirectory from, String path) {
        Object found = resolve(from, withoutSlashes(path), false, false);
        boolean slash = path.endsWith("/");
        return found instanceof Place(SimDirectory directory, String name, SimNode node, boolean as)
                ? new Place(directory, name, node, as || slash)
                : found;
    }

    /** One walk along a path. */
    private final class Walk {
        private final SimDirectory start;
        private final boolean beneath;
        private final Deque<String> names = new ArrayDeque<>();
        private SimDirectory directory = root;
        private String last = ".";
        private @Nullable SimNode at;
        private boolean asDirectory;
        private int links;

        Walk(SimDirectory start, boolean beneath) {
            this.start = start;
            this.beneath = beneath;
        }

        Object along(String path, boolean follow) {
            at = start;
            int refused = enter(path, true);
            while (refused == 0 && !names.isEmpty()) {
                refused = step(names.removeFirst(), follow);
            }
            return refused != 0 ? (Object) refused : new Place(directory, last, at, asDirectory);
        }

        /** Puts a path's names before those that are left. */
        private int enter(String path, boolean atEnd) {
            if (path.startsWith("/")) {
                if (beneath) {
                    return -ErrnoCode.EXDEV;
                }
                at = root;
                directory = root;
                last = ".";
            }
            asDirectory |= atEnd && path.endsWith("/");
            String[] all = path.split("/", -1);
            for (int i = all.length - 1; i >= 0; i--) {
                if (!all[i].isEmpty()) {
                    names.addFirst(all[i]);
                }
            }
            return 0;
        }

        private int step(String name, boolean follow) {
            if (!(at instanceof SimDirectory within)) {
                return at == null ? -ErrnoCode.ENOENT : -ErrnoCode.ENOTDIR;
            }
            if (name.length() > MAX_NAME) {
                return -ErrnoCode.ENAMETOOLONG;
            }
            if (beneath && name.equals("..") && within == start) {
                return -ErrnoCode.EXDEV;
            }
            SimNode found = child(within, name);
            boolean atEnd = names.isEmpty();
            if (found instanceof SimLink link && (follow || asDirectory || !atEnd)) {
                directory = within;
                return ++links > MAX_LINKS ? -ErrnoCode.ELOOP : enter(link.target, atEnd);
            }
            directory = within;
            last = name;
            at = found;
            return 0;
        }
    }

    private static @Nullable SimNode child(SimDirectory within, String name) {
        return switch (name) {
            case "." -> within;
            case ".." -> within.parent;
            default -> within.entries.get(name);
        };
    }

    /** Opens below a directory; a {@link SimOpen}, or a negative errno as an Integer. */
    Object open(SimDirectory from, String path, int flags, int mode, boolean beneath) {
        if ((flags & Const.O_TMPFILE) == Const.O_TMPFILE) {
            return -ErrnoCode.EOPNOTSUPP;
        }
        boolean create = (flags & Const.O_CREAT) != 0;
        boolean exclusive = create && (flags & Const.O_EXCL) != 0;
        boolean follow = !exclusive && (flags & Const.O_NOFOLLOW) == 0;
        boolean slash = create && path.endsWith("/");
        String name = slash ? withoutSlashes(path) : path;
        Object found = resolve(from, name, follow && !slash, beneath);
        if (!(found instanceof Place place)) {
            return found;
        }
        if (slash) {
            return -ErrnoCode.EISDIR;
        }
        SimNode node = place.node();
        if (node == null) {
            if (!create) {
                return -ErrnoCode.ENOENT;
            }
            if (place.asDirectory()) {
                return -ErrnoCode.EISDIR;
            }
            if (place.directory().removed) {
                return -ErrnoCode.ENOENT;
            }
            int bits = Const.S_IFREG | (mode & 07777 & ~UMASK);
            node = new SimRegular(inodes++, bits, now);
            place.directory().entries.put(place.name(), node);
            place.directory().touched(now);
            notices.created(place.directory(), place.name(), node);
            return new SimOpenFile(this, node.name(place.directory(), place.name()), flags);
        }
        int refused = refusal(place, node, flags);
        if (refused != 0) {
            return refused;
        }
        if (node instanceof SimRegular file && (flags & Const.O_TRUNC) != 0) {
            file.truncate();
            file.touched(now);
            notices.resized(file.name(place.directory(), place.name()));
        }
        return new SimOpenFile(this, node.name(place.directory(), place.name()), flags);
    }

    private static String withoutSlashes(String path) {
        int end = path.length();
        while (end > 1 && path.charAt(end - 1) == '/') {
            end--;
        }
        return path.substring(0, end);
    }

    private static int refusal(Place place, SimNode node, int flags) {
        boolean create = (flags & Const.O_CREAT) != 0;
        if (create && place.asDirectory()) {
            return -ErrnoCode.EISDIR;
        }
        if (create && (flags & Const.O_EXCL) != 0) {
            return -ErrnoCode.EEXIST;
        }
        boolean pathOnly = (flags & Const.O_PATH) != 0;
        if (node instanceof SimSocketFile && !pathOnly) {
            return -ErrnoCode.ENXIO;
        }
        if (node instanceof SimLink && !pathOnly) {
            return -ErrnoCode.ELOOP;
        }
        if (node instanceof SimDirectory) {
            boolean writes = (flags & 3) != Const.O_RDONLY || (flags & Const.O_TRUNC) != 0;
            return (create || writes) && !pathOnly ? -ErrnoCode.EISDIR : 0;
        }
        boolean asDirectory = place.asDirectory() || (flags & Const.O_DIRECTORY) != 0;
        return asDirectory ? -ErrnoCode.ENOTDIR : 0;
    }

    // ---- power

    /**
     * What a power cut leaves. What was synced is there; of everything else each page, each size
     * and each directory entry is there or is not. A directory entry is synced by a sync of its
     * directory, not of the file (fsync(2)).
     */
    SimDisk afterPowerCut(SplittableRandom random) {
        SimDisk left = new SimDisk(false, space.capacity());
        left.inodes = inodes;
        left.now = now;
        copy(root, left.root, random, new LinkedHashMap<>());
        left.addDevices();
        return left;
    }

    private static void copy(
            SimDirectory from,
            SimDirectory to,
            SplittableRandom random,
            Map<SimNode, SimNode> copies) {
        TreeSet<String> names = new TreeSet<>(from.entries.keySet());
        names.addAll(from.durable().keySet());
        for (String name : names) {
            SimNode durable = from.durable().get(name);
            SimNode current = from.entries.get(name);
            SimNode kept =
                    Objects.equals(durable, current) || random.nextBoolean() ? current : durable;
            if (kept instanceof SimRegular file) {
                to.entries.put(
                        name, copies.computeIfAbsent(file, none -> file.afterPowerCut(random)));
            } else if (kept instanceof SimLink link) {
                to.entries.put(name, copies.computeIfAbsent(link, none -> copyOf(link)));
            } else if (kept instanceof SimDirectory directory && !copies.containsKey(directory)) {
                SimDirectory copy = new SimDirectory(directory.inode, directory.mode, to, name, 0);
                copy.likeness(directory);
                copies.put(directory, copy);
                to.entries.put(name, copy);
                copy(directory, copy, random, copies);
            }
        }
        to.sync();
    }

    private static SimLink copyOf(SimLink link) {
        SimLink copy = new SimLink(link.inode, link.target, 0);
        copy.likeness(link);
        return copy;
    }
}
