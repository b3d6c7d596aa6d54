package dev.chime.reactor.uring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.ErrnoCode;
import dev.chime.reactor.libc.Libc;
import dev.chime.reactor.libc.Opcode;
import dev.chime.reactor.libc.RegisterOp;
import dev.chime.reactor.libc.Sys;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is registered with a ring: files, buffers, buffer rings, an eventfd, restrictions. */
class ResourcesTest {
    @TempDir Path folder;

    @Test
    void registeredFiles_areUpdated_emptied_andLetGo() throws Exception {
        Path one = Files.writeString(folder.resolve("one"), "one");
        Path two = Files.writeString(folder.resolve("two"), "two!");
        try (Ring ring = Rings.open(8);
                Arena arena = Arena.ofConfined();
                Libc libc = new Libc()) {
            int first = Rings.open(ring, arena, one, Const.O_RDONLY);
            int second = Rings.open(ring, arena, two, Const.O_RDONLY);
            MemorySegment buffer = arena.allocate(16);
            RingResources resources = new RingResources(ring);
            resources.registerFiles(first, -1);
            assertEquals(3, Rings.run(ring, ring.sqe().prepRead(0, buffer, 0).fixedFile()));
            resources.updateFiles(0, second);
            Rings.close(libc, first, second); // the table has references of its own
            assertEquals(4, Rings.run(ring, ring.sqe().prepRead(0, buffer, 0).fixedFile()));
            assertEquals("two!", Rings.text(buffer, 4));
            resources.updateFiles(0, -1);
            int empty = Rings.run(ring, ring.sqe().prepRead(0, buffer, 0).fixedFile());
            assertEquals(-ErrnoCode.EBADF, empty);
            resources.unregisterFiles();
            var e = assertThrows(RingException.class, resources::unregisterFiles);
            assertEquals(ErrnoCode.ENXIO, e.errno());
            assertEquals("io_uring_register(UNREGISTER_FILES)", e.call());
        }
    }

    @Test
    void filesOpenedIntoTheTable_neverHaveANumber_untilInstalled() throws Exception {
        Path file = Files.writeString(folder.resolve("direct"), "direct");
        try (Ring ring = Rings.open(8);
                Arena arena = Arena.ofConfined();
                Libc libc = new Libc()) {
            Rings.needs(ring, Opcode.FIXED_FD_INSTALL);
            new RingResources(ring).registerFilesSparse(4);
            MemorySegment path = arena.allocateFrom(file.toString());
            MemorySegment buffer = arena.allocate(16);
            Sqe open = ring.sqe().prepOpenat(Const.AT_FDCWD, path, Const.O_RDONLY, 0);
            assertEquals(0, Rings.run(ring, open.fileIndex(2)));
            assertEquals(6, Rings.run(ring, ring.sqe().prepRead(2, buffer, 0).fixedFile()));
            open = ring.sqe().prepOpenat(Const.AT_FDCWD, path, Const.O_RDONLY, 0);
            int picked = Rings.run(ring, open.fileIndex(Sqe.ANY_INDEX));
            assertTrue(picked >= 0 && picked < 4 && picked != 2, "place " + picked);
            int fd = Rings.run(ring, ring.sqe().prepFixedFdInstall(picked));
            assertTrue(fd >= 0, "descriptor " + fd);
            assertEquals(6, Rings.run(ring, ring.sqe().prepRead(fd, buffer, 0)));
            assertEquals(0, Rings.run(ring, ring.sqe().prepCloseDirect(2)));
            int closed = Rings.run(ring, ring.sqe().prepRead(2, buffer, 0).fixedFile());
            assertEquals(-ErrnoCode.EBADF, closed);
            MemorySegment fds = arena.allocateFrom(ValueLayout.JAVA_INT, fd);
            assertEquals(1, Rings.run(ring, ring.sqe().prepFilesUpdate(fds, 1, 2)));
            assertEquals(6, Rings.run(ring, ring.sqe().prepRead(2, buffer, 0).fixedFile()));
            Rings.close(libc, fd);
        }
    }

