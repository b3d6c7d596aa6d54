package dev.chime.reactor;

import dev.chime.reactor.engine.Completion;
import dev.chime.reactor.engine.Fd;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.IovecLayout;
import dev.chime.reactor.libc.Libc;
import dev.chime.reactor.libc.Memory;
import dev.chime.reactor.libc.MsghdrLayout;
import dev.chime.reactor.libc.SockaddrInLayout;
import dev.chime.reactor.libc.StatxLayout;
import dev.chime.reactor.libc.Sys;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/** Operations as an engine sees them, for tests: bare descriptors, addresses and results. */
final class Ops {
    private static final int LOOPBACK = 0x0100007f;
    private static final int PAGE = 4096;
    private static final Completion RESULT =
            (slot, result, more) -> ((IntConsumer) slot.callback).accept(result);

    final Core core;
    private final Libc libc;

    Ops(Reactor reactor) {
        core = Core.of(reactor);
        libc = core.libc();
    }

    Loop loop() {
        return (Loop) core;
    }

    // ---- operations

    private Slot slot(Op op, Fd owner, IntConsumer then) {
        Slot slot = core.slot(op, RESULT);
        slot.callback = then;
        slot.owner = owner;
        if (owner != null) {
            slot.fd = owner.number();
        }
        return slot;
    }

    private Operation submit(Slot slot) {
        core.submit(slot);
        return core.operation(slot);
    }

    /** Any operation, as {@code fill} shapes its slot. */
    Operation call(Op op, Consumer<Slot> fill, IntConsumer then) {
        Slot slot = slot(op, null, then);
        fill.accept(slot);
        return submit(slot);
    }

    Operation openat(String path, int flags, int mode, IntConsumer then) {
        Slot slot = slot(Op.OPENAT, null, then);
        slot.fd = Const.AT_FDCWD;
        slot.address = slot.scratch;
        Memory.putCString(slot.scratch, path, Slot.SCRATCH_BYTES);
        slot.flags = flags | Const.O_CLOEXEC;
        slot.length = mode;
        return submit(slot);
    }

    Operation read(Fd fd, long address, int length, long offset, IntConsumer then) {
        return transfer(Op.READ, fd, address, length, offset, then);
    }

    Operation write(Fd fd, long address, int length, long offset, IntConsumer then) {
        return transfer(Op.WRITE, fd, address, length, offset, then);
    }

    private Operation transfer(
            Op op, Fd fd, long address, int length, long offset, IntConsumer then) {
        Slot slot = slot(op, fd, then);
        slot.address = address;
        slot.length = length;
        slot.offset = offset;
        return submit(slot);
    }

    /** Reads from a number that nobody owns. */
    Operation readBare(int fd, long address, int length, IntConsumer then) {
        Slot slot = slot(Op.READ, null, then);
        slot.fd = fd;
        slot.address = address;
        slot.length = length;
        return submit(slot);
    }

    /** Waits for one of {@code events}; the result is what has come of them. */
    Operation poll(Fd fd, int events, IntConsumer then) {
        Slot slot = slot(Op.POLL, fd, then);
        slot.flags = events;
        return submit(slot);
    }

    /** Waits for events of a number that nobody owns. */
    Operation pollBare(int fd, int events, IntConsumer then) {
        Slot slot = slot(Op.POLL, null, then);
        slot.fd = fd;
        slot.flags = events;
        return submit(slot);
    }

    Operation closeBare(int fd, IntConsumer then) {
        Slot slot = slot(Op.CLOSE, null, then);
        slot.fd = fd;
        return submit(slot);
    }

    /** The result is the mode, or a negative errno. */
    Operation statx(String path, int flags, IntConsumer then) {
        Slot slot =
                core.slot(
                        Op.STATX,
                        (s, result, more) ->
                                then.accept(
                                        result < 0
                                                ? result
                                                : Memory.getShort(s.offset + StatxLayout.STX_MODE)
                                                        & 0xffff));
        slot.fd = Const.AT_FDCWD;
        slot.flags = flags;
        slot.length = StatxLayout.STATX_BASIC_STATS;
        slot.offset = slot.scratch;
        slot.address = slot.scratch + StatxLayout.SIZE;
        Memory.putCString(slot.address, path, Slot.SCRATCH_BYTES - StatxLayout.SIZE);
        return submit(slot);
    }

    Operation fsync(Fd fd, int flags, IntConsumer then) {
        Slot slot = slot(Op.FSYNC, fd, then);
        slot.flags = flags;
        return submit(slot);
    }

