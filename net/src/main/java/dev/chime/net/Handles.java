package dev.chime.net;

import dev.chime.reactor.Buffer;
import dev.chime.reactor.Descriptor;
import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.engine.Chunk;
import dev.chime.reactor.engine.Fd;
import dev.chime.reactor.internal.Checks;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.internal.HeldDescriptor;
import dev.chime.reactor.libc.CmsghdrLayout;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.ErrnoCode;
import dev.chime.reactor.libc.IovecLayout;
import dev.chime.reactor.libc.Memory;
import dev.chime.reactor.libc.MsghdrLayout;
import dev.chime.reactor.libc.Sys;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Descriptors in messages of Unix sockets (SCM_RIGHTS, unix(7)): the control data, and the receive
 * that looks at it.
 *
 * <p>That receive is a system call behind a wait for data, on every engine: io_uring's own mixes
 * SCM_INQ messages into the control data, and in Linux 6.17 they could take the place of the
 * descriptors, which were lost then.
 */
final class Handles {
    /** The most that one message carries: SCM_MAX_FD of the kernel, unix(7). */
    static final int MOST = 253;

    /** Of a msghdr, an iovec, and the control data of that many. */
    static final int IOVEC_AT = MsghdrLayout.SIZE;

    static final int CONTROL_AT = IOVEC_AT + IovecLayout.SIZE;
    static final int CONTROL_BYTES = CmsghdrLayout.SIZE + (4 * MOST + 7 & ~7);
    static final int HEAD_BYTES = CONTROL_AT + CONTROL_BYTES;

    private static final int CHUNK_BYTES = 64 << 10;

    /** What the self-test has found, for all loops; empty: that it works. */
    private static volatile @Nullable String fault;

    /** What has come: bytes in {@link #buffer}, and before them descriptors. */
    record Arrived(Buffer buffer, List<Descriptor> handles, boolean truncated) {
        /** Gives all of it up. */
        void release() {
            handles.forEach(Descriptor::close);
            buffer.release();
        }
    }

    private Handles() {}

    /**
     * Throws unless descriptors can be sent over {@code socket}.
     *
     * @throws UnsupportedOperationException where a trial has failed
     */
    static void require(Core core, Socket socket, String call) {
        if (socket.unixAddress() == null) {
            throw new IllegalStateException(
                    call + ": descriptors travel over Unix sockets alone, this is " + socket);
        }
        String found = fault;
        if (found == null) {
            found = trial(core);
            fault = found;
        }
        if (!found.isEmpty()) {
            throw new UnsupportedOperationException(
                    "descriptors cannot be sent to other processes here: " + found);
        }
    }

    /** Sends a descriptor from one socket of a pair to the other; what went wrong, or nothing. */
    private static String trial(Core core) {
        long pair = core.scratch();
        int type = Const.SOCK_STREAM | Const.SOCK_NONBLOCK | Const.SOCK_CLOEXEC;
        long made = core.syscall(Sys.SOCKETPAIR, Const.AF_UNIX, type, 0, pair, 0, 0);
        if (made < 0) {
            return "socketpair gives errno " + -made;
        }
        int one = Memory.getInt(pair);
        int other = Memory.getInt(pair + 4);
        Chunk chunk = core.allocateArguments();
        try {
            return trial(core, chunk.address(), one, other);
        } finally {
            chunk.release();
            core.syscall(Sys.CLOSE, one, 0, 0);
            core.syscall(Sys.CLOSE, other, 0, 0);
        }
    }

    private static String trial(Core core, long message, int one, int other) {
        Memory.fill(message + HEAD_BYTES, 1, (byte) 1);
        write(message, message + HEAD_BYTES, 1, new int[] {one});
        long sent = core.syscall(Sys.SENDMSG, one, message, Const.MSG_DONTWAIT);
        if (sent != 1) {
            return "sendmsg gives errno " + -sent;
        }
        long got = receive(core, other, message, message + HEAD_BYTES, 1);
        int[] numbers = got < 0 ? new int[0] : read(message);
        boolean whole = numbers.length == 1;
        for (int number : numbers) {
            long flags = core.syscall(Sys.FCNTL, number, Const.F_GETFD, 0);
            whole &= (flags & Const.FD_CLOEXEC) != 0 && flags >= 0;
            core.syscall(Sys.CLOSE, number, 0, 0);
        }
        return whole && got == 1
                ? ""
                : "recvmsg gives "
                        + got
                        + " with "
                        + numbers.length
                        + " descriptors, or not close-on-exec, where 1 was sent";
    }

    /** Writes a msghdr with descriptors; {@link #HEAD_BYTES} at most. */
    static void write(long message, long data, int length, int[] numbers) {
        int bytes = CmsghdrLayout.SIZE + 4 * numbers.length;
        head(message, data, length, bytes + 7 & ~7);
        long control = message + CONTROL_AT;
        Memory.putLong(control + CmsghdrLayout.CMSG_LEN, bytes);
        Memory.putInt(control + CmsghdrLayout.CMSG_LEVEL, Const.SOL_SOCKET);
        Memory.putInt(control + CmsghdrLayout.CMSG_TYPE, Const.SCM_RIGHTS);
        for (int i = 0; i < numbers.length; i++) {
            Memory.putInt(control + CmsghdrLayout.SIZE + 4L * i, numbers[i]);
        }
    }

