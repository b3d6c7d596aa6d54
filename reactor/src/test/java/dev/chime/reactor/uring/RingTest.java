package dev.chime.reactor.uring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.ErrnoCode;
import dev.chime.reactor.libc.Libc;
import dev.chime.reactor.libc.Opcode;
import dev.chime.reactor.libc.Sys;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The ring layer on its own, as a program without a reactor would use it. */
class RingTest {
    private static final int AT_FDCWD = Const.AT_FDCWD;

    @TempDir Path folder;

    @BeforeAll
    static void needsRing() {
        try (Ring ring = Ring.open(RingOptions.entries(1))) {
            assertTrue(ring.fd() >= 0);
        } catch (RingException e) {
            abort("no io_uring here: " + e.getMessage());
        }
    }

    private static int result(Ring ring, long userData) {
        Cqe cqe = ring.waitCqe();
        assertEquals(userData, cqe.userData());
        int result = cqe.result();
        ring.seen();
        return result;
    }

    private int open(Ring ring, Arena arena, Path path, int flags) {
        ring.sqe()
                .prepOpenat(AT_FDCWD, arena.allocateFrom(path.toString()), flags, 0644)
                .userData(1);
        assertEquals(1, ring.submit());
        int fd = result(ring, 1);
        assertTrue(fd >= 0, "open gives a descriptor, not " + fd);
        return fd;
    }

