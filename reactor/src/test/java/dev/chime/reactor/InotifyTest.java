package dev.chime.reactor;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.chime.reactor.engine.Chunk;
import dev.chime.reactor.engine.Fd;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.InotifyEventLayout;
import dev.chime.reactor.libc.Memory;
import dev.chime.reactor.libc.Sys;
import dev.chime.reactor.libc.TimespecLayout;
import dev.chime.reactor.testing.EveryEngine;
import dev.chime.reactor.testing.Reactors;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.io.TempDir;

/** The events of inotify(7), in order: the simulated machine's are the kernel's. */
class InotifyTest {
    private static final int ALL = 0xfce;
    private static final long UTIME_OMIT = (1L << 30) - 2;
    private static final Map<Integer, String> NAMES =
            Map.ofEntries(
                    Map.entry(InotifyEventLayout.IN_MODIFY, "modify"),
                    Map.entry(InotifyEventLayout.IN_ATTRIB, "attrib"),
                    Map.entry(InotifyEventLayout.IN_CLOSE_WRITE, "close-write"),
                    Map.entry(InotifyEventLayout.IN_MOVED_FROM, "from"),
                    Map.entry(InotifyEventLayout.IN_MOVED_TO, "to"),
                    Map.entry(InotifyEventLayout.IN_CREATE, "create"),
                    Map.entry(InotifyEventLayout.IN_DELETE, "delete"),
                    Map.entry(InotifyEventLayout.IN_DELETE_SELF, "delete-self"),
                    Map.entry(InotifyEventLayout.IN_MOVE_SELF, "move-self"),
                    Map.entry(InotifyEventLayout.IN_Q_OVERFLOW, "overflow"),
                    Map.entry(InotifyEventLayout.IN_IGNORED, "ignored"));

    @TempDir Path directory;

    /** Calls on names of the directory, one after the other, and what each made known. */
    private final class Script {
        private final Ops ops;
        private final Queue<Runnable> steps = new ArrayDeque<>();
        private final List<String> expected = new ArrayList<>();
        private final List<String> actual = new ArrayList<>();
        private final Map<Integer, String> watches = new HashMap<>(Map.of(-1, "?"));
        private final Map<String, Fd> open = new HashMap<>();
        private final Fd inotify;
        private final Chunk memory;

        Script(Reactor reactor) {
            ops = new Ops(reactor);
            memory = ops.core.allocate(3 * 4096);
            inotify = ops.core.adopt(inotify(), Fd.Kind.FILE);
            Path at = Path.of("/");
            for (Path name : directory) {
                at = at.resolve(name);
                makes(at.toString());
            }
        }

        private int inotify() {
            int flags = InotifyEventLayout.IN_NONBLOCK | InotifyEventLayout.IN_CLOEXEC;
            return (int) ops.core.syscall(Sys.INOTIFY_INIT1, flags, 0, 0);
        }

        private long path(int place, String name) {
            long at = memory.address() + place * 4096L;
            Memory.putCString(at, directory.resolve(name).toString(), 4096);
            return at;
        }

        private void step(Consumer<IntConsumer> call) {
            steps.add(() -> call.accept(result -> next()));
        }

        /** Quietly, whether it is there or not. */
        private void makes(String path) {
            step(then ->
                    call(
                            Op.MKDIRAT,
                            s -> {
                                s.address = path(0, path);
                                s.length = 0755;
                            },
                            then));
        }

        private void call(Op op, Consumer<Slot> fill, IntConsumer then) {
            ops.call(
                    op,
                    slot -> {
                        slot.fd = Const.AT_FDCWD;
                        fill.accept(slot);
                    },
                    then);
        }

        void mkdir(String name) {
            makes(name);
        }

        void watch(String name, int mask) {
            step(then ->
                    call(
                            Op.WATCH,
                            s -> {
                                s.fd = inotify.number();
                                s.address = path(0, name);
                                s.flags = mask;
                            },
                            result -> {
                                watches.putIfAbsent(result, name);
                                then.accept(result);
                            }));
        }

