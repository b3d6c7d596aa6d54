package dev.chime.reactor.libc;

/**
 * Numbers of the system calls that Chime makes, for the architecture this JVM runs on
 * (asm/unistd_64.h on x86-64, asm-generic/unistd.h on aarch64; syscalls(2)).
 *
 * <p>Calls that came with Linux 5.1 or later have one number everywhere. {@code epoll_pwait2} is of
 * 5.11, {@code openat2} of 5.6, {@code cachestat} of 6.5: an older kernel answers {@code ENOSYS}.
 */
public final class Sys {
    public static final int READ = Arch.CURRENT.pick(0, 63);
    public static final int WRITE = Arch.CURRENT.pick(1, 64);
    public static final int READV = Arch.CURRENT.pick(19, 65);
    public static final int WRITEV = Arch.CURRENT.pick(20, 66);
    public static final int PREAD64 = Arch.CURRENT.pick(17, 67);
    public static final int PWRITE64 = Arch.CURRENT.pick(18, 68);
    public static final int PREADV = Arch.CURRENT.pick(295, 69);
    public static final int PREADV2 = Arch.CURRENT.pick(327, 286);
    public static final int PWRITEV = Arch.CURRENT.pick(296, 70);
    public static final int LSEEK = Arch.CURRENT.pick(8, 62);
    public static final int FSYNC = Arch.CURRENT.pick(74, 82);
    public static final int FDATASYNC = Arch.CURRENT.pick(75, 83);
    public static final int FTRUNCATE = Arch.CURRENT.pick(77, 46);
    public static final int FALLOCATE = Arch.CURRENT.pick(285, 47);
    public static final int FADVISE64 = Arch.CURRENT.pick(221, 223);
    public static final int STATX = Arch.CURRENT.pick(332, 291);
    public static final int GETDENTS64 = Arch.CURRENT.pick(217, 61);
    public static final int COPY_FILE_RANGE = Arch.CURRENT.pick(326, 285);
    public static final int SENDFILE = Arch.CURRENT.pick(40, 71);
    public static final int CACHESTAT = 451;
    public static final int IOCTL = Arch.CURRENT.pick(16, 29);
    public static final int STATFS = Arch.CURRENT.pick(137, 43);
    public static final int FSTATFS = Arch.CURRENT.pick(138, 44);
    public static final int FCHMOD = Arch.CURRENT.pick(91, 52);
    public static final int FCHOWN = Arch.CURRENT.pick(93, 55);

    public static final int OPENAT = Arch.CURRENT.pick(257, 56);
    public static final int OPENAT2 = 437;
    public static final int CLOSE = Arch.CURRENT.pick(3, 57);
    public static final int DUP = Arch.CURRENT.pick(32, 23);
    public static final int FCNTL = Arch.CURRENT.pick(72, 25);
    public static final int UNLINKAT = Arch.CURRENT.pick(263, 35);
    public static final int MKDIRAT = Arch.CURRENT.pick(258, 34);
    public static final int RENAMEAT2 = Arch.CURRENT.pick(316, 276);
    public static final int SYMLINKAT = Arch.CURRENT.pick(266, 36);
    public static final int LINKAT = Arch.CURRENT.pick(265, 37);
    public static final int READLINKAT = Arch.CURRENT.pick(267, 78);
    public static final int FACCESSAT = Arch.CURRENT.pick(269, 48);
    public static final int FCHMODAT = Arch.CURRENT.pick(268, 53);
    public static final int FCHOWNAT = Arch.CURRENT.pick(260, 54);
    public static final int UTIMENSAT = Arch.CURRENT.pick(280, 88);
    public static final int SETXATTR = Arch.CURRENT.pick(188, 5);
    public static final int FSETXATTR = Arch.CURRENT.pick(190, 7);
    public static final int GETXATTR = Arch.CURRENT.pick(191, 8);
    public static final int FGETXATTR = Arch.CURRENT.pick(193, 10);
    public static final int LISTXATTR = Arch.CURRENT.pick(194, 11);
    public static final int FLISTXATTR = Arch.CURRENT.pick(196, 13);
    public static final int REMOVEXATTR = Arch.CURRENT.pick(197, 14);
    public static final int FREMOVEXATTR = Arch.CURRENT.pick(199, 16);

    public static final int SOCKET = Arch.CURRENT.pick(41, 198);
    public static final int SOCKETPAIR = Arch.CURRENT.pick(53, 199);
    public static final int BIND = Arch.CURRENT.pick(49, 200);
    public static final int LISTEN = Arch.CURRENT.pick(50, 201);
    public static final int ACCEPT4 = Arch.CURRENT.pick(288, 242);
    public static final int CONNECT = Arch.CURRENT.pick(42, 203);
    public static final int SENDTO = Arch.CURRENT.pick(44, 206);
    public static final int RECVFROM = Arch.CURRENT.pick(45, 207);
    public static final int SENDMSG = Arch.CURRENT.pick(46, 211);
    public static final int RECVMSG = Arch.CURRENT.pick(47, 212);
    public static final int SHUTDOWN = Arch.CURRENT.pick(48, 210);
    public static final int SETSOCKOPT = Arch.CURRENT.pick(54, 208);
    public static final int GETSOCKOPT = Arch.CURRENT.pick(55, 209);
    public static final int GETSOCKNAME = Arch.CURRENT.pick(51, 204);
    public static final int GETPEERNAME = Arch.CURRENT.pick(52, 205);

    public static final int EPOLL_CREATE1 = Arch.CURRENT.pick(291, 20);
    public static final int EPOLL_CTL = Arch.CURRENT.pick(233, 21);
    public static final int EPOLL_PWAIT = Arch.CURRENT.pick(281, 22);
    public static final int EPOLL_PWAIT2 = 441;
    public static final int PPOLL = Arch.CURRENT.pick(271, 73);
    public static final int EVENTFD2 = Arch.CURRENT.pick(290, 19);
    public static final int PIPE2 = Arch.CURRENT.pick(293, 59);
    public static final int INOTIFY_INIT1 = Arch.CURRENT.pick(294, 26);
    public static final int INOTIFY_ADD_WATCH = Arch.CURRENT.pick(254, 27);
    public static final int INOTIFY_RM_WATCH = Arch.CURRENT.pick(255, 28);

    public static final int MMAP = Arch.CURRENT.pick(9, 222);
    public static final int MUNMAP = Arch.CURRENT.pick(11, 215);
    public static final int MADVISE = Arch.CURRENT.pick(28, 233);

    public static final int IO_URING_SETUP = 425;
    public static final int IO_URING_ENTER = 426;
    public static final int IO_URING_REGISTER = 427;

    public static final int GETPID = Arch.CURRENT.pick(39, 172);
    public static final int GETTID = Arch.CURRENT.pick(186, 178);
    public static final int TGKILL = Arch.CURRENT.pick(234, 131);
    public static final int PRLIMIT64 = Arch.CURRENT.pick(302, 261);

    private Sys() {}
}