    Operation socket(int domain, int type, IntConsumer then) {
        Slot slot = slot(Op.SOCKET, null, then);
        slot.fd = domain;
        slot.offset = type | Const.SOCK_CLOEXEC | Const.SOCK_NONBLOCK;
        return submit(slot);
    }

    Operation bind(Fd fd, int port, IntConsumer then) {
        return addressed(Op.BIND, fd, port, then);
    }

    Operation connect(Fd fd, int port, IntConsumer then) {
        return addressed(Op.CONNECT, fd, port, then);
    }

    private Operation addressed(Op op, Fd fd, int port, IntConsumer then) {
        Slot slot = slot(op, fd, then);
        slot.address = slot.scratch;
        slot.offset = loopback(slot.scratch, port);
        return submit(slot);
    }

    Operation listen(Fd fd, int backlog, IntConsumer then) {
        Slot slot = slot(Op.LISTEN, fd, then);
        slot.length = backlog;
        return submit(slot);
    }

    Operation accept(Fd fd, Completion then) {
        Slot slot = core.slot(Op.ACCEPT, then);
        slot.owner = fd;
        slot.flags = Const.SOCK_CLOEXEC | Const.SOCK_NONBLOCK;
        return submit(slot);
    }

    Operation recv(Fd fd, Completion then) {
        Slot slot = core.slot(Op.RECV, then);
        slot.owner = fd;
        return submit(slot);
    }

    Operation send(Fd fd, long address, int length, IntConsumer then) {
        Slot slot = slot(Op.SEND, fd, then);
        slot.address = address;
        slot.length = length;
        slot.flags = Const.MSG_NOSIGNAL;
        return submit(slot);
    }

    Operation sendmsg(Fd fd, long msghdr, IntConsumer then) {
        Slot slot = slot(Op.SENDMSG, fd, then);
        slot.address = msghdr;
        slot.length = 1;
        slot.flags = Const.MSG_NOSIGNAL;
        return submit(slot);
    }

    /** Sends a datagram to a port of the loopback address; 0: to the peer. */
    Operation sendmsg(Fd fd, int port, long address, int length, IntConsumer then) {
        return submit(messageSlot(fd, port, address, length, then));
    }

    /** The same, not submitted yet. */
    Slot messageSlot(Fd fd, int port, long address, int length, IntConsumer then) {
        Slot slot = slot(Op.SENDMSG, fd, then);
        long message = slot.scratch;
        long vector = message + MsghdrLayout.SIZE;
        long name = vector + IovecLayout.SIZE;
        Memory.fill(message, MsghdrLayout.SIZE, (byte) 0);
        if (port != 0) {
            Memory.putLong(message + MsghdrLayout.MSG_NAME, name);
            Memory.putInt(message + MsghdrLayout.MSG_NAMELEN, (int) loopback(name, port));
        }
        Memory.putLong(message + MsghdrLayout.MSG_IOV, vector);
        Memory.putLong(message + MsghdrLayout.MSG_IOVLEN, 1);
        Memory.putLong(vector + IovecLayout.IOV_BASE, address);
        Memory.putLong(vector + IovecLayout.IOV_LEN, length);
        slot.address = message;
        slot.length = 1;
        slot.flags = Const.MSG_NOSIGNAL;
        return slot;
    }

    /** Receives messages with an IPv4 sender and no control data. */
    Operation recvmsg(Fd fd, Completion then) {
        Slot slot = core.slot(Op.RECVMSG, then);
        slot.owner = fd;
        slot.address = slot.scratch;
        slot.length = 1;
        Memory.fill(slot.scratch, MsghdrLayout.SIZE, (byte) 0);
        Memory.putInt(slot.scratch + MsghdrLayout.MSG_NAMELEN, SockaddrInLayout.SIZE);
        return submit(slot);
    }

    Operation shutdown(Fd fd, int how, IntConsumer then) {
        Slot slot = slot(Op.SHUTDOWN, fd, then);
        slot.length = how;
        return submit(slot);
    }

    void close(Fd fd, IntConsumer then) {
        core.close(fd, (slot, result, more) -> then.accept(result));
    }

    // ---- descriptors made at once, by plain system calls

    private long call(int number, long... arguments) {
        long[] a = Arrays.copyOf(arguments, 6);
        return core.syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
    }

    /** A pipe: the end to read from, the end to write to. */
    Fd[] pipe() {
        return pair(Sys.PIPE2, 0, 0, 0, Fd.Kind.FILE);
    }

