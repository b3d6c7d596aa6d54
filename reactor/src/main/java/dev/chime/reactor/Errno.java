package dev.chime.reactor;

import java.util.Arrays;

/**
 * The error numbers of Linux, by the names and with the texts that Node prints for them.
 *
 * <p>{@link #name()} is Node's {@code code}, for example {@code "ENOENT"}. Numbers are those of
 * x86-64 and AArch64, which agree (Linux {@code asm-generic/errno.h}). Texts are libuv's where
 * libuv has one ({@code UV_ERRNO_MAP}), and in its style where it has none. Two names of one number
 * are one constant: {@code EWOULDBLOCK} is {@link #EAGAIN}, {@code EOPNOTSUPP} is {@link #ENOTSUP}.
 */
public enum Errno {
    /**
     * The caller may not do this, whatever the file's mode says: an immutable file, a missing
     * capability, a seccomp profile.
     */
    EPERM(1, "operation not permitted"),
    /** A path, or a directory on the way to it, does not exist. */
    ENOENT(2, "no such file or directory"),
    /** No process, or no matching object, has this id. */
    ESRCH(3, "no such process"),
    /** A signal arrived before the call did anything; the engines retry it. */
    EINTR(4, "interrupted system call"),
    /** The device failed; data may be lost. */
    EIO(5, "i/o error"),
    /**
     * Nothing answers behind a device file, or nobody reads the FIFO that was opened for writing.
     */
    ENXIO(6, "no such device or address"),
    /** Arguments and environment, or a structure given to the kernel, are too long. */
    E2BIG(7, "argument list too long"),
    /** The file is not in a format the kernel can execute. */
    ENOEXEC(8, "exec format error"),
    /** The descriptor is closed, or not open for this kind of access. */
    EBADF(9, "bad file descriptor"),
    /** There is no child process to wait for. */
    ECHILD(10, "no child processes"),
    /** Not now: a non-blocking call would have to wait, or a resource is used up for the moment. */
    EAGAIN(11, "resource temporarily unavailable"),
    /** The kernel has no memory left, or a limit on locked memory is reached. */
    ENOMEM(12, "not enough memory"),
    /** The file's mode, or a directory's on the way to it, forbids the access. */
    EACCES(13, "permission denied"),
    /** An address lies outside the process's memory. */
    EFAULT(14, "bad address in system call argument"),
    /** A block device was expected. */
    ENOTBLK(15, "block device required"),
    /** The file, directory or resource is in use. */
    EBUSY(16, "resource busy or locked"),
    /** The target exists already. */
    EEXIST(17, "file already exists"),
    /** The two paths are on different file systems. */
    EXDEV(18, "cross-device link not permitted"),
    /** The device, or this operation on it, does not exist. */
    ENODEV(19, "no such device"),
    /** A part of the path that had to be a directory is none. */
    ENOTDIR(20, "not a directory"),
    /** The path is a directory, and the operation wants a file. */
    EISDIR(21, "illegal operation on a directory"),
    /** The kernel does not accept an argument. */
    EINVAL(22, "invalid argument"),
    /** The whole system has too many files open. */
    ENFILE(23, "file table overflow"),
    /** This process has too many files open (its limit is RLIMIT_NOFILE). */
    EMFILE(24, "too many open files"),
    /** The descriptor does not know this ioctl. */
    ENOTTY(25, "inappropriate ioctl for device"),
    /** The file is being executed, or is being written to while it should be executed. */
    ETXTBSY(26, "text file is busy"),
    /** The file would grow beyond what the file system, or RLIMIT_FSIZE, allows. */
    EFBIG(27, "file too large"),
    /** The device is full; from inotify: the limit of watches is reached. */
    ENOSPC(28, "no space left on device"),
    /** The descriptor has no position: a pipe, a FIFO or a socket. */
    ESPIPE(29, "invalid seek"),
    /** The file system is mounted read-only. */
    EROFS(30, "read-only file system"),
    /** The file has as many links as the file system allows. */
    EMLINK(31, "too many links"),
    /** Nobody reads at the other end of the pipe or socket. */
    EPIPE(32, "broken pipe"),
    /** A result does not fit where it should go. */
    ERANGE(34, "result too large"),
    /** Waiting would never end: a file lock would deadlock. */
    EDEADLK(35, "resource deadlock avoided"),
    /** A path, or one name in it, is too long. */
    ENAMETOOLONG(36, "name too long"),
    /** The kernel has no record locks left. */
    ENOLCK(37, "no locks available"),
    /** The kernel has no such call, or a seccomp profile hides it. */
    ENOSYS(38, "function not implemented"),
    /** The directory is not empty. */
    ENOTEMPTY(39, "directory not empty"),
    /** Too many symbolic links on the way, or one where none may be followed. */
    ELOOP(40, "too many symbolic links encountered"),
    /** The device's protocol driver is not attached. */
    EUNATCH(49, "protocol driver not attached"),
    /** The attribute does not exist, or no data is there. */
    ENODATA(61, "no data available"),
    /** A timer ran out; io_uring's own timeouts end with it. */
    ETIME(62, "timer expired"),
    /** The machine is not on the network. */
    ENONET(64, "machine is not on the network"),
    /** The link to a remote machine is cut. */
    ENOLINK(67, "link has been severed"),
    /** The peer, or a device, broke the protocol. */
    EPROTO(71, "protocol error"),
    /** A message, or a checksum on disk, is corrupt. */
    EBADMSG(74, "bad message"),
    /** A value, such as a file's size, does not fit its type. */
    EOVERFLOW(75, "value too large for defined data type"),
    /**
     * The descriptor is in the wrong state for this call; io_uring: the ring is disabled or of the
     * wrong kind.
     */
    EBADFD(77, "file descriptor in bad state"),
    /** The bytes are no valid character, or no valid file name on this file system. */
    EILSEQ(84, "illegal byte sequence"),
    /** The descriptor is not a socket. */
    ENOTSOCK(88, "socket operation on non-socket"),
    /** A datagram was sent without a destination on an unconnected socket. */
    EDESTADDRREQ(89, "destination address required"),
    /** The datagram is larger than the protocol or the path allows. */
    EMSGSIZE(90, "message too long"),
    /** Protocol and socket type do not match. */
    EPROTOTYPE(91, "protocol wrong type for socket"),
    /** The protocol knows no such socket option. */
    ENOPROTOOPT(92, "protocol not available"),
    /** The kernel does not have this protocol. */
    EPROTONOSUPPORT(93, "protocol not supported"),
    /** The kernel does not have this socket type. */
    ESOCKTNOSUPPORT(94, "socket type not supported"),
    /** Not supported by this file, file system or socket; Linux's EOPNOTSUPP is the same number. */
    ENOTSUP(95, "operation not supported on socket"),
    /** The kernel does not have this protocol family. */
    EPFNOSUPPORT(96, "protocol family not supported"),
    /** The address is of a family this socket cannot use. */
    EAFNOSUPPORT(97, "address family not supported"),
    /** The address, or the port, is taken. */
    EADDRINUSE(98, "address already in use"),
    /** The address does not belong to this machine, or no free port is left. */
    EADDRNOTAVAIL(99, "address not available"),
    /** The network interface is down. */
    ENETDOWN(100, "network is down"),
    /** There is no route to the network. */
    ENETUNREACH(101, "network is unreachable"),
    /** The network dropped the connection, as a keep-alive found it dead. */
    ENETRESET(102, "network dropped connection on reset"),
    /** The connection ended before it was accepted. */
    ECONNABORTED(103, "software caused connection abort"),
    /** The peer ended the connection abruptly. */
    ECONNRESET(104, "connection reset by peer"),
    /** No buffers: the kernel's are used up, or io_uring's provided buffers are. */
    ENOBUFS(105, "no buffer space available"),
    /** The socket is connected already. */
    EISCONN(106, "socket is already connected"),
    /** The socket is not connected. */
    ENOTCONN(107, "socket is not connected"),
    /** The socket's writing side was shut down. */
    ESHUTDOWN(108, "cannot send after transport endpoint shutdown"),
    /** Too many descriptors are on their way through Unix sockets. */
    ETOOMANYREFS(109, "too many references"),
    /** The peer did not answer in time. */
    ETIMEDOUT(110, "connection timed out"),
    /** Nothing listens at the address. */
    ECONNREFUSED(111, "connection refused"),
    /** The host is down. */
    EHOSTDOWN(112, "host is down"),
    /** There is no route to the host. */
    EHOSTUNREACH(113, "host is unreachable"),
    /** The operation is under way already. */
    EALREADY(114, "connection already in progress"),
    /** The operation has begun and goes on; for connect on a non-blocking socket. */
    EINPROGRESS(115, "operation now in progress"),
    /** The file handle of a network file system is out of date. */
    ESTALE(116, "stale file handle"),
    /** The file system is damaged. */
    EUCLEAN(117, "structure needs cleaning"),
    /** A remote device failed. */
    EREMOTEIO(121, "remote I/O error"),
    /** The user's disk quota is used up. */
    EDQUOT(122, "disk quota exceeded"),
    /** The drive holds no medium. */
    ENOMEDIUM(123, "no medium found"),
    /** The medium is of the wrong type. */
    EMEDIUMTYPE(124, "wrong medium type"),
    /** The operation was cancelled before it was done. */
    ECANCELED(125, "operation canceled"),
    /** A key needed for this, for example of an encrypted directory, is not available. */
    ENOKEY(126, "required key not available"),
    /** The key has expired. */
    EKEYEXPIRED(127, "key has expired"),
    /** The key was revoked. */
    EKEYREVOKED(128, "key has been revoked"),
    /** The key was rejected. */
    EKEYREJECTED(129, "key was rejected by service"),
    /** The owner of a robust lock died. */
    EOWNERDEAD(130, "owner died"),
    /** The state behind a robust lock is lost. */
    ENOTRECOVERABLE(131, "state not recoverable"),
    /** A page of memory is broken. */
    EHWPOISON(133, "memory page has hardware error"),
    /** A number this table does not have; its own number is 0, which is no error of the kernel. */
    UNKNOWN(0, "unknown error");

