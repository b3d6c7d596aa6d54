package dev.chime.reactor.uring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.EpollEventLayout;
import dev.chime.reactor.libc.ErrnoCode;
import dev.chime.reactor.libc.Libc;
import dev.chime.reactor.libc.MsghdrLayout;
import dev.chime.reactor.libc.Opcode;
import dev.chime.reactor.libc.SockaddrInLayout;
import dev.chime.reactor.libc.StatxLayout;
import dev.chime.reactor.libc.Sys;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every {@code prep} method does what the system call of its name does. */
class OperationsTest {
    private static final int AT = Const.AT_FDCWD;

    @TempDir Path folder;
    private final Arena arena = Arena.ofConfined();
    private final Libc libc = new Libc();
    private Ring ring;

    @BeforeEach
    void openRing() {
        ring = Rings.open(8);
    }

    @AfterEach
    void closeRing() {
        if (ring != null) {
            ring.close();
        }
        libc.close();
        arena.close();
    }

    private MemorySegment path(String name) {
        return arena.allocateFrom(folder.resolve(name).toString());
    }

    private int run(Sqe sqe) {
        return Rings.run(ring, sqe);
    }

    private void done(Sqe sqe) {
        assertEquals(0, run(sqe));
    }

    private int open(String name, int flags) {
        return Rings.open(ring, arena, folder.resolve(name), flags);
    }

    @Test
    void names_areMadeLinkedRenamedAndRemoved() throws Exception {
        Rings.needs(ring, Opcode.LINKAT);
        done(ring.sqe().prepMkdirat(AT, path("dir"), 0755));
        Files.writeString(folder.resolve("dir/file"), "text");
        done(ring.sqe().prepLinkat(AT, path("dir/file"), AT, path("hard"), 0));
        done(ring.sqe().prepSymlinkat(arena.allocateFrom("dir/file"), AT, path("soft")));
        assertEquals("text", Files.readString(folder.resolve("hard")));
        assertEquals("dir/file", Files.readSymbolicLink(folder.resolve("soft")).toString());
        done(ring.sqe().prepRenameat(AT, path("hard"), AT, path("moved"), 0));
        assertFalse(Files.exists(folder.resolve("hard")));
        done(ring.sqe().prepUnlinkat(AT, path("dir/file"), 0));
        int isFolder = run(ring.sqe().prepUnlinkat(AT, path("dir"), 0));
        assertEquals(-ErrnoCode.EISDIR, isFolder);
        done(ring.sqe().prepUnlinkat(AT, path("dir"), Const.AT_REMOVEDIR));
        assertEquals("text", Files.readString(folder.resolve("moved")));
    }

    @Test
    void fileContent_isWrittenVectoredTruncatedAllocatedSyncedAndStated() throws Exception {
        int fd = open("file", Const.O_RDWR | Const.O_CREAT);
        MemorySegment one = Rings.text(arena, "one ");
        MemorySegment two = Rings.text(arena, "two");
        MemorySegment both = Rings.iovecs(arena, List.of(one, two));
        assertEquals(7, run(ring.sqe().prepWritev(fd, both, 2, 0)));
        assertEquals(3, run(ring.sqe().prepWrite(fd, two, 7)));
        done(ring.sqe().prepFsync(fd, false));
        done(ring.sqe().prepFsync(fd, true));
        done(ring.sqe().prepSyncFileRange(fd, 0, 4096, 0));
        done(ring.sqe().prepFadvise(fd, 0, 4096, 0));
        MemorySegment statx = arena.allocate(StatxLayout.SIZE, 8);
        int mask = StatxLayout.STATX_BASIC_STATS;
        done(ring.sqe().prepStatx(AT, path("file"), 0, mask, statx));
        assertEquals(10, statx.get(ValueLayout.JAVA_LONG, StatxLayout.STX_SIZE));
        int allocated = run(ring.sqe().prepFallocate(fd, 0, 0, 100));
        assertTrue(allocated == 0 || allocated == -ErrnoCode.EOPNOTSUPP, "" + allocated);
        if (new RingResources(ring).opcodes().get(Opcode.FTRUNCATE)) {
            done(ring.sqe().prepFtruncate(fd, 6));
            assertEquals("one tw", Files.readString(folder.resolve("file")));
        }
        MemorySegment back = arena.allocate(16);
        assertEquals(4, run(ring.sqe().prepRead(fd, back.asSlice(0, 4), 0)));
        assertEquals("one ", Rings.text(back, 4));
        done(ring.sqe().prepClose(fd));
    }