        void open(String name, int flags) {
            step(then ->
                    ops.openat(
                            directory.resolve(name).toString(),
                            flags,
                            0600,
                            number -> {
                                open.put(name, ops.core.adopt(number, Fd.Kind.FILE));
                                then.accept(number);
                            }));
        }

        void close(String name) {
            step(then -> ops.close(open.get(name), then));
        }

        void onOpen(Op op, String name, Consumer<Slot> fill) {
            step(then ->
                    call(
                            op,
                            s -> {
                                s.fd = open.get(name).number();
                                fill.accept(s);
                            },
                            then));
        }

        void on(Op op, String name, Consumer<Slot> fill) {
            step(then ->
                    call(
                            op,
                            s -> {
                                s.address = path(0, name);
                                fill.accept(s);
                            },
                            then));
        }

        void write(String name, int bytes) {
            onOpen(
                    Op.WRITE,
                    name,
                    s -> {
                        s.address = memory.address();
                        s.length = bytes;
                    });
        }

        void rename(String from, String to, int flags) {
            on(
                    Op.RENAMEAT,
                    from,
                    s -> {
                        s.length = Const.AT_FDCWD;
                        s.offset = path(1, to);
                        s.flags = flags;
                    });
        }

        void link(String existing, String name) {
            on(
                    Op.LINKAT,
                    existing,
                    s -> {
                        s.length = Const.AT_FDCWD;
                        s.offset = path(1, name);
                    });
        }

        void remove(String name, int flags) {
            on(Op.UNLINKAT, name, s -> s.flags = flags);
        }

        void times(String name, boolean read, boolean written) {
            on(
                    Op.UTIMENSAT,
                    name,
                    s -> {
                        s.offset = memory.address() + 2 * 4096;
                        Memory.putLong(s.offset, 1);
                        Memory.putLong(s.offset + TimespecLayout.TV_NSEC, read ? 0 : UTIME_OMIT);
                        long second = s.offset + TimespecLayout.SIZE;
                        Memory.putLong(second, 1);
                        Memory.putLong(second + TimespecLayout.TV_NSEC, written ? 0 : UTIME_OMIT);
                    });
        }

        /** What has been heard since the last such step. */
        void hears(String... events) {
            expected.addAll(List.of(events));
            steps.add(() -> {
                String bytes = ops.readNow(inotify);
                if (!bytes.equals("EAGAIN")) {
                    parse(bytes.getBytes(StandardCharsets.ISO_8859_1));
                }
                next();
            });
        }

        private void parse(byte[] bytes) {
            long at = memory.address();
            Memory.copy(bytes, 0, at, bytes.length);
            Map<Integer, Integer> cookies = new HashMap<>(Map.of(0, 0));
            for (long end = at + bytes.length; at < end; ) {
                int mask = Memory.getInt(at + InotifyEventLayout.MASK);
                int length = Memory.getInt(at + InotifyEventLayout.LEN);
                int cookie = Memory.getInt(at + InotifyEventLayout.COOKIE);
                cookies.putIfAbsent(cookie, cookies.size());
                StringBuilder text = new StringBuilder();
                text.append(watches.get(Memory.getInt(at + InotifyEventLayout.WD))).append(' ');
                text.append(NAMES.get(mask & ~InotifyEventLayout.IN_ISDIR));
                for (int i = 0; i < length; i++) {
                    byte character = Memory.getByte(at + InotifyEventLayout.SIZE + i);
                    if (character != 0) {
                        text.append(i == 0 ? " " : "").append((char) character);
                    }
                }
                text.append((mask & InotifyEventLayout.IN_ISDIR) != 0 ? "/" : "");
                text.append(cookie == 0 ? "" : " #" + cookies.get(cookie));
                actual.add(text.toString());
                at += InotifyEventLayout.SIZE + length;
            }
        }

