package dev.chime.reactor;

import static dev.chime.reactor.libc.Const.O_CREAT;
import static dev.chime.reactor.libc.Const.O_DIRECTORY;
import static dev.chime.reactor.libc.Const.O_EXCL;
import static dev.chime.reactor.libc.Const.O_NOFOLLOW;
import static dev.chime.reactor.libc.Const.O_RDONLY;
import static dev.chime.reactor.libc.Const.O_RDWR;
import static dev.chime.reactor.libc.Const.O_TRUNC;
import static dev.chime.reactor.libc.Const.O_WRONLY;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.chime.reactor.engine.Fd;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.Libc;
import dev.chime.reactor.libc.Memory;
import dev.chime.reactor.libc.SqeLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Queue;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.io.TempDir;

/** One table of calls and their results: the kernel's numbers, the same however they get there. */
class OpResultsTest {
    private static final int BYTES = 1 << 16;

    @TempDir Path directory;

    /** Calls made one after another; what they gave and what they should have. */
    private static final class Script {
        private final Queue<Runnable> steps = new ArrayDeque<>();
        private final Map<String, String> expected = new LinkedHashMap<>();
        private final Map<String, String> actual = new LinkedHashMap<>();

        void gives(int result, String name, Consumer<IntConsumer> call) {
            assertNull(expected.put(name, text(result)), "each name once");
            steps.add(() ->
                    call.accept(got -> {
                        actual.merge(name, text(got), (a, b) -> a + " twice");
                        next();
                    }));
        }

        void fails(Errno errno, String name, Consumer<IntConsumer> call) {
            gives(-errno.number(), name, call);
        }

        /** The call gives a descriptor. */
        void opens(String name, Consumer<IntConsumer> call) {
            gives(0, name, then -> call.accept(got -> then.accept(Math.min(got, 0))));
        }

        void next() {
            Runnable step = steps.poll();
            if (step != null) {
                step.run();
            }
        }

        private static String text(int result) {
            return result < 0 ? Errno.of(result).name() : String.valueOf(result);
        }
    }

    private static void run(Setup setup, java.util.function.BiConsumer<Ops, Script> write) {
        Script script = new Script();
        setup.run(reactor -> {
            write.accept(new Ops(reactor), script);
            script.next();
        });
        assertEquals(lines(script.expected), lines(script.actual));
    }

    private static String lines(Map<String, String> results) {
        StringBuilder out = new StringBuilder();
        results.forEach(
                (name, result) -> out.append(name).append(": ").append(result).append('\n'));
        return out.toString();
    }

    @KernelSetupTest
    void opens(Setup setup) throws Exception {
        Path file = Files.writeString(directory.resolve("file"), "content");
        Path link = Files.createSymbolicLink(directory.resolve("link"), file);
        String missing = directory.resolve("missing").toString();
        run(
                setup,
                (ops, script) -> {
                    int[] opened = {-1};
                    script.opens(
                            "an existing file",
                            then ->
                                    ops.openat(
                                            file.toString(),
                                            O_RDONLY,
                                            0,
                                            fd -> {
                                                opened[0] = fd;
                                                then.accept(fd);
                                            }));
                    script.gives(0, "close", then -> ops.closeBare(opened[0], then));
                    script.fails(
                            Errno.EBADF, "close again", then -> ops.closeBare(opened[0], then));
                    failsToOpen(ops, script, Errno.ENOENT, missing, O_RDONLY);
                    failsToOpen(ops, script, Errno.ENOENT, "", O_RDONLY);
                    failsToOpen(ops, script, Errno.EISDIR, directory.toString(), O_WRONLY);
                    failsToOpen(ops, script, Errno.ENOTDIR, file + "/below", O_RDONLY);
                    failsToOpen(ops, script, Errno.ENOTDIR, file.toString(), O_DIRECTORY);
                    failsToOpen(ops, script, Errno.EEXIST, file.toString(), O_CREAT | O_EXCL);
                    failsToOpen(ops, script, Errno.ELOOP, link.toString(), O_NOFOLLOW);
                    failsToOpen(ops, script, Errno.ENAMETOOLONG, "n".repeat(300), O_RDONLY);
                    failsToOpen(ops, script, Errno.EINVAL, file.toString(), 020000000);
                });
    }

    private static void failsToOpen(Ops ops, Script script, Errno errno, String path, int flags) {
        script.fails(
                errno, "open " + path + " " + flags, then -> ops.openat(path, flags, 0600, then));
    }