    @Test
    void openat2_staysBeneathItsFolder() throws Exception {
        Files.writeString(folder.resolve("inside"), "x");
        int directory = open(".", Const.O_RDONLY | Const.O_DIRECTORY);
        MemorySegment how = arena.allocate(24, 8); // struct open_how: flags, mode, resolve
        how.set(ValueLayout.JAVA_LONG, 0, Const.O_RDONLY | Const.O_CLOEXEC);
        how.set(ValueLayout.JAVA_LONG, 16, 0x08); // RESOLVE_BENEATH
        MemorySegment name = arena.allocateFrom("inside");
        int fd = run(ring.sqe().prepOpenat2(directory, name, how));
        assertTrue(fd >= 0, "descriptor " + fd);
        MemorySegment escape = arena.allocateFrom("../outside");
        assertEquals(-ErrnoCode.EXDEV, run(ring.sqe().prepOpenat2(directory, escape, how)));
        Rings.close(libc, fd, directory);
    }

    @Test
    void attributes_areSetAndRead() throws Exception {
        Rings.needs(ring, Opcode.GETXATTR);
        Files.writeString(folder.resolve("file"), "x");
        MemorySegment name = arena.allocateFrom("user.colour");
        int set = run(ring.sqe().prepSetxattr(name, Rings.text(arena, "red"), path("file"), 0));
        assumeTrue(set != -ErrnoCode.EOPNOTSUPP, "no attributes in " + folder);
        assertEquals(0, set);
        MemorySegment value = arena.allocate(16);
        assertEquals(3, run(ring.sqe().prepGetxattr(name, value, path("file"))));
        assertEquals("red", Rings.text(value, 3));
        int fd = open("file", Const.O_RDONLY);
        done(ring.sqe().prepFsetxattr(fd, name, Rings.text(arena, "blue"), 0));
        assertEquals(4, run(ring.sqe().prepFgetxattr(fd, name, value)));
        assertEquals("blue", Rings.text(value, 4));
        Rings.close(libc, fd);
    }

    @Test
    void pipes_areMadeSplicedTeedAndReadManyTimes() throws Exception {
        Rings.needs(ring, Opcode.TEE);
        int[] first = Rings.pipe(libc, arena);
        int[] second;
        if (new RingResources(ring).opcodes().get(Opcode.PIPE)) {
            MemorySegment fds = arena.allocate(8, 4);
            done(ring.sqe().prepPipe(fds, Const.O_CLOEXEC));
            second = fds.toArray(ValueLayout.JAVA_INT);
        } else {
            second = Rings.pipe(libc, arena);
        }
        assertEquals(4, run(ring.sqe().prepWrite(first[1], Rings.text(arena, "data"), -1)));
        assertEquals(4, run(ring.sqe().prepTee(first[0], second[1], 16, 0)));
        int fd = open("spliced", Const.O_RDWR | Const.O_CREAT);
        assertEquals(4, run(ring.sqe().prepSplice(first[0], -1, fd, 3, 16, 0)));
        assertEquals("\0\0\0data", Files.readString(folder.resolve("spliced")));
        MemorySegment back = arena.allocate(16);
        assertEquals(4, run(ring.sqe().prepRead(second[0], back, -1)));
        assertEquals("data", Rings.text(back, 4));
        if (new RingResources(ring).opcodes().get(Opcode.READ_MULTISHOT)) {
            readManyTimes(first);
        }
        Rings.close(libc, fd);
        Rings.close(libc, first);
        Rings.close(libc, second);
    }