        void next() {
            Runnable step = steps.poll();
            if (step != null) {
                step.run();
            } else {
                memory.release();
                ops.close(inotify, result -> {});
            }
        }
    }

    private void run(EngineKind engine, Consumer<Script> write) {
        Script[] script = {null};
        Reactors.run(
                engine,
                reactor -> {
                    script[0] = new Script(reactor);
                    write.accept(script[0]);
                    script[0].next();
                });
        assertEquals(String.join("\n", script[0].expected), String.join("\n", script[0].actual));
    }

    @EveryEngine
    void names(EngineKind engine) {
        run(
                engine,
                s -> {
                    s.mkdir("d");
                    s.mkdir("e");
                    s.watch("d", ALL);
                    s.watch("e", ALL);
                    s.mkdir("d/sub");
                    s.open("d/f", Const.O_CREAT | Const.O_WRONLY);
                    s.on(Op.SYMLINKAT, "d", slot -> slot.offset = s.path(1, "d/s"));
                    s.hears("d create sub/", "d create f", "d create s");
                    s.link("d/f", "e/g");
                    s.hears("e create g");
                    s.rename("d/s", "d/t", 0);
                    s.rename("d/sub", "e/sub", 0);
                    s.hears("d from s #1", "d to t #1", "d from sub/ #2", "e to sub/ #2");
                    s.rename("d/t", "out", 0);
                    s.rename("out", "e/in", 0);
                    s.hears("d from t #1", "e to in #2");
                    s.rename("e/in", "d/f", 2);
                    s.hears("e from in #1", "d to f #1", "d from f #2", "e to in #2");
                    s.rename("e/g", "e/in", 0);
                    s.hears();
                    s.remove("e/sub", Const.AT_REMOVEDIR);
                    s.remove("e/g", 0);
                    s.hears("e delete sub/", "e delete g");
                    s.close("d/f");
                    s.open("e/in", Const.O_RDONLY);
                    s.close("e/in");
                    s.hears("e close-write in");
                });
    }

    @EveryEngine
    void contentAndAttributes(EngineKind engine) {
        run(
                engine,
                s -> {
                    s.mkdir("d");
                    s.watch("d", ALL);
                    s.open("d/f", Const.O_CREAT | Const.O_RDWR);
                    s.hears("d create f");
                    s.write("d/f", 5);
                    s.write("d/f", 5);
                    s.hears("d modify f");
                    s.onOpen(Op.FTRUNCATE, "d/f", slot -> slot.offset = 3);
                    s.hears("d modify f");
                    s.open("d/f", Const.O_TRUNC | Const.O_WRONLY);
                    s.hears("d modify f");
                    s.onOpen(Op.FALLOCATE, "d/f", slot -> slot.address = 10);
                    s.hears("d modify f");
                    s.on(Op.FCHMODAT, "d/f", slot -> slot.length = 0600);
                    s.hears("d attrib f");
                    s.on(Op.FCHMODAT, "d", slot -> slot.length = 0700);
                    s.hears("d attrib/");
                    s.times("d/f", true, true);
                    s.times("d/f", false, true);
                    s.times("d/f", true, false);
                    s.times("d/f", false, false);
                    s.hears("d attrib f", "d modify f");
                    s.on(
                            Op.FCHOWNAT,
                            "d/f",
                            slot -> {
                                slot.length = -1;
                                slot.offset = -1;
                            });
                    s.hears();
                    s.rename("d/f", "d/g", 0);
                    s.write("d/f", 1);
                    s.hears("d from f #1", "d to g #1", "d modify g");
                    s.remove("d/g", 0);
                    s.write("d/f", 2);
                    s.onOpen(Op.FCHMODAT, "d/f", slot -> slot.length = 0644);
                    s.hears("d delete g", "d modify g", "d attrib g");
                    s.watch("d", ALL | InotifyEventLayout.IN_EXCL_UNLINK);
                    s.write("d/f", 3);
                    s.onOpen(Op.FTRUNCATE, "d/f", slot -> slot.offset = 1);
                    s.hears("d modify g");
                    s.close("d/f");
                    s.hears();
                });
    }

