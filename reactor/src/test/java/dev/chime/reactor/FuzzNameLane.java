package dev.chime.reactor;

import dev.chime.reactor.FuzzProgram.Step;
import dev.chime.reactor.engine.Chunk;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.Memory;
import dev.chime.reactor.libc.StatxLayout;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/** A lane that makes, moves, changes and removes files, directories and links below one. */
final class FuzzNameLane extends FuzzLane {
    private static final String[] NAMES = {
        "a", "b", "c", "a/x", "a/y", "a/b", "b/x", "c/x", "a/../b", "a/x/y", "b/", "missing/x", "."
    };
    private static final String[] TARGETS = {"a", "b", "c", "../c", "x", ".", "missing", "b/x"};
    private static final int[] ALLOCATIONS = {0, 1, 3, 16, 17};
    private static final int PATH_ROOM = 1024;
    private static final int VALUE = 3 * PATH_ROOM;

    private final String directory;

    /** Two paths or names, and behind them what else a call takes or gives. */
    private final Chunk memory;

    FuzzNameLane(Ops ops, List<Step> steps, String directory) {
        super(ops, steps);
        this.directory = directory;
        memory = ops.core.allocate(16 << 10);
    }

    @Override
    void perform(Step step) {
        String path = path(step.a());
        String other = path(step.b());
        switch (step.kind()) {
            case MAKE_FILE -> makeFile(path, step.b());
            case MAKE_DIRECTORY -> one(Op.MKDIRAT, path, s -> s.length = 0700 | step.b() & 077);
            case MAKE_LINK -> two(Op.LINKAT, path, other, 0);
            case MAKE_SYMLINK -> {
                put(0, TARGETS[step.b() % TARGETS.length]);
                put(1, path);
                result(Op.SYMLINKAT, s -> s.offset = at(1));
            }
            case RENAME -> two(Op.RENAMEAT, path, other, step.a() % 7 < 3 ? step.a() % 7 : 0);
            case REMOVE ->
                    one(
                            Op.UNLINKAT,
                            path,
                            s -> s.flags = step.b() % 3 == 0 ? Const.AT_REMOVEDIR : 0);
            case LIST -> list(path, 64, this::tell);
            case LOOK -> look(path, (step.b() & 1) == 0);
            case READ_LINK -> readLink(path, step.b() % 12 + 1);
            case CHANGE -> change(path, step.b());
            case RESIZE ->
                    opened(path, fd -> fd(fd, Op.FTRUNCATE, s -> s.offset = step.b() % 30_000));
            case ALLOCATE -> allocate(path, step);
            case SEEK -> seek(path, step);
            case COPY -> copy(path, other, step);
            case ATTRIBUTE -> attribute(path, step.b());
            default -> throw new AssertionError(step);
        }
    }

    private String path(int choice) {
        return directory + "/" + NAMES[choice / 7 % NAMES.length];
    }

    private long at(int place) {
        return memory.address() + (long) place * PATH_ROOM;
    }

    private void put(int place, String text) {
        Memory.putCString(at(place), text, PATH_ROOM);
    }

    /** An operation that starts at the working directory, its first path at the first place. */
    private void call(Op op, Consumer<Slot> fill, IntConsumer then) {
        ops.call(
                op,
                slot -> {
                    slot.fd = Const.AT_FDCWD;
                    slot.address = at(0);
                    fill.accept(slot);
                },
                once(then));
    }

    private void result(Op op, Consumer<Slot> fill) {
        call(op, fill, result -> tell(text(result)));
    }

    private void one(Op op, String path, Consumer<Slot> fill) {
        put(0, path);
        result(op, fill);
    }

    private void two(Op op, String path, String dest, int flags) {
        put(0, path);
        put(1, dest);
        result(
                op,
                s -> {
                    s.length = Const.AT_FDCWD;
                    s.offset = at(1);
                    s.flags = flags;
                });
    }

