package dev.chime.reactor.engine.sim;

import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.engine.SlotQueue;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.ErrnoCode;
import dev.chime.reactor.libc.InotifyEventLayout;
import dev.chime.reactor.libc.IpMreqnLayout;
import dev.chime.reactor.libc.Memory;
import dev.chime.reactor.libc.SockaddrUnLayout;
import dev.chime.reactor.libc.Sys;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The system calls of the simulated machine: takes a slot's fields as the ring's opcode does and
 * gives the kernel's results. EAGAIN says that the operation has to wait.
 */
final class SimKernel {
    private static final int MAX_PATH = 4096;
    private static final int POLLERR = 8;
    private static final int POLLHUP = 16;
    private static final int SOCKET_TYPE = 0xf;
    private static final int F_GETFD = 1;
    private static final int FD_CLOEXEC = 1;

    /** RESOLVE_BENEATH of openat2(2). */
    private static final long RESOLVE_BENEATH = 8;

    /** RESOLVE_NO_XDEV and NO_MAGICLINKS: here is one file system without such links. */
    private static final long RESOLVE_HARMLESS = 3;

    /** SYMLINK_NOFOLLOW, NO_AUTOMOUNT, EMPTY_PATH, FORCE_SYNC, DONT_SYNC of statx(2). */
    private static final int STATX_FLAGS = 0x7900;

    private final SimWorld world;
    private final SimNames names;
    private final SimFiles files;
    private final SimAttributes attributes;

    SimKernel(SimWorld world) {
        this.world = world;
        names = new SimNames(this, world);
        files = new SimFiles(this, world);
        attributes = new SimAttributes(this, world);
    }

    // ---- operations

    /**
     * Performs an operation once.
     *
     * @param most the most bytes that a transfer moves
     */
    int perform(Slot s, int most) {
        return switch (s.op()) {
            case NOP -> 0;
            case OPENAT -> openAt(s.fd, s.address, s.flags, s.length, false);
            case OPENAT2 -> openHow(s.fd, s.address, s.offset);
            case READ -> read(s.fd, s.address, Math.min(s.length, most), s.offset);
            case WRITE -> write(s.fd, s.address, Math.min(s.length, most), s.offset);
            case CLOSE -> world.descriptors().close(s.fd);
            case STATX -> stat(s.fd, s.address, s.flags, s.offset);
            case FSYNC -> sync(s.fd);
            case POLL -> poll(s.fd, s.flags);
            case WATCH -> watch(s.fd, s.address, s.flags);
            case SOCKET -> socket(s.fd, (int) s.offset, s.length);
            case BIND -> bind(s.fd, s.address, (int) s.offset);
            case LISTEN -> listen(s.fd, s.length);
            case ACCEPT -> accept(s.fd);
            case CONNECT -> connect(s.fd, s.address, (int) s.offset);
            case SEND -> send(s.fd, s.address, Math.min(s.length, most));
            case SENDMSG -> sendMessage(s.fd, s.address, most);
            case SHUTDOWN -> shutdown(s.fd, s.length);
            case RECV, RECVMSG, ASYNC_CANCEL -> -ErrnoCode.EINVAL; // the engine's own business
            case RENAMEAT, UNLINKAT, MKDIRAT, SYMLINKAT, LINKAT, READLINKAT -> names.perform(s);
            case FACCESSAT, FCHMODAT, FCHOWNAT, UTIMENSAT -> attributes.perform(s);
            case SETXATTR, FSETXATTR, GETXATTR, FGETXATTR, LISTXATTR, REMOVEXATTR ->
                    attributes.perform(s);
            default -> files.perform(s, most);
        };
    }

    @Nullable SimOpen file(int fd) {
        return world.descriptors().get(fd);
    }

    /** The socket behind a number, or a negative errno as an Integer. */
    Object socketOf(int fd) {
        SimOpen file = file(fd);
        if (file == null) {
            return -ErrnoCode.EBADF;
        }
        return file instanceof SimEndpoint socket ? socket : -ErrnoCode.ENOTSOCK;
    }

    /** Where a slot waits that cannot be performed now. */
    SlotQueue waitingPlace(Slot slot) {
        SimOpen file = file(slot.fd);
        if (file == null) {
            throw new AssertionError(slot + " waits for nothing");
        }
        return switch (slot.op()) {
            case READ, RECV, RECVMSG, ACCEPT -> file.readers;
            case POLL -> file.pollers;
            default -> file.writers;
        };
    }