    @Test
    void example_ofThePackagesPage_readsTheFile() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "hello, ring");

        assertEquals(
                "hello, ring",
                new String(RingExample.firstBytes(file.toString()), StandardCharsets.UTF_8));
    }

    @Test
    void linkedWriteAndFsync_completeInOrder() throws Exception {
        try (Ring ring = Ring.open(RingOptions.entries(8));
                Arena arena = Arena.ofConfined()) {
            int fd = open(ring, arena, folder.resolve("log"), Const.O_WRONLY | Const.O_CREAT);
            ring.sqe().prepWrite(fd, arena.allocateFrom("line"), 0).userData(2).link();
            ring.sqe().prepFsync(fd, true).userData(3);
            assertEquals(2, ring.submit());

            assertEquals(5, result(ring, 2));
            assertEquals(0, result(ring, 3));
            new Libc().close(fd);
        }
    }

    @Test
    void brokenLink_cancelsWhatComesBehind() throws Exception {
        try (Ring ring = Ring.open(RingOptions.entries(8));
                Arena arena = Arena.ofConfined()) {
            ring.sqe().prepRead(-1, arena.allocate(16), 0).userData(1).link();
            ring.sqe().prepNop().userData(2);
            ring.submit();

            assertEquals(-ErrnoCode.EBADF, result(ring, 1));
            assertEquals(-ErrnoCode.ECANCELED, result(ring, 2));
        }
    }

    @Test
    void fullQueue_saysSoAndTakesMoreAfterSubmit() throws Exception {
        try (Ring ring = Ring.open(RingOptions.entries(2))) {
            ring.sqe().prepNop().userData(1);
            ring.sqe().prepNop().userData(2);

            assertEquals(0, ring.sqSpaceLeft());
            assertThrows(IllegalStateException.class, ring::sqe);
            assertEquals(2, ring.submit());
            assertEquals(2, ring.sqSpaceLeft());
            ring.sqe().prepNop().userData(3);
            ring.submit();
            List<Long> seen = new ArrayList<>();
            assertEquals(3, ring.forEachCqe(cqe -> seen.add(cqe.userData())));
            assertEquals(List.of(1L, 2L, 3L), seen);
            assertNull(ring.peek());
        }
    }

    @Test
    void overflowedCompletions_areAllFound() throws Exception {
        int rounds = 1000;
        try (Ring ring = Ring.open(RingOptions.entries(1).completionEntries(2))) {
            for (int i = 0; i < rounds; i++) {
                ring.sqe().prepNop().userData(i);
                while (ring.sqSpaceLeft() == 0) {
                    if (ring.submit() < 0) {
                        break; // the kernel wants to be relieved first
                    }
                }
                if (ring.sqSpaceLeft() == 0) {
                    assertNotNull(ring.peek());
                    break;
                }
            }
            long expected = 0;
            for (Cqe cqe = ring.peek(); cqe != null; cqe = ring.peek()) {
                assertEquals(expected++, cqe.userData());
                ring.seen();
            }
            assertTrue(expected > 2, "more than the queue holds: " + expected);
        }
    }

    @Test
    void waitWithTimeout_endsWithoutCompletion() throws Exception {
        try (Ring ring = Ring.open(RingOptions.entries(1))) {
            long start = System.nanoTime();

            assertNull(ring.waitCqe(Duration.ofMillis(20)));

            assertTrue(System.nanoTime() - start >= 20_000_000);
        }
    }

    @Test
    void registeredFilesAndBuffers_serveFixedReads() throws Exception {
        Path file = Files.writeString(folder.resolve("fixed"), "fixed!");
        try (Ring ring = Ring.open(RingOptions.entries(4));
                Arena arena = Arena.ofConfined()) {
            int fd = open(ring, arena, file, Const.O_RDONLY);
            RingResources resources = new RingResources(ring);
            MemorySegment buffer = arena.allocate(4096, 4096);
            resources.registerFiles(-1, -1);
            resources.updateFiles(1, fd);
            resources.registerBuffers(buffer);

            ring.sqe().prepReadFixed(1, buffer.asSlice(0, 64), 0, 0).userData(5).fixedFile();
            ring.submit();

            assertEquals(6, result(ring, 5));
            assertEquals('f', buffer.get(ValueLayout.JAVA_BYTE, 0));
            resources.unregisterBuffers();
            resources.unregisterFiles();
            new Libc().close(fd);
        }
    }

    @Test
    void eventFd_countsCompletions() throws Exception {
        try (Ring ring = Ring.open(RingOptions.entries(4));
                Arena arena = Arena.ofConfined();
                Libc libc = new Libc()) {
            int eventFd = (int) libc.syscall(Sys.EVENTFD2, 0, Const.EFD_NONBLOCK);
            RingResources resources = new RingResources(ring);
            resources.registerEventFd(eventFd);
            ring.sqe().prepNop();
            ring.submit();
            MemorySegment count = arena.allocate(8, 8);

            assertEquals(8, libc.syscall(Sys.READ, eventFd, count.address(), 8));
            assertEquals(1, count.get(ValueLayout.JAVA_LONG, 0));
            resources.unregisterEventFd();
            libc.close(eventFd);
        }
    }

    @Test
    void bufferRing_theKernelPicksAndGivesBack() throws Exception {
        try (Ring ring = Ring.open(RingOptions.entries(8));
                BufferRing buffers = BufferRing.register(ring, 3, 2, 64, false);
                Arena arena = Arena.ofConfined();
                Libc libc = new Libc()) {
            MemorySegment pair = arena.allocate(8, 4);
            libc.syscall(Sys.PIPE2, pair.address(), Const.O_CLOEXEC);
            int from = pair.get(ValueLayout.JAVA_INT, 0);
            int to = pair.get(ValueLayout.JAVA_INT, 4);
            for (int round = 0; round < 5; round++) {
                ring.sqe().prepWrite(to, arena.allocateFrom("round" + round), -1).userData(1);
                ring.sqe().prep(Opcode.READ, from, 0, 64, -1, 0).bufferSelect(3).userData(2);
                ring.submit();
                assertEquals(7, result(ring, 1));
                Cqe cqe = ring.waitCqe();
                assertTrue(cqe.hasBuffer());
                int id = cqe.bufferId();
                assertEquals(7, cqe.result());
                assertEquals("round" + round, buffers.buffer(id).getString(0));
                ring.seen();
                buffers.provide(id);
                buffers.publish();
            }
            libc.close(from);
            libc.close(to);
        }
    }

    @Test
    void sqPoll_worksWithoutEnterWhileThePollerSpins() throws Exception {
        try (Ring ring = Ring.open(RingOptions.entries(8).sqPoll(Duration.ofSeconds(2)))) {
            for (int i = 0; i < 100; i++) {
                ring.sqe().prepNop().userData(i);
                ring.submit();
                while (ring.cqReady() == 0) {
                    Thread.onSpinWait();
                }
                assertEquals(0, result(ring, i));
            }
            assertTrue(ring.enters() < 10, "enters: " + ring.enters());
        } catch (RingException e) {
            abort("no SQPOLL here: " + e.getMessage());
        }
    }

    @Test
    void probe_knowsReadAndNotAnOpcodeFromTheFuture() throws Exception {
        try (Ring ring = Ring.open(RingOptions.entries(1))) {
            var opcodes = new RingResources(ring).opcodes();

            assertTrue(opcodes.get(Opcode.READ));
            assertTrue(!opcodes.get(250));
        }
    }

    @Test
    void refusedSetup_namesTheCallAndTheErrno() {
        RingException e =
                assertThrows(
                        RingException.class,
                        () -> Ring.open(new RingOptions(1, 0, 1 << 30, true, Duration.ZERO)));

        assertEquals(ErrnoCode.EINVAL, e.errno());
        assertEquals("io_uring_setup", e.call());
    }
}