    @EveryEngine
    void theWatchedItself(EngineKind engine) {
        run(
                engine,
                s -> {
                    s.mkdir("d");
                    s.mkdir("d/sub");
                    s.mkdir("d/other");
                    s.open("d/f", Const.O_CREAT | Const.O_RDWR);
                    s.open("d/g", Const.O_CREAT | Const.O_RDWR);
                    for (String name : List.of("d", "d/sub", "d/f", "d/g")) {
                        s.watch(name, ALL);
                    }
                    s.write("d/f", 1);
                    s.hears("d modify f", "d/f modify");
                    s.on(Op.FCHMODAT, "d/sub", slot -> slot.length = 0700);
                    s.hears("d attrib sub/", "d/sub attrib/");
                    s.link("d/f", "d/h");
                    s.hears("d/f attrib", "d create h");
                    s.rename("d/sub", "d/new", 0);
                    s.hears("d from sub/ #1", "d to new/ #1", "d/sub move-self");
                    s.remove("d/f", 0);
                    s.hears("d/f attrib", "d delete f");
                    s.close("d/g");
                    s.rename("d/h", "d/g", 0);
                    s.hears(
                            "d close-write g",
                            "d/g close-write",
                            "d from h #1",
                            "d to g #1",
                            "d/g attrib",
                            "d/f move-self",
                            "d/g delete-self",
                            "d/g ignored");
                    s.rename("d/other", "d/new", 0);
                    s.hears(
                            "d from other/ #1",
                            "d to new/ #1",
                            "d/sub attrib/",
                            "d/sub delete-self",
                            "d/sub ignored");
                    s.watch("d/new", ALL);
                    s.remove("d/new", Const.AT_REMOVEDIR);
                    s.hears("d/new delete-self", "d/new ignored", "d delete new/");
                    s.close("d/f");
                    s.remove("d/g", 0);
                    s.hears(
                            "d close-write f",
                            "d/f close-write",
                            "d/f attrib",
                            "d/f delete-self",
                            "d/f ignored",
                            "d delete g");
                });
    }

    @EveryEngine
    void watches(EngineKind engine) {
        run(
                engine,
                s -> {
                    s.mkdir("d");
                    s.open("f", Const.O_CREAT | Const.O_RDWR);
                    s.watch("d", InotifyEventLayout.IN_DELETE);
                    s.mkdir("d/x");
                    s.hears();
                    s.watch("d", InotifyEventLayout.IN_CREATE);
                    s.mkdir("d/y");
                    s.remove("d/y", Const.AT_REMOVEDIR);
                    s.hears("d create y/");
                    s.steps.add(() -> {
                        assertEquals(
                                0,
                                s.ops.core.syscall(Sys.INOTIFY_RM_WATCH, s.inotify.number(), 1, 0));
                        assertEquals(
                                -Errno.EINVAL.number(),
                                s.ops.core.syscall(Sys.INOTIFY_RM_WATCH, s.inotify.number(), 1, 0));
                        s.next();
                    });
                    s.mkdir("d/z");
                    s.hears("d ignored");
                    fails(s, Errno.ENOTDIR, "f", ALL | InotifyEventLayout.IN_ONLYDIR);
                    fails(s, Errno.ENOENT, "none", ALL);
                    fails(s, Errno.EINVAL, "d", 0);
                });
    }

    private static void fails(Script script, Errno errno, String name, int mask) {
        script.step(then ->
                script.call(
                        Op.WATCH,
                        slot -> {
                            slot.fd = script.inotify.number();
                            slot.address = script.path(0, name);
                            slot.flags = mask;
                        },
                        result -> {
                            assertEquals(-errno.number(), result);
                            then.accept(result);
                        }));
    }
}