    @Test
    void registeredBuffers_areUpdated_andBoundsAreKept() throws Exception {
        Path file = folder.resolve("fixed");
        try (Ring ring = Rings.open(8);
                Arena arena = Arena.ofConfined();
                Libc libc = new Libc()) {
            int fd = Rings.open(ring, arena, file, Const.O_RDWR | Const.O_CREAT);
            MemorySegment memory = arena.allocate(8192, 4096);
            memory.fill((byte) 'a');
            RingResources resources = new RingResources(ring);
            resources.registerBuffersSparse(2);
            MemorySegment lower = memory.asSlice(0, 4096);
            int none = Rings.run(ring, ring.sqe().prepWriteFixed(fd, lower, 0, 1));
            assertEquals(-ErrnoCode.EFAULT, none, "an empty place");
            resources.updateBuffer(1, lower);
            MemorySegment part = memory.asSlice(100, 50);
            assertEquals(50, Rings.run(ring, ring.sqe().prepWriteFixed(fd, part, 0, 1)));
            MemorySegment beyond = memory.asSlice(4000, 200);
            int outside = Rings.run(ring, ring.sqe().prepWriteFixed(fd, beyond, 0, 1));
            assertEquals(-ErrnoCode.EFAULT, outside);
            resources.updateBuffer(1, memory);
            assertEquals(200, Rings.run(ring, ring.sqe().prepReadFixed(fd, beyond, 0, 1)) + 150);
            assertEquals(50, Files.size(file));
            resources.unregisterBuffers();
            assertThrows(RingException.class, resources::unregisterBuffers);
            Rings.close(libc, fd);
        }
    }

    @Test
    void vectoredFixed_useTheRegisteredMemory() throws Exception {
        try (Ring ring = Rings.open(8);
                Arena arena = Arena.ofConfined();
                Libc libc = new Libc()) {
            Rings.needs(ring, Opcode.READV_FIXED);
            int fd = Rings.open(ring, arena, folder.resolve("v"), Const.O_RDWR | Const.O_CREAT);
            MemorySegment memory = arena.allocate(4096, 4096);
            memory.copyFrom(Rings.text(arena, "helloworld"));
            new RingResources(ring).registerBuffers(memory);
            MemorySegment swapped =
                    Rings.iovecs(arena, List.of(memory.asSlice(5, 5), memory.asSlice(0, 5)));
            assertEquals(10, Rings.run(ring, ring.sqe().prepWritevFixed(fd, swapped, 2, 0, 0)));
            MemorySegment there = Rings.iovecs(arena, List.of(memory.asSlice(100, 10)));
            assertEquals(10, Rings.run(ring, ring.sqe().prepReadvFixed(fd, there, 1, 0, 0)));
            assertEquals("worldhello", Rings.text(memory.asSlice(100), 10));
            Rings.close(libc, fd);
        }
    }

    @Test
    void bufferRing_thatIsEmpty_givesEnobufs_andServesAgainAfterProvide() throws Exception {
        try (Ring ring = Rings.open(8);
                BufferRing buffers = BufferRing.register(ring, 5, 2, 64, false);
                Arena arena = Arena.ofConfined();
                Libc libc = new Libc()) {
            int[] pair = Rings.socketPair(libc, arena);
            MemorySegment hi = Rings.text(arena, "hi");
            Set<Integer> used = new HashSet<>();
            for (int i = 0; i < 2; i++) {
                assertEquals(2, Rings.run(ring, ring.sqe().prepSend(pair[1], hi, 0)));
                used.add(receive(ring, pair[0], 5));
            }
            assertEquals(Set.of(0, 1), used);
            assertEquals(2, Rings.run(ring, ring.sqe().prepSend(pair[1], hi, 0)));
            assertEquals(-ErrnoCode.ENOBUFS, receive(ring, pair[0], 5));
            buffers.provide(1);
            buffers.publish();
            assertEquals(1, receive(ring, pair[0], 5), "the bytes have waited");
            assertEquals("hi", Rings.text(buffers.buffer(1), 2));
            for (int round = 0; round < 70_000; round += 7_000) { // the tail has 16 bits
                for (int i = 0; i < 7_000; i++) {
                    buffers.provide(1);
                    buffers.publish();
                    assertEquals(2, Rings.run(ring, ring.sqe().prepSend(pair[1], hi, 0)));
                    assertEquals(1, receive(ring, pair[0], 5));
                }
            }
            assertThrows(IndexOutOfBoundsException.class, () -> buffers.provide(2));
            Rings.close(libc, pair);
        }
    }