    private void open(String path, int flags, IntConsumer then) {
        put(0, path);
        call(
                Op.OPENAT,
                s -> {
                    s.flags = flags | Const.O_CLOEXEC;
                    s.length = (flags & Const.O_CREAT) != 0 ? 0640 : 0;
                },
                then);
    }

    /** Opens, does something, and closes before what that gave is told. */
    private void opened(String path, IntConsumer then) {
        open(
                path,
                Const.O_RDWR,
                fd -> {
                    if (fd < 0) {
                        tell("open " + text(fd));
                    } else {
                        then.accept(fd);
                    }
                });
    }

    private void fd(int fd, Op op, Consumer<Slot> fill) {
        call(
                op,
                s -> {
                    s.fd = fd;
                    s.address = 0;
                    fill.accept(s);
                },
                result -> closed(fd, text(result)));
    }

    private void closed(int fd, String what) {
        ops.closeBare(fd, once(closed -> tell(what)));
    }

    private void makeFile(String path, int bytes) {
        open(
                path,
                Const.O_RDWR | Const.O_CREAT | (bytes % 5 == 0 ? Const.O_EXCL : 0),
                fd -> {
                    if (fd < 0) {
                        tell(text(fd));
                        return;
                    }
                    long vector = at(2);
                    Chunk content = filled(bytes % 6000 + 10, bytes);
                    Memory.putLong(vector, content.address());
                    Memory.putLong(vector + 8, 7);
                    Memory.putLong(vector + 16, content.address() + 7);
                    Memory.putLong(vector + 24, bytes % 6000 + 3);
                    call(
                            Op.WRITEV,
                            s -> {
                                s.fd = fd;
                                s.address = vector;
                                s.length = 2;
                                s.offset = bytes % 3 * 9000;
                            },
                            written -> {
                                content.release();
                                closed(fd, text(written));
                            });
                });
    }

    /** Reads a directory to its end, some bytes of entries at a time. */
    private void list(String path, int room, Consumer<String> then) {
        open(
                path,
                Const.O_RDONLY,
                fd -> {
                    if (fd < 0) {
                        then.accept("open " + text(fd));
                    } else {
                        list(fd, room, new TreeSet<>(), then);
                    }
                });
    }

    private void list(int fd, int room, TreeSet<String> names, Consumer<String> then) {
        call(
                Op.GETDENTS,
                s -> {
                    s.fd = fd;
                    s.address = at(3);
                    s.length = room;
                },
                result -> {
                    for (int at = 0; at < result; ) {
                        long entry = at(3) + at;
                        int size = Memory.getShort(entry + 16);
                        names.add(name(entry + 19, size - 19) + ":" + Memory.getByte(entry + 18));
                        at += size;
                    }
                    if (result > 0) {
                        list(fd, room, names, then);
                    } else {
                        String what = text(result) + names;
                        ops.closeBare(fd, once(closed -> then.accept(what)));
                    }
                });
    }

    private static String name(long address, int room) {
        byte[] bytes = new byte[room];
        Memory.copy(address, bytes, 0, room);
        String text = new String(bytes, StandardCharsets.UTF_8);
        return text.substring(0, text.indexOf('\0'));
    }

    private void look(String path, boolean follow) {
        put(0, path);
        long statx = at(3);
        call(
                Op.STATX,
                s -> {
                    s.flags = follow ? 0 : Const.AT_SYMLINK_NOFOLLOW;
                    s.length = StatxLayout.STATX_BASIC_STATS;
                    s.offset = statx;
                },
                result -> tell(text(result) + (result == 0 ? look(statx) : "")));
    }