    private void readManyTimes(int[] pipe) throws RingException {
        try (BufferRing buffers = BufferRing.register(ring, 2, 4, 64, false)) {
            ring.sqe().prepMultishotRead(pipe[0], 2).userData(1);
            ring.submit();
            for (String word : List.of("a", "bc", "def")) {
                MemorySegment bytes = Rings.text(arena, word);
                libc.syscall(Sys.WRITE, pipe[1], bytes.address(), bytes.byteSize());
                Cqe cqe = ring.waitCqe();
                assertTrue(cqe.more() && cqe.hasBuffer());
                assertEquals(word, Rings.text(buffers.buffer(cqe.bufferId()), cqe.result()));
                ring.seen();
            }
            ring.sqe().prepCancel(1).skipSuccess();
            ring.submit();
            assertEquals(-ErrnoCode.ECANCELED, Rings.result(ring, 1));
        }
    }

    @Test
    void connection_isMadeUsedAndShut() throws Exception {
        Rings.needs(ring, Opcode.LISTEN);
        int type = Const.SOCK_STREAM | Const.SOCK_CLOEXEC;
        int listener = run(ring.sqe().prepSocket(Const.AF_INET, type, 0));
        MemorySegment address = arena.allocate(SockaddrInLayout.SIZE, 8);
        address.set(ValueLayout.JAVA_SHORT, SockaddrInLayout.SIN_FAMILY, (short) Const.AF_INET);
        address.set(ValueLayout.JAVA_INT, SockaddrInLayout.SIN_ADDR, 0x0100007f);
        done(ring.sqe().prepBind(listener, address));
        done(ring.sqe().prepListen(listener, 8));
        MemorySegment size = arena.allocateFrom(ValueLayout.JAVA_INT, SockaddrInLayout.SIZE);
        libc.syscall(Sys.GETSOCKNAME, listener, address.address(), size.address());
        ring.sqe().prepMultishotAccept(listener, Const.SOCK_CLOEXEC).userData(1);
        ring.submit();
        int client = run(ring.sqe().prepSocket(Const.AF_INET, type, 0));
        ring.sqe().prepConnect(client, address).userData(2);
        ring.submit();
        Cqe[] any = {ring.waitCqe()};
        int peer = -1;
        for (int i = 0; i < 2; i++) {
            if (any[0].userData() == 1) {
                assertTrue(any[0].more());
                peer = any[0].result();
            } else {
                assertEquals(0, any[0].result());
            }
            ring.seen();
            if (i == 0) {
                any[0] = ring.waitCqe();
            }
        }
        exchange(client, peer);
        done(ring.sqe().prepShutdown(client, Const.SHUT_WR));
        assertEquals(0, run(ring.sqe().prepRecv(peer, arena.allocate(8), 0)));
        ring.sqe().prepCancel(1).skipSuccess();
        ring.submit();
        assertEquals(-ErrnoCode.ECANCELED, Rings.result(ring, 1));
        Rings.close(libc, listener, client, peer);
    }

    private void exchange(int client, int peer) throws RingException {
        MemorySegment back = arena.allocate(16);
        MemorySegment hi = Rings.text(arena, "hi");
        assertEquals(2, run(ring.sqe().prepSend(client, hi, Const.MSG_NOSIGNAL)));
        assertEquals(2, run(ring.sqe().prepRecv(peer, back, 0)));
        assertEquals("hi", Rings.text(back, 2));
        MemorySegment out = message(List.of(hi, Rings.text(arena, " there")));
        assertEquals(8, run(ring.sqe().prepSendmsg(client, out, Const.MSG_NOSIGNAL)));
        assertEquals(8, run(ring.sqe().prepRecvmsg(peer, message(List.of(back)), 0)));
        assertEquals("hi there", Rings.text(back, 8));
        if (new RingResources(ring).opcodes().get(Opcode.SENDMSG_ZC)) {
            zeroCopy(ring.sqe().prepSendZc(client, hi, Const.MSG_NOSIGNAL), 2, peer, "hi");
            zeroCopy(ring.sqe().prepSendmsgZc(client, out, 0), 8, peer, "hi there");
            MemorySegment page = arena.allocate(4096, 4096);
            page.copyFrom(hi);
            new RingResources(ring).registerBuffers(page);
            MemorySegment part = page.asSlice(0, 2);
            zeroCopy(ring.sqe().prepSendZcFixed(client, part, 0, 0), 2, peer, "hi");
        }
    }