    /** Two stream sockets, connected to each other. */
    Fd[] socketPair() {
        return pair(
                Sys.SOCKETPAIR,
                Const.AF_UNIX,
                Const.SOCK_STREAM | Const.SOCK_NONBLOCK | Const.SOCK_CLOEXEC,
                0,
                Fd.Kind.SOCKET);
    }

    private Fd[] pair(int number, long a, long b, long c, Fd.Kind kind) {
        long place = libc.mmap(PAGE);
        long result =
                number == Sys.PIPE2
                        ? call(number, place, Const.O_CLOEXEC)
                        : call(number, a, b, c, place);
        int first = Memory.getInt(place);
        int second = Memory.getInt(place + 4);
        libc.munmap(place, PAGE);
        require(result);
        return new Fd[] {core.adopt(first, kind), core.adopt(second, kind)};
    }

    /** A TCP socket that is not connected. */
    Fd tcpSocket() {
        int type = Const.SOCK_STREAM | Const.SOCK_NONBLOCK | Const.SOCK_CLOEXEC;
        int fd = (int) require(call(Sys.SOCKET, Const.AF_INET, type, 0));
        return core.adopt(fd, Fd.Kind.SOCKET);
    }

    /** A TCP socket that listens on a free port of the loopback address. */
    Fd listener() {
        Fd fd = tcpSocket();
        long place = libc.mmap(PAGE);
        long size = loopback(place, 0);
        require(call(Sys.BIND, fd.number(), place, size));
        require(call(Sys.LISTEN, fd.number(), 1024));
        libc.munmap(place, PAGE);
        return fd;
    }

    /** The port that a socket is bound to. */
    int port(Fd fd) {
        long place = libc.mmap(PAGE);
        Memory.putInt(place + 128, 128);
        require(call(Sys.GETSOCKNAME, fd.number(), place, place + 128));
        int port = Memory.getPort(place + SockaddrInLayout.SIN_PORT);
        libc.munmap(place, PAGE);
        return port;
    }

    /** A port of the loopback address that is taken, but on which nobody listens. */
    int deadPort() {
        Fd fd = tcpSocket();
        long place = libc.mmap(PAGE);
        require(call(Sys.BIND, fd.number(), place, loopback(place, 0)));
        libc.munmap(place, PAGE);
        return port(fd);
    }

    private static long loopback(long place, int port) {
        Memory.putShort(place + SockaddrInLayout.SIN_FAMILY, (short) Const.AF_INET);
        Memory.putPort(place + SockaddrInLayout.SIN_PORT, port);
        Memory.putInt(place + SockaddrInLayout.SIN_ADDR, LOOPBACK);
        Memory.putLong(place + 8, 0);
        return SockaddrInLayout.SIZE;
    }

    /** Opens a file at once. */
    Fd open(String path, int flags) {
        long place = libc.mmap(PAGE);
        Memory.putCString(place, path, PAGE);
        long fd = call(Sys.OPENAT, Const.AT_FDCWD, place, flags | Const.O_CLOEXEC, 0600);
        libc.munmap(place, PAGE);
        return core.adopt((int) require(fd), Fd.Kind.FILE);
    }

    /** Writes to a descriptor at once; the bytes written, or a negative errno. */
    int writeNow(Fd fd, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        long place = libc.mmap(Math.max(PAGE, bytes.length));
        Memory.copy(bytes, 0, place, bytes.length);
        long result = call(Sys.WRITE, fd.number(), place, bytes.length);
        libc.munmap(place, Math.max(PAGE, bytes.length));
        return (int) result;
    }

    /** Reads from a descriptor at once without waiting; the text, or the errno's name. */
    String readNow(Fd fd) {
        long place = libc.mmap(1 << 16);
        long result = call(Sys.READ, fd.number(), place, 1 << 16);
        byte[] bytes = new byte[(int) Math.max(0, result)];
        Memory.copy(place, bytes, 0, bytes.length);
        libc.munmap(place, 1 << 16);
        return result < 0
                ? Errno.of((int) result).name()
                : new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private static long require(long result) {
        if (result < 0) {
            throw new AssertionError("system call failed: " + Errno.of((int) result));
        }
        return result;
    }

    /** The received bytes of a completion, copied, their memory released. */
    static String take(Slot slot, int result) {
        byte[] bytes = new byte[result];
        Memory.copy(slot.chunk.address() + slot.chunkOffset, bytes, 0, result);
        slot.chunk.release();
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }
}