    private static void head(long message, long data, int length, int controlBytes) {
        Memory.fill(message, CONTROL_AT + controlBytes, (byte) 0);
        Memory.putLong(message + MsghdrLayout.MSG_IOV, message + IOVEC_AT);
        Memory.putLong(message + MsghdrLayout.MSG_IOVLEN, 1);
        Memory.putLong(message + IOVEC_AT + IovecLayout.IOV_BASE, data);
        Memory.putLong(message + IOVEC_AT + IovecLayout.IOV_LEN, length);
        Memory.putLong(message + MsghdrLayout.MSG_CONTROL, message + CONTROL_AT);
        Memory.putLong(message + MsghdrLayout.MSG_CONTROLLEN, controlBytes);
    }

    private static long receive(Core core, int fd, long message, long data, int length) {
        int flags = Const.MSG_DONTWAIT | Const.MSG_CMSG_CLOEXEC;
        long result;
        do {
            head(message, data, length, CONTROL_BYTES);
            result = core.syscall(Sys.RECVMSG, fd, message, flags);
        } while (result == -ErrnoCode.EINTR);
        return result;
    }

    /** The descriptors in a received msghdr. */
    private static int[] read(long message) {
        long at = message + CONTROL_AT;
        long end = at + Math.min(CONTROL_BYTES, controlLength(message));
        int[] numbers = {};
        while (at + CmsghdrLayout.SIZE <= end) {
            long length = Memory.getLong(at + CmsghdrLayout.CMSG_LEN);
            if (length < CmsghdrLayout.SIZE || length > end - at) {
                break;
            }
            if (Memory.getInt(at + CmsghdrLayout.CMSG_LEVEL) == Const.SOL_SOCKET
                    && Memory.getInt(at + CmsghdrLayout.CMSG_TYPE) == Const.SCM_RIGHTS) {
                int before = numbers.length;
                int count = (int) (length - CmsghdrLayout.SIZE) / 4;
                numbers = java.util.Arrays.copyOf(numbers, before + count);
                for (int i = 0; i < count; i++) {
                    numbers[before + i] = Memory.getInt(at + CmsghdrLayout.SIZE + 4L * i);
                }
            }
            at += length + 7 & ~7L;
        }
        return numbers;
    }

    private static long controlLength(long message) {
        return Memory.getLong(message + MsghdrLayout.MSG_CONTROLLEN);
    }

    /**
     * Receives once, without waiting.
     *
     * @param to gets what has come, if it is not nothing
     * @return how many bytes; 0 at the end; or a negative errno
     */
    static int receive(Core core, Fd fd, List<Arrived> to) {
        long message = core.scratch();
        Chunk chunk = core.tryAllocate(CHUNK_BYTES);
        if (chunk == null) { // at the memory limit: a little at a time
            chunk = core.allocateArguments();
        }
        int result = (int) receive(core, fd.number(), message, chunk.address(), chunk.size());
        if (result <= 0) {
            chunk.release();
            return result;
        }
        int flags = Memory.getInt(message + MsghdrLayout.MSG_FLAGS);
        int[] numbers = read(message);
        List<Descriptor> handles = new ArrayList<>(numbers.length);
        for (int number : numbers) {
            handles.add(HeldDescriptor.of(core, number));
        }
        boolean truncated = (flags & Const.MSG_CTRUNC) != 0;
        to.add(new Arrived(core.wrap(chunk, 0, result), handles, truncated));
        return result;
    }

    /** Moves a descriptor that came with the process to a number of ours. */
    static Descriptor inherit(Core core, int number) throws ErrnoException {
        long flags = core.syscall(Sys.FCNTL, number, Const.F_GETFD, 0);
        if (flags >= 0 && (flags & Const.FD_CLOEXEC) != 0) {
            throw new IllegalArgumentException(
                    "descriptor " + number + " has close-on-exec: no process was started with it");
        }
        long moved = flags < 0 ? flags : core.syscall(Sys.FCNTL, number, Const.F_DUPFD_CLOEXEC, 0);
        if (moved < 0) {
            throw ErrnoException.file((int) moved, "dup", null);
        }
        core.syscall(Sys.CLOSE, number, 0, 0);
        return HeldDescriptor.of(core, (int) moved);
    }

    /** An integer property of a socket that is to be adopted; throws when it is no socket. */
    static int property(Core core, Fd fd, int option) {
        return Sockaddr.get(core, fd.number(), Const.SOL_SOCKET, option);
    }

    /** Takes a stream socket over, listening or not; never blocks from now on. */
    static Fd take(Core core, Descriptor descriptor, boolean listening) {
        Checks.required(descriptor, "descriptor", "take one that has come");
        Fd fd = HeldDescriptor.check(core, descriptor);
        boolean stream =
                descriptor.isSocket() && property(core, fd, Const.SO_TYPE) == Const.SOCK_STREAM;
        boolean listens = stream && property(core, fd, Const.SO_ACCEPTCONN) == 1;
        if (!stream || listens != listening) {
            String is =
                    !descriptor.isSocket()
                            ? "no socket: a file's adopt takes it"
                            : !stream
                                    ? "a socket of datagrams"
                                    : listens
                                            ? "a listening socket: Server.adopt takes it"
                                            : "a connection: Net.adopt takes it";
            throw new IllegalArgumentException(descriptor + " is " + is);
        }
        long flags = core.syscall(Sys.FCNTL, fd.number(), Const.F_GETFL, 0);
        core.syscall(Sys.FCNTL, fd.number(), Const.F_SETFL, flags | Const.O_NONBLOCK);
        return HeldDescriptor.take(core, descriptor);
    }
}