    private Object directory(int fd) {
        if (fd == Const.AT_FDCWD) {
            return world.disk().root();
        }
        SimOpen file = file(fd);
        if (file == null) {
            return -ErrnoCode.EBADF;
        }
        return file.node() instanceof SimDirectory directory ? directory : -ErrnoCode.ENOTDIR;
    }

    /** A path in memory, or null when it has no end within the limit. */
    static @Nullable String path(long address) {
        int length = 0;
        while (length < MAX_PATH && Memory.getByte(address + length) != 0) {
            length++;
        }
        if (length == MAX_PATH) {
            return null;
        }
        byte[] bytes = new byte[length];
        Memory.copy(address, bytes, 0, length);
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    /** Where a path starts: a directory, or a negative errno. */
    Object start(int at, @Nullable String path) {
        if (path == null) {
            return -ErrnoCode.ENAMETOOLONG;
        }
        return path.startsWith("/") ? world.disk().root() : directory(at);
    }

    /** What a path leads to, or without one a descriptor; a node or a negative errno. */
    Object node(int at, long address, boolean follow) {
        Object found = named(at, address, follow);
        return found instanceof SimName name ? name.node : found;
    }

    /** As {@link #node}, with the name that led there. */
    Object named(int at, long address, boolean follow) {
        if (address == 0) {
            SimOpen file = file(at);
            SimName name = file == null ? null : file.name();
            return name == null ? (Object) (-ErrnoCode.EBADF) : name;
        }
        String path = path(address);
        Object from = start(at, path);
        if (path == null || !(from instanceof SimDirectory directory)) {
            return from;
        }
        Object found = world.disk().resolve(directory, path, follow, false);
        if (!(found instanceof SimDisk.Place place)) {
            return found;
        }
        SimNode node = place.node();
        if (node == null) {
            return -ErrnoCode.ENOENT;
        }
        boolean wrong = place.asDirectory() && !(node instanceof SimDirectory);
        return wrong ? (Object) (-ErrnoCode.ENOTDIR) : node.name(place.directory(), place.name());
    }

    private int openAt(int at, long address, int flags, int mode, boolean beneath) {
        String path = path(address);
        Object from = beneath ? directory(at) : start(at, path);
        if (path == null || !(from instanceof SimDirectory directory)) {
            return path == null ? -ErrnoCode.ENAMETOOLONG : (Integer) from;
        }
        return opened(world.disk().open(directory, path, flags, mode, beneath));
    }

    /** openat2(2); of its ways to resolve a path, what keeps a path beneath its start. */
    private int openHow(int at, long address, long how) {
        int flags = (int) Memory.getLong(how);
        int mode = (int) Memory.getLong(how + 8);
        long resolve = Memory.getLong(how + 16);
        boolean unknown = (resolve & ~(RESOLVE_BENEATH | RESOLVE_HARMLESS)) != 0;
        if (unknown || (mode != 0 && (flags & Const.O_CREAT) == 0)) {
            return -ErrnoCode.EINVAL;
        }
        return openAt(at, address, flags, mode, (resolve & RESOLVE_BENEATH) != 0);
    }

    private int opened(Object result) {
        return result instanceof SimOpen file ? world.descriptors().add(file) : (Integer) result;
    }

    private int stat(int at, long address, int flags, long to) {
        String path = path(address);
        if (path == null) {
            return -ErrnoCode.ENAMETOOLONG;
        }
        if (path.isEmpty() && (flags & Const.AT_EMPTY_PATH) != 0) {
            return statOpen(at, to);
        }
        if ((flags & ~STATX_FLAGS) != 0) {
            return -ErrnoCode.EINVAL;
        }
        Object found = node(at, address, (flags & Const.AT_SYMLINK_NOFOLLOW) == 0);
        if (!(found instanceof SimNode node)) {
            return (Integer) found;
        }
        node.stat(to);
        return 0;
    }

    private int statOpen(int fd, long to) {
        SimOpen file = file(fd);
        if (file == null) {
            return -ErrnoCode.EBADF;
        }
        SimNode node = file.node();
        if (node != null) {
            node.stat(to);
        } else {
            int type = file instanceof SimEndpoint ? Const.S_IFSOCK : Const.S_IFIFO;
            new SimRegular(fd, type | 0600, 0).stat(to);
        }
        return 0;
    }

    private int read(int fd, long address, int length, long offset) {
        SimOpen file = file(fd);
        if (file == null) {
            return -ErrnoCode.EBADF;
        }
        return address == 0 && length > 0 ? -ErrnoCode.EFAULT : file.read(address, length, offset);
    }

    private int write(int fd, long address, int length, long offset) {
        SimOpen file = file(fd);
        if (file == null) {
            return -ErrnoCode.EBADF;
        }
        return address == 0 && length > 0 ? -ErrnoCode.EFAULT : file.write(address, length, offset);
    }

    /** The page at 0 is never mapped; any other address is the caller's word. */
    private static boolean isBad(long address, int length) {
        return address >= 0 && address < MAX_PATH && length != 0;
    }

    private int sync(int fd) {
        SimOpen file = file(fd);
        return file == null ? -ErrnoCode.EBADF : file.sync();
    }

    private int poll(int fd, int wanted) {
        SimOpen file = file(fd);
        if (file == null) {
            return -ErrnoCode.EBADF;
        }
        int events = file.events() & (wanted | POLLERR | POLLHUP);
        return events == 0 ? -ErrnoCode.EAGAIN : events;
    }

    /** inotify_add_watch(2). */
    private int watch(int fd, long address, int mask) {
        SimOpen file = file(fd);
        if (file == null) {
            return -ErrnoCode.EBADF;
        }
        if (!(file instanceof SimInotify inotify) || (mask & SimInotify.EVENTS) == 0) {
            return -ErrnoCode.EINVAL;
        }
        boolean follow = (mask & InotifyEventLayout.IN_DONT_FOLLOW) == 0;
        Object found = node(Const.AT_FDCWD, address, follow);
        if (!(found instanceof SimNode node)) {
            return (Integer) found;
        }
        boolean folderWanted = (mask & InotifyEventLayout.IN_ONLYDIR) != 0;
        return folderWanted && !(node instanceof SimDirectory)
                ? -ErrnoCode.ENOTDIR
                : inotify.add(node, mask);
    }

    private int newInotify(int flags) {
        return world.descriptors().count(SimInotify.class) < SimInotify.INSTANCES
                ? world.descriptors().add(new SimInotify(world, flags))
                : -ErrnoCode.EMFILE;
    }

    private int removeWatch(int fd, int wd) {
        SimOpen file = file(fd);
        if (file == null) {
            return -ErrnoCode.EBADF;
        }
        return file instanceof SimInotify inotify ? inotify.remove(wd) : -ErrnoCode.EINVAL;
    }

    private int socket(int family, int type, int protocol) {
        boolean unix = family == Const.AF_UNIX && (type & SOCKET_TYPE) == Const.SOCK_STREAM;
        if (family != Const.AF_INET && family != Const.AF_INET6 && !unix) {
            return -ErrnoCode.EAFNOSUPPORT;
        }
        if ((type & ~(SOCKET_TYPE | Const.SOCK_CLOEXEC | Const.SOCK_NONBLOCK)) != 0) {
            return -ErrnoCode.EINVAL;
        }
        int kind = type & SOCKET_TYPE;
        if (kind == Const.SOCK_STREAM && (protocol == 0 || protocol == Const.IPPROTO_TCP)) {
            return world.descriptors().add(new SimSocket(world, family, type));
        }
        if (kind == Const.SOCK_DGRAM && (protocol == 0 || protocol == Const.IPPROTO_UDP)) {
            return world.descriptors().add(new SimDatagramSocket(world, family, type));
        }
        return -ErrnoCode.EPROTONOSUPPORT;
    }

    private int bind(int fd, long address, int length) {
        if (!(socketOf(fd) instanceof SimEndpoint socket)) {
            return (Integer) socketOf(fd);
        }
        if (socket instanceof SimSocket stream && socket.family() == Const.AF_UNIX) {
            return bindUnix(stream, unixName(address, length));
        }
        if (length < SimAddress.length(socket.family()) || socket.isBound()) {
            return -ErrnoCode.EINVAL;
        }
        if (Memory.getShort(address) != socket.family()) {
            return -ErrnoCode.EAFNOSUPPORT;
        }
        return socket.bind(SimAddress.read(address, socket.family()));
    }

    private int bindUnix(SimSocket socket, String name) {
        if (name.isEmpty() || socket.isBound()) {
            return -ErrnoCode.EINVAL;
        }
        int result = names.bind(socket, name);
        if (result == 0) {
            socket.named(name);
        }
        return result;
    }

    /** The name in a sockaddr_un: a path ends at its NUL, another name with the address. */
    private static String unixName(long address, int length) {
        byte[] bytes = new byte[Math.max(0, length - SockaddrUnLayout.SUN_PATH)];
        Memory.copy(address + SockaddrUnLayout.SUN_PATH, bytes, 0, bytes.length);
        String name = new String(bytes, StandardCharsets.ISO_8859_1);
        int end = name.indexOf('\0');
        return end > 0 ? name.substring(0, end) : name;
    }

    private int connectUnix(SimSocket socket, String name) {
        if (name.isEmpty()) {
            return -ErrnoCode.EINVAL;
        }
        Object to = names.named(name);
        return to instanceof SimSocket listener ? socket.connect(listener) : (Integer) to;
    }

    private int listen(int fd, int backlog) {
        Object found = socketOf(fd);
        return found instanceof SimEndpoint socket ? socket.listen(backlog) : (Integer) found;
    }

    private int accept(int fd) {
        Object found = socketOf(fd);
        if (!(found instanceof SimSocket socket)) {
            return found instanceof Integer errno ? errno : -ErrnoCode.EOPNOTSUPP;
        }
        if (!socket.isListening()) {
            return -ErrnoCode.EINVAL;
        }
        SimSocket connection = socket.accept();
        return connection == null ? -ErrnoCode.EAGAIN : world.descriptors().add(connection);
    }

    private int connect(int fd, long address, int length) {
        Object found = socketOf(fd);
        if (found instanceof SimSocket stream && stream.family() == Const.AF_UNIX) {
            return connectUnix(stream, unixName(address, length));
        }
        return found instanceof SimEndpoint socket
                ? socket.connect(address, length)
                : (Integer) found;
    }

    private int send(int fd, long address, int length) {
        Object found = socketOf(fd);
        if (!(found instanceof SimEndpoint socket)) {
            return (Integer) found;
        }
        return isBad(address, length) ? -ErrnoCode.EFAULT : socket.send(address, length);
    }

    private int sendMessage(int fd, long message, int most) {
        Object found = socketOf(fd);
        return found instanceof SimEndpoint socket
                ? socket.sendMessage(message, most)
                : (Integer) found;
    }

    private int shutdown(int fd, int how) {
        Object found = socketOf(fd);
        return found instanceof SimEndpoint socket ? socket.shutdown(how) : (Integer) found;
    }

    // ---- calls made at once

    /** A system call that never blocks. */
    long call(int number, long a, long b, long c, long d, long e) {
        int fd = (int) a;
        if (number == Sys.CLOSE) {
            return world.descriptors().close(fd);
        } else if (number == Sys.LSEEK) {
            SimOpen file = file(fd);
            return file == null ? -ErrnoCode.EBADF : file.seek(b, (int) c);
        } else if (number == Sys.STATX) {
            return stat(fd, b, (int) c, e);
        } else if (number == Sys.OPENAT) {
            return openAt(fd, b, (int) c, (int) d, false);
        } else if (number == Sys.UNLINKAT) {
            return names.remove(fd, path(b), (int) c);
        } else if (number == Sys.READ) {
            return read(fd, b, (int) c, -1);
        } else if (number == Sys.WRITE) {
            return write(fd, b, (int) c, -1);
        } else if (number == Sys.IOCTL) {
            return ioctl(fd, (int) b, c);
        } else if (number == Sys.FCNTL) {
            return control(fd, (int) b);
        } else if (number == Sys.INOTIFY_INIT1) {
            return newInotify(fd);
        } else if (number == Sys.INOTIFY_RM_WATCH) {
            return removeWatch(fd, (int) b);
        } else if (number == Sys.PIPE2) {
            SimPipe pipe = new SimPipe(world, (int) b);
            return two(a, pipe.reader, pipe.writer);
        }
        return socketCall(number, a, b, c, d, e);
    }

    private int control(int fd, int command) {
        if (file(fd) == null) {
            return -ErrnoCode.EBADF;
        }
        // Every descriptor of ours is closed in child processes, of which there are none here.
        return command == F_GETFD ? FD_CLOEXEC : -ErrnoCode.EINVAL;
    }

    private int ioctl(int fd, int request, long argument) {
        SimOpen file = file(fd);
        if (file == null) {
            return -ErrnoCode.EBADF;
        }
        if (request != Const.FIONREAD || !(file.node() instanceof SimRegular node)) {
            return -ErrnoCode.ENOTTY;
        }
        Memory.putInt(argument, (int) (node.size() - file.seek(0, SimOpenFile.SEEK_CUR)));
        return 0;
    }

    private long socketCall(int number, long a, long b, long c, long d, long e) {
        int fd = (int) a;
        if (number == Sys.GETSOCKNAME) {
            return name(fd, b, c, false);
        } else if (number == Sys.GETPEERNAME) {
            return name(fd, b, c, true);
        } else if (number == Sys.SETSOCKOPT) {
            return setOption(fd, (int) b, (int) c, d, (int) e);
        } else if (number == Sys.GETSOCKOPT) {
            return getOption(fd, (int) b, (int) c, d, e);
        } else if (number == Sys.RECVMSG && (c & Const.MSG_ERRQUEUE) != 0) {
            Object found = socketOf(fd);
            return found instanceof SimDatagramSocket socket
                    ? socket.takeKept(b)
                    : found instanceof Integer errno ? errno : -ErrnoCode.EAGAIN;
        } else if (number == Sys.SOCKET) {
            return socket(fd, (int) b, (int) c);
        } else if (number == Sys.BIND) {
            return bind(fd, b, (int) c);
        } else if (number == Sys.CONNECT) {
            int result = connect(fd, b, (int) c);
            return result == -ErrnoCode.EAGAIN ? -ErrnoCode.EINPROGRESS : result;
        } else if (number == Sys.LISTEN) {
            return listen(fd, (int) b);
        } else if (number == Sys.SHUTDOWN) {
            return shutdown(fd, (int) b);
        } else if (number == Sys.SOCKETPAIR) {
            SimSocket[] pair = world.network().pair((int) b);
            return two(d, pair[0], pair[1]);
        }
        return -ErrnoCode.ENOSYS;
    }

    private int two(long to, SimOpen first, SimOpen second) {
        Memory.putInt(to, world.descriptors().add(first));
        Memory.putInt(to + 4, world.descriptors().add(second));
        return 0;
    }

    private int name(int fd, long to, long lengthAt, boolean ofPeer) {
        Object found = socketOf(fd);
        if (!(found instanceof SimEndpoint socket)) {
            return (Integer) found;
        }
        if (socket instanceof SimSocket stream && socket.family() == Const.AF_UNIX) {
            String text = ofPeer ? stream.peerName() : stream.unixName();
            boolean file = !text.isEmpty() && text.charAt(0) != 0;
            byte[] bytes = (file ? text + '\0' : text).getBytes(StandardCharsets.ISO_8859_1);
            Memory.putShort(to, (short) Const.AF_UNIX);
            Memory.copy(bytes, 0, to + SockaddrUnLayout.SUN_PATH, bytes.length);
            Memory.putInt(lengthAt, SockaddrUnLayout.SUN_PATH + bytes.length);
            return 0;
        }
        SimAddress address = ofPeer ? socket.remote() : socket.local();
        if (address == null) {
            return -ErrnoCode.ENOTCONN;
        }
        Memory.putInt(lengthAt, address.write(to, socket.family()));
        return 0;
    }

    private int setOption(int fd, int level, int option, long value, int length) {
        Object found = socketOf(fd);
        if (!(found instanceof SimEndpoint socket)) {
            return (Integer) found;
        }
        if (length < 4) {
            return -ErrnoCode.EINVAL;
        }
        boolean ofIp = level == Const.IPPROTO_IP || level == Const.IPPROTO_IPV6;
        if (ofIp && option >= Const.MCAST_JOIN_GROUP && option <= Const.MCAST_LEAVE_SOURCE_GROUP) {
            return socket.setGroup(level, option, value, length);
        }
        boolean named = level == Const.IPPROTO_IP && option == Const.IP_MULTICAST_IF;
        if (named && length >= IpMreqnLayout.SIZE) {
            int index = Memory.getInt(value + IpMreqnLayout.IMR_IFINDEX);
            return socket.set(level, option, index, false);
        }
        int first = Memory.getInt(value);
        boolean lingers = length >= 8 && first != 0 && Memory.getInt(value + 4) == 0;
        return socket.set(level, option, first, lingers);
    }

    private int getOption(int fd, int level, int option, long to, long lengthAt) {
        Object found = socketOf(fd);
        if (!(found instanceof SimEndpoint socket)) {
            return (Integer) found;
        }
        if (socket.family() == Const.AF_UNIX && level != Const.SOL_SOCKET) {
            return -ErrnoCode.EOPNOTSUPP;
        }
        Memory.putInt(to, socket.get(level, option));
        Memory.putInt(lengthAt, 4);
        return 0;
    }
}