    private static final Errno[] BY_NUMBER = byNumber();

    private final int number;
    private final String text;

    Errno(int number, String text) {
        this.number = number;
        this.text = text;
    }

    /**
     * The constant for an error number.
     *
     * @param number the number, positive as in C's {@code errno} or negative as the kernel returns
     *     it
     * @return the constant, {@link #UNKNOWN} where there is none
     */
    public static Errno of(int number) {
        int positive = number < 0 ? -number : number;
        // Integer.MIN_VALUE stays negative.
        return positive < 0 || positive >= BY_NUMBER.length ? UNKNOWN : BY_NUMBER[positive];
    }

    /**
     * The number of this error.
     *
     * @return the positive number of Linux, 0 for {@link #UNKNOWN}
     */
    public int number() {
        return number;
    }

    /**
     * What the error means, as Node's messages say it.
     *
     * @return the text, for example {@code "no such file or directory"}
     */
    public String text() {
        return text;
    }

    private static Errno[] byNumber() {
        int highest = 0;
        for (Errno errno : values()) {
            highest = Math.max(highest, errno.number);
        }
        Errno[] table = new Errno[highest + 1];
        Arrays.fill(table, UNKNOWN);
        for (Errno errno : values()) {
            table[errno.number] = errno;
        }
        return table;
    }
}