    /** Receives once: the buffer's number, or a negative errno. */
    private static int receive(Ring ring, int fd, int group) {
        ring.sqe().prep(Opcode.RECV, fd, 0, 0, 0, 0).bufferSelect(group).userData(9);
        ring.submit();
        Cqe cqe = ring.waitCqe();
        assertEquals(9, cqe.userData());
        int result = cqe.result() < 0 ? cqe.result() : cqe.bufferId();
        assertEquals(cqe.result() >= 0, cqe.hasBuffer());
        ring.seen();
        return result;
    }

    @Test
    void multishotReceive_endsAtEnobufs_withoutLosingBytes() throws Exception {
        try (Ring ring = Rings.open(8);
                BufferRing buffers = BufferRing.register(ring, 6, 2, 64, false);
                Arena arena = Arena.ofConfined();
                Libc libc = new Libc()) {
            int[] pair = Rings.socketPair(libc, arena);
            ring.sqe().prepMultishotRecv(pair[0], 6, 0).userData(1);
            ring.submit();
            StringBuilder text = new StringBuilder();
            String sent = "abcdefghij";
            for (int i = 0; i < 10; i++) {
                MemorySegment letter = Rings.text(arena, sent.substring(i, i + 1));
                assertEquals(1, libc.syscall(Sys.WRITE, pair[1], letter.address(), 1), "the write");
                Cqe cqe = ring.waitCqe();
                assertEquals(1, cqe.userData());
                while (cqe.result() == -ErrnoCode.ENOBUFS) {
                    assertFalse(cqe.more());
                    ring.seen();
                    buffers.provide(0);
                    buffers.provide(1);
                    buffers.publish();
                    ring.sqe().prepMultishotRecv(pair[0], 6, 0).userData(1);
                    ring.submit();
                    cqe = ring.waitCqe();
                }
                text.append(Rings.text(buffers.buffer(cqe.bufferId()), cqe.result()));
                ring.seen();
            }
            assertEquals(sent, text.toString());
            Rings.close(libc, pair);
        }
    }

    @Test
    void incrementalBuffers_fillBitByBit() throws Exception {
        try (Ring ring = Rings.open(8);
                BufferRing buffers = BufferRing.register(ring, 7, 1, 64, true);
                Arena arena = Arena.ofConfined();
                Libc libc = new Libc()) {
            org.junit.jupiter.api.Assumptions.assumeTrue(buffers.isIncremental());
            int[] pair = Rings.socketPair(libc, arena);
            int at = 0;
            for (String word : List.of("one", "three", "seven!!")) {
                MemorySegment bytes = Rings.text(arena, word);
                assertEquals(
                        word.length(), Rings.run(ring, ring.sqe().prepSend(pair[1], bytes, 0)));
                ring.sqe().prep(Opcode.RECV, pair[0], 0, 0, 0, 0).bufferSelect(7);
                ring.submit();
                Cqe cqe = ring.waitCqe();
                assertTrue(cqe.bufferMore());
                assertEquals(0, cqe.bufferId());
                assertEquals(word, Rings.text(buffers.buffer(0).asSlice(at), cqe.result()));
                at += cqe.result();
                ring.seen();
            }
            Rings.close(libc, pair);
        }
    }