    /** What is the same on every file system: of a directory, neither size nor links. */
    private static String look(long statx) {
        int mode = Short.toUnsignedInt(Memory.getShort(statx + StatxLayout.STX_MODE));
        String text = " " + Integer.toOctalString(mode);
        if ((mode & Const.S_IFMT) != Const.S_IFDIR) {
            text += " links " + Memory.getInt(statx + StatxLayout.STX_NLINK);
            text += " size " + Memory.getLong(statx + StatxLayout.STX_SIZE);
        }
        long seconds = Memory.getLong(statx + StatxLayout.STX_MTIME);
        return text + (seconds < 1_000_000 ? " mtime " + seconds : "");
    }

    private void readLink(String path, int room) {
        put(0, path);
        call(
                Op.READLINKAT,
                s -> {
                    s.offset = at(3);
                    s.length = room;
                },
                result -> tell(text(result) + " " + sum(at(3), result)));
    }

    private void change(String path, int choice) {
        put(0, path);
        switch (choice % 4) {
            case 0 -> result(Op.FCHMODAT, s -> s.length = 0600 | choice / 4 & 0177);
            case 1 -> result(Op.FACCESSAT, s -> s.length = choice / 4 & 7);
            case 2 ->
                    result(
                            Op.FCHOWNAT,
                            s -> {
                                s.length = -1;
                                s.offset = -1;
                                s.flags = Const.AT_SYMLINK_NOFOLLOW;
                            });
            default -> {
                for (int i = 0; i < 4; i++) {
                    Memory.putLong(at(2) + 8L * i, i % 2 == 0 ? choice : 999);
                }
                result(Op.UTIMENSAT, s -> s.offset = at(2));
            }
        }
    }

    private void allocate(String path, Step step) {
        opened(
                path,
                fd ->
                        fd(
                                fd,
                                Op.FALLOCATE,
                                s -> {
                                    s.length = ALLOCATIONS[step.a() / 91 % ALLOCATIONS.length];
                                    s.offset = step.b() % 9000;
                                    s.address = step.b() % 5000;
                                }));
    }

    /** Where data ends: where holes are is the file system's. */
    private void seek(String path, Step step) {
        opened(
                path,
                fd ->
                        fd(
                                fd,
                                Op.LSEEK,
                                s -> {
                                    s.address = at(3);
                                    s.offset = step.b() % 30_000;
                                    s.length = step.a() % 3;
                                }));
    }

    private void copy(String path, String dest, Step step) {
        opened(
                path,
                from ->
                        open(
                                dest,
                                Const.O_RDWR,
                                to -> {
                                    if (to < 0) {
                                        closed(from, "dest " + text(to));
                                    } else {
                                        copy(from, to, step);
                                    }
                                }));
    }

    private void copy(int from, int to, Step step) {
        call(
                Op.COPY_FILE_RANGE,
                s -> {
                    s.fd = from;
                    s.flags = to;
                    s.offset = step.a() % 9000;
                    s.address = step.b() % 9000;
                    s.length = 1 + step.b() % 5000;
                },
                result -> ops.closeBare(to, once(none -> closed(from, text(result)))));
    }

    private void attribute(String path, int choice) {
        put(0, "user.n" + choice % 2);
        put(1, path);
        long value = memory.address() + VALUE;
        int length = 1 + choice % 40;
        Op[] calls = {Op.SETXATTR, Op.SETXATTR, Op.GETXATTR, Op.LISTXATTR, Op.REMOVEXATTR};
        Op op = calls[choice / 2 % calls.length];
        Memory.fill(value, 64, (byte) choice);
        call(
                op,
                s -> {
                    s.address3 = at(1);
                    s.offset = value;
                    s.length = length;
                    s.flags = op == Op.SETXATTR ? choice / 64 % 3 : 0;
                    if (op == Op.LISTXATTR) {
                        s.address = at(1);
                        s.length = 0;
                    }
                },
                result -> tell(text(result)));
    }

    /** Whatever was done, the directory must hold the same in the end. */
    @Override
    void end() {
        list(
                directory,
                8 << 10,
                what -> {
                    note("holds " + what);
                    memory.release();
                    ended();
                });
    }
}