    private void zeroCopy(Sqe send, int bytes, int peer, String text) {
        send.userData(5);
        ring.submit();
        MemorySegment back = arena.allocate(16);
        Cqe cqe = ring.waitCqe();
        assertEquals(bytes, cqe.result());
        boolean more = cqe.more();
        ring.seen();
        libc.syscall(Sys.READ, peer, back.address(), bytes);
        assertEquals(text, Rings.text(back, bytes));
        if (more) {
            Cqe notification = ring.waitCqe();
            assertTrue(notification.isNotification());
            assertEquals(5, notification.userData());
            ring.seen();
        }
    }

    private MemorySegment message(List<MemorySegment> pieces) {
        MemorySegment message = arena.allocate(MsghdrLayout.SIZE, 8);
        MemorySegment iovecs = Rings.iovecs(arena, pieces);
        message.set(ValueLayout.JAVA_LONG, MsghdrLayout.MSG_IOV, iovecs.address());
        message.set(ValueLayout.JAVA_LONG, MsghdrLayout.MSG_IOVLEN, pieces.size());
        return message;
    }

    @Test
    void polls_waitOnce_orAgainAndAgain_areChangedAndEnded() {
        int[] pipe = Rings.pipe(libc, arena);
        MemorySegment x = Rings.text(arena, "x");
        assertEquals(Const.EPOLLOUT, run(ring.sqe().prepPollAdd(pipe[1], Const.EPOLLOUT)));
        ring.sqe().prepPollMultishot(pipe[0], Const.EPOLLIN).userData(1);
        ring.submit();
        for (int i = 0; i < 2; i++) {
            libc.syscall(Sys.WRITE, pipe[1], x.address(), 1);
            Cqe cqe = ring.waitCqe();
            assertTrue(cqe.more());
            assertEquals(Const.EPOLLIN, cqe.result());
            ring.seen();
            libc.syscall(Sys.READ, pipe[0], x.address(), 1);
        }
        ring.sqe().prepPollRemove(1).userData(2);
        ring.submit();
        assertEquals("{1=-125, 2=0}", Rings.results(ring, 2));
        ring.sqe().prepPollAdd(pipe[1], 0).userData(3);
        ring.submit();
        ring.sqe().prepPollUpdate(3, Const.EPOLLOUT).userData(4);
        ring.submit();
        assertEquals("{3=4, 4=0}", Rings.results(ring, 2));
        Rings.close(libc, pipe);
    }

    @Test
    void epoll_isChangedAndWaitedFor() throws Exception {
        Rings.needs(ring, Opcode.EPOLL_WAIT);
        int[] pipe = Rings.pipe(libc, arena);
        int epoll = (int) libc.syscall(Sys.EPOLL_CREATE1, Const.EPOLL_CLOEXEC);
        MemorySegment event = arena.allocate(EpollEventLayout.SIZE, 8);
        event.set(ValueLayout.JAVA_INT, 0, Const.EPOLLIN);
        done(ring.sqe().prepEpollCtl(epoll, Const.EPOLL_CTL_ADD, pipe[0], event));
        ring.sqe().prepEpollWait(epoll, event, 1).userData(1);
        ring.submit();
        MemorySegment x = Rings.text(arena, "x");
        libc.syscall(Sys.WRITE, pipe[1], x.address(), 1);
        assertEquals(1, Rings.result(ring, 1));
        assertEquals(Const.EPOLLIN, event.get(ValueLayout.JAVA_INT, 0));
        Rings.close(libc, pipe);
        Rings.close(libc, epoll);
    }