    @Test
    void eventFd_ofWorkersAlone() throws Exception {
        try (Ring ring = Rings.open(4);
                Arena arena = Arena.ofConfined();
                Libc libc = new Libc()) {
            int eventFd = (int) libc.syscall(Sys.EVENTFD2, 0, Const.EFD_NONBLOCK);
            RingResources resources = new RingResources(ring);
            resources.registerEventFdAsync(eventFd);
            assertEquals(0, Rings.run(ring, ring.sqe().prepNop()));
            MemorySegment count = arena.allocate(8, 8);
            assertEquals(-ErrnoCode.EAGAIN, libc.syscall(Sys.READ, eventFd, count.address(), 8));
            assertEquals(0, Rings.run(ring, ring.sqe().prepNop().async()));
            assertEquals(8, libc.syscall(Sys.READ, eventFd, count.address(), 8));
            resources.unregisterEventFd();
            assertThrows(RingException.class, resources::unregisterEventFd);
            Rings.close(libc, eventFd);
        }
    }

    @Test
    void workers_areBounded() throws Exception {
        try (Ring ring = Rings.open(4);
                Arena arena = Arena.ofConfined()) {
            new RingResources(ring).maxWorkers(3, 5);
            MemorySegment pair = arena.allocateFrom(ValueLayout.JAVA_INT, 0, 0);
            int op = RegisterOp.REGISTER_IOWQ_MAX_WORKERS;
            assertEquals(0, ring.register(op, pair.address(), 2));
            assertEquals(3, pair.get(ValueLayout.JAVA_INT, 0));
            assertEquals(5, pair.get(ValueLayout.JAVA_INT, 4));
        }
    }

    @Test
    void restrictions_refuseAllThatIsNotAllowed_forEver() throws Exception {
        try (Ring ring = Rings.open(RingOptions.loop(8, 16));
                Arena arena = Arena.ofConfined()) {
            RingResources resources = new RingResources(ring);
            resources.restrict(
                    new Restrictions()
                            .operations(Opcode.NOP, Opcode.READ)
                            .registerOperations(RegisterOp.REGISTER_PROBE)
                            .sqeFlags(dev.chime.reactor.libc.SqeLayout.IOSQE_IO_LINK));
            ring.enable();

            assertEquals(0, Rings.run(ring, ring.sqe().prepNop()));
            assertEquals(
                    -ErrnoCode.EBADF,
                    Rings.run(ring, ring.sqe().prepRead(-1, arena.allocate(8), 0)));
            int write = Rings.run(ring, ring.sqe().prepWrite(-1, arena.allocate(8), 0));
            assertEquals(-ErrnoCode.EACCES, write);
            assertEquals(-ErrnoCode.EACCES, Rings.run(ring, ring.sqe().prepNop().async()));
            assertTrue(resources.opcodes().get(Opcode.READ));
            var e = assertThrows(RingException.class, () -> resources.maxWorkers(1, 1));
            assertEquals(ErrnoCode.EACCES, e.errno());
            assertThrows(RingException.class, () -> resources.restrict(new Restrictions()));
        }
    }

    @Test
    void restrictions_mayDemandRegisteredFiles() throws Exception {
        Path file = Files.writeString(folder.resolve("allowed"), "allowed");
        try (Ring plain = Rings.open(4);
                Ring ring = Rings.open(RingOptions.loop(8, 16));
                Arena arena = Arena.ofConfined();
                Libc libc = new Libc()) {
            int fd = Rings.open(plain, arena, file, Const.O_RDONLY);
            RingResources resources = new RingResources(ring);
            resources.registerFiles(fd);
            resources.restrict(new Restrictions().operations(Opcode.READ).requireSqeFlags(1));
            ring.enable();
            MemorySegment buffer = arena.allocate(16);
            assertEquals(7, Rings.run(ring, ring.sqe().prepRead(0, buffer, 0).fixedFile()));
            int bare = Rings.run(ring, ring.sqe().prepRead(fd, buffer, 0));
            assertEquals(-ErrnoCode.EACCES, bare);
            Rings.close(libc, fd);
        }
    }

    @Test
    void restrictions_comeTooLateForAnEnabledRing() {
        try (Ring ring = Rings.open(4)) {
            var e =
                    assertThrows(
                            RingException.class,
                            () -> new RingResources(ring).restrict(new Restrictions()));
            assertEquals(ErrnoCode.EBADFD, e.errno());
            assertThrows(IllegalArgumentException.class, () -> new Restrictions().operations(256));
        }
    }
}
