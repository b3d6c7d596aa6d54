package dev.chime.reactor.uring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.chime.reactor.libc.Arch;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.Libc;
import dev.chime.reactor.libc.Sys;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.TreeMap;

/** What the tests of the ring layer share. */
final class Rings {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int SOCKETPAIR = Arch.CURRENT == Arch.X86_64 ? 53 : 199;

    private Rings() {}

    /** A plain ring; ends the test where there is no io_uring. */
    static Ring open(int entries) {
        return open(RingOptions.entries(entries));
    }

    static Ring open(RingOptions options) {
        try {
            return Ring.open(options);
        } catch (RingException e) {
            return abort("no such io_uring here: " + e.getMessage());
        }
    }

    /** Ends the test on a kernel that lacks the operation. */
    static void needs(Ring ring, int opcode) throws RingException {
        assumeTrue(
                new RingResources(ring).opcodes().get(opcode),
                () -> "this kernel's io_uring lacks opcode " + opcode);
    }

    /** The next completion's result; it must be of {@code userData}. */
    static int result(Ring ring, long userData) {
        Cqe cqe = ring.waitCqe(PATIENCE);
        assertNotNull(cqe, "no completion of " + userData);
        assertEquals(userData, cqe.userData());
        int result = cqe.result();
        ring.seen();
        return result;
    }

    /** The next {@code count} results in any order, as "userData=result" by user data. */
    static String results(Ring ring, int count) {
        TreeMap<Long, Integer> results = new TreeMap<>();
        for (int i = 0; i < count; i++) {
            Cqe cqe = ring.waitCqe(PATIENCE);
            assertNotNull(cqe, () -> "only " + results);
            results.put(cqe.userData(), cqe.result());
            ring.seen();
        }
        return results.toString();
    }

    /** Submits what {@code sqe} was filled with and gives its result. */
    static int run(Ring ring, Sqe sqe) {
        sqe.userData(0x51);
        ring.submit();
        return result(ring, 0x51);
    }

    static int open(Ring ring, Arena arena, Path path, int flags) {
        int fd =
                run(
                        ring,
                        ring.sqe()
                                .prepOpenat(
                                        Const.AT_FDCWD,
                                        arena.allocateFrom(path.toString()),
                                        flags | Const.O_CLOEXEC,
                                        0644));
        assertTrue(fd >= 0, "open gives a descriptor, not " + fd);
        return fd;
    }

    /** A pipe: the end to read from, the end to write to. */
    static int[] pipe(Libc libc, Arena arena) {
        MemorySegment pair = arena.allocate(8, 4);
        assertEquals(0, libc.syscall(Sys.PIPE2, pair.address(), Const.O_CLOEXEC));
        return pair.toArray(ValueLayout.JAVA_INT);
    }

    /** Two connected stream sockets. */
    static int[] socketPair(Libc libc, Arena arena) {
        MemorySegment pair = arena.allocate(8, 4);
        int type = Const.SOCK_STREAM | Const.SOCK_CLOEXEC;
        assertEquals(0, libc.syscall(SOCKETPAIR, Const.AF_UNIX, type, 0, pair.address()));
        return pair.toArray(ValueLayout.JAVA_INT);
    }

    static void close(Libc libc, int... fds) {
        for (int fd : fds) {
            assertEquals(0, libc.close(fd));
        }
    }

    static MemorySegment text(Arena arena, String text) {
        byte[] bytes = text.getBytes(java.nio.charset.StandardCharsets.UTF_8);
        return arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
    }

    static String text(MemorySegment memory, int length) {
        byte[] bytes = memory.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
        return new String(bytes, java.nio.charset.StandardCharsets.UTF_8);
    }

    /** A struct iovec array over the pieces. */
    static MemorySegment iovecs(Arena arena, List<MemorySegment> pieces) {
        MemorySegment iovecs = arena.allocate(16L * pieces.size(), 8);
        for (int i = 0; i < pieces.size(); i++) {
            iovecs.set(ValueLayout.JAVA_LONG, 16L * i, pieces.get(i).address());
            iovecs.set(ValueLayout.JAVA_LONG, 16L * i + 8, pieces.get(i).byteSize());
        }
        return iovecs;
    }

    static MemorySegment timespec(Arena arena, long millis) {
        MemorySegment timespec = arena.allocate(16, 8);
        timespec.set(ValueLayout.JAVA_LONG, 0, millis / 1000);
        timespec.set(ValueLayout.JAVA_LONG, 8, millis % 1000 * 1_000_000);
        return timespec;
    }
}