    @KernelSetupTest
    void readsAndWrites(Setup setup) throws Exception {
        Path path = directory.resolve("file");
        String content = "0123456789".repeat(10);
        Files.writeString(path, "old content");
        long memory = map();
        run(
                setup,
                (ops, script) -> {
                    Memory.copy(content.getBytes(), 0, memory, 100);
                    Fd file = ops.open(path.toString(), O_RDWR | O_TRUNC);
                    Fd readOnly = ops.open(path.toString(), O_RDONLY);
                    Fd writeOnly = ops.open(path.toString(), O_WRONLY);
                    Fd dir = ops.open(directory.toString(), O_RDONLY);
                    script.gives(100, "write at 0", t -> ops.write(file, memory, 100, 0, t));
                    script.gives(3, "write at 200", t -> ops.write(file, memory, 3, 200, t));
                    script.gives(
                            4, "write where it stands", t -> ops.write(file, memory, 4, -1, t));
                    script.gives(203, "read all", t -> ops.read(file, memory, BYTES, 0, t));
                    script.gives(3, "read at 200", t -> ops.read(file, memory, BYTES, 200, t));
                    script.gives(0, "read at the end", t -> ops.read(file, memory, 9, 203, t));
                    script.gives(0, "read behind it", t -> ops.read(file, memory, 9, 1 << 20, t));
                    script.gives(9, "read where it stands", t -> ops.read(file, memory, 9, -1, t));
                    script.gives(190, "and the rest", t -> ops.read(file, memory, BYTES, -1, t));
                    script.gives(0, "and the end", t -> ops.read(file, memory, BYTES, -1, t));
                    script.gives(0, "read nothing", t -> ops.read(file, memory, 0, 0, t));
                    script.gives(0, "write nothing", t -> ops.write(file, memory, 0, 0, t));
                    script.fails(Errno.EINVAL, "read at -2", t -> ops.read(file, memory, 1, -2, t));
                    script.fails(Errno.EFAULT, "read to 8", t -> ops.read(file, 8, 1, 0, t));
                    script.fails(Errno.EFAULT, "write from 8", t -> ops.write(file, 8, 1, 0, t));
                    script.fails(
                            Errno.EBADF, "write-only", t -> ops.read(writeOnly, memory, 1, 0, t));
                    script.fails(
                            Errno.EBADF, "read-only", t -> ops.write(readOnly, memory, 1, 0, t));
                    script.fails(Errno.EISDIR, "directory", t -> ops.read(dir, memory, 1, 0, t));
                    script.fails(Errno.EBADF, "nobody's", t -> ops.readBare(9999, memory, 1, t));
                    script.gives(0, "fsync", t -> ops.fsync(file, 0, t));
                    script.gives(
                            0,
                            "fdatasync",
                            t -> ops.fsync(file, SqeLayout.IORING_FSYNC_DATASYNC, t));
                });
        assertEquals(203, Files.size(path));
        assertEquals("0123" + content.substring(4), Files.readString(path).substring(0, 100));
        unmap(memory);
    }

    @SetupTest
    void pipes(Setup setup) {
        long memory = map();
        run(
                setup,
                (ops, script) -> {
                    Fd[] pipe = ops.pipe();
                    Fd[] deaf = ops.pipe();
                    ops.close(deaf[0], closed -> {});
                    Fd[] ended = ops.pipe();
                    ops.close(ended[1], closed -> {});
                    script.gives(5, "write", t -> ops.write(pipe[1], memory, 5, -1, t));
                    script.gives(2, "read a part", t -> ops.read(pipe[0], memory, 2, -1, t));
                    script.gives(
                            3,
                            "read the rest, at an offset that a stream does not have",
                            t -> ops.read(pipe[0], memory, 9, 0, t));
                    script.gives(
                            5, "write at such an offset", t -> ops.write(pipe[1], memory, 5, 7, t));
                    script.gives(0, "read at the end", t -> ops.read(ended[0], memory, 9, -1, t));
                    script.fails(
                            Errno.EPIPE, "no reader", t -> ops.write(deaf[1], memory, 1, -1, t));
                    script.fails(Errno.EINVAL, "fsync", t -> ops.fsync(pipe[1], 0, t));
                    script.fails(Errno.ENOTSOCK, "send", t -> ops.send(pipe[1], memory, 1, t));
                    script.fails(Errno.ENOTSOCK, "connect", t -> ops.connect(pipe[1], 80, t));
                    script.fails(
                            Errno.ENOTSOCK,
                            "recv",
                            t -> ops.recv(pipe[0], (s, result, more) -> t.accept(result)));
                    script.fails(
                            Errno.ENOTSOCK,
                            "accept",
                            t -> ops.accept(pipe[0], (s, result, more) -> t.accept(result)));
                    script.fails(Errno.ENOTSOCK, "shutdown", t -> ops.shutdown(pipe[0], 0, t));
                });
        unmap(memory);
    }