    @Test
    void timeouts_countAreChangedAndEnded() {
        int hour = 3_600_000;
        ring.sqe().prepTimeout(Rings.timespec(arena, hour), 1, 0).userData(1);
        ring.submit();
        done(ring.sqe().prepNop().userData(2));
        assertEquals(0, Rings.result(ring, 1), "one other has completed");
        ring.sqe().prepTimeout(Rings.timespec(arena, hour)).userData(3);
        ring.submit();
        ring.sqe().prepTimeoutUpdate(Rings.timespec(arena, 1), 3).userData(4);
        ring.submit();
        assertEquals("{3=-62, 4=0}", Rings.results(ring, 2));
        ring.sqe().prepTimeout(Rings.timespec(arena, hour)).userData(5);
        ring.submit();
        ring.sqe().prepTimeoutRemove(5).userData(6);
        ring.submit();
        assertEquals("{5=-125, 6=0}", Rings.results(ring, 2));
    }

    @Test
    void futex_waitsAndIsWoken() throws Exception {
        Rings.needs(ring, Opcode.FUTEX_WAITV);
        MemorySegment word = arena.allocateFrom(ValueLayout.JAVA_INT, 7);
        int size32 = 2; // FUTEX2_SIZE_U32
        long any = 0xffffffffL;
        assertEquals(-ErrnoCode.EAGAIN, run(ring.sqe().prepFutexWait(word, 8, any, size32)));
        ring.sqe().prepFutexWait(word, 7, any, size32).userData(1);
        ring.submit();
        ring.sqe().prepFutexWake(word, 1, any, size32).userData(2);
        ring.submit();
        assertEquals("{1=0, 2=1}", Rings.results(ring, 2));
        MemorySegment waiter = arena.allocate(24, 8); // struct futex_waitv: val, uaddr, flags
        waiter.set(ValueLayout.JAVA_LONG, 0, 7);
        waiter.set(ValueLayout.JAVA_LONG, 8, word.address());
        waiter.set(ValueLayout.JAVA_INT, 16, size32);
        ring.sqe().prepFutexWaitv(waiter, 1).userData(3);
        ring.submit();
        ring.sqe().prepFutexWake(word, 1, any, size32).userData(4);
        ring.submit();
        assertEquals("{3=0, 4=1}", Rings.results(ring, 2));
    }

    @Test
    void waitid_findsNoChildThatIsNotOurs() throws Exception {
        Rings.needs(ring, Opcode.WAITID);
        int pid = 1;
        int exited = 4;
        MemorySegment siginfo = arena.allocate(128, 8);
        assertEquals(-10, run(ring.sqe().prepWaitid(pid, 1, siginfo, exited))); // ECHILD
    }

    @Test
    void providedBuffers_ofTheOldKind_areGivenAndTaken() {
        MemorySegment memory = arena.allocate(256, 64);
        done(ring.sqe().prepProvideBuffers(memory, 4, 3, 10));
        int[] pair = Rings.socketPair(libc, arena);
        assertEquals(2, run(ring.sqe().prepSend(pair[1], Rings.text(arena, "hi"), 0)));
        ring.sqe().prep(Opcode.RECV, pair[0], 0, 64, 0, 0).bufferSelect(3);
        ring.submit();
        Cqe cqe = ring.waitCqe();
        assertEquals(2, cqe.result());
        int place = cqe.bufferId() - 10;
        assertEquals("hi", Rings.text(memory.asSlice(64L * place), 2));
        ring.seen();
        assertEquals(3, run(ring.sqe().prepRemoveBuffers(8, 3)));
        Rings.close(libc, pair);
    }

    @Test
    void madvise_isPassedOn() {
        MemorySegment page = arena.allocate(4096, 4096);
        page.fill((byte) 1);
        done(ring.sqe().prepMadvise(page, 4)); // MADV_DONTNEED
        assertEquals(0, page.get(ValueLayout.JAVA_BYTE, 17));
    }
}