    @KernelSetupTest
    void stats(Setup setup) throws Exception {
        Path file = Files.writeString(directory.resolve("file"), "content");
        Files.setPosixFilePermissions(
                file, java.nio.file.attribute.PosixFilePermissions.fromString("rw-r-----"));
        Path link = Files.createSymbolicLink(directory.resolve("link"), file);
        int noFollow = Const.AT_SYMLINK_NOFOLLOW;
        run(
                setup,
                (ops, script) -> {
                    script.gives(
                            Const.S_IFREG | 0640, "file", t -> ops.statx(file.toString(), 0, t));
                    script.gives(
                            Const.S_IFREG | 0640, "link", t -> ops.statx(link.toString(), 0, t));
                    script.gives(
                            Const.S_IFLNK | 0777,
                            "link itself",
                            t -> ops.statx(link.toString(), noFollow, t));
                    script.gives(Const.S_IFCHR | 0666, "device", t -> ops.statx("/dev/null", 0, t));
                    script.fails(
                            Errno.ENOENT, "missing", t -> ops.statx(directory + "/none", 0, t));
                    script.fails(Errno.ENOTDIR, "below", t -> ops.statx(file + "/none", 0, t));
                    script.fails(
                            Errno.EINVAL, "flags", t -> ops.statx(file.toString(), 1 << 30, t));
                });
    }

    @SetupTest
    void sockets(Setup setup) {
        long memory = map();
        run(
                setup,
                (ops, script) -> {
                    Fd socket = ops.tcpSocket();
                    Fd other = ops.tcpSocket();
                    Fd bound = ops.tcpSocket();
                    Fd listener = ops.listener();
                    int taken = ops.port(listener);
                    int dead = ops.deadPort();
                    int[] made = {-1};
                    script.opens(
                            "socket",
                            t ->
                                    ops.socket(
                                            Const.AF_INET6,
                                            Const.SOCK_STREAM,
                                            fd -> {
                                                made[0] = fd;
                                                t.accept(fd);
                                            }));
                    script.gives(0, "close it", t -> ops.closeBare(made[0], t));
                    script.fails(
                            Errno.EAFNOSUPPORT,
                            "domain",
                            t -> ops.socket(99, Const.SOCK_STREAM, t));
                    script.fails(Errno.EINVAL, "type", t -> ops.socket(Const.AF_INET, 0x7f0, t));
                    script.gives(0, "bind", t -> ops.bind(bound, 0, t));
                    script.fails(Errno.EINVAL, "bind again", t -> ops.bind(bound, 0, t));
                    script.fails(
                            Errno.EADDRINUSE,
                            "bind to a taken port",
                            t -> ops.bind(socket, taken, t));
                    script.gives(0, "listen", t -> ops.listen(bound, 5, t));
                    script.fails(
                            Errno.EISCONN,
                            "connect a listener",
                            t -> ops.connect(listener, taken, t));
                    script.fails(
                            Errno.ENOTCONN, "shutdown too early", t -> ops.shutdown(other, 1, t));
                    script.fails(
                            Errno.ENOTCONN,
                            "recv too early",
                            t -> ops.recv(socket, (s, result, more) -> t.accept(result)));
                    script.fails(
                            Errno.EPIPE, "send too early", t -> ops.send(socket, memory, 1, t));
                    script.fails(
                            Errno.EINVAL,
                            "accept without listen",
                            t -> ops.accept(socket, (s, result, more) -> t.accept(result)));
                    script.fails(
                            Errno.ECONNREFUSED, "connect dead", t -> ops.connect(other, dead, t));
                    script.gives(0, "connect", t -> ops.connect(socket, taken, t));
                    script.fails(
                            Errno.EISCONN, "connect again", t -> ops.connect(socket, taken, t));
                    script.gives(4, "send", t -> ops.send(socket, memory, 4, t));
                    script.fails(Errno.EFAULT, "send from 8", t -> ops.send(socket, 8, 4, t));
                    script.gives(0, "shutdown", t -> ops.shutdown(socket, Const.SHUT_WR, t));
                    script.fails(Errno.EPIPE, "send then", t -> ops.send(socket, memory, 1, t));
                    script.fails(Errno.EINVAL, "shutdown how", t -> ops.shutdown(socket, 99, t));
                });
        unmap(memory);
    }

    private static long map() {
        try (Libc libc = new Libc()) {
            return libc.mmap(BYTES);
        }
    }

    private static void unmap(long memory) {
        try (Libc libc = new Libc()) {
            libc.munmap(memory, BYTES);
        }
    }
}
