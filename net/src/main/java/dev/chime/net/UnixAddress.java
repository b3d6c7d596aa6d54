package dev.chime.net;

import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.ErrnoCode;
import dev.chime.reactor.libc.Memory;
import dev.chime.reactor.libc.SockaddrUnLayout;
import dev.chime.reactor.libc.Sys;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Addresses of Unix sockets (unix(7)). An abstract name, which the kernel marks by a NUL in front,
 * is written with an {@code @}, as ss(8) and systemd do; a file of such a name is {@code ./@name}.
 */
final class UnixAddress {
    /** Bytes of a path: it is never cut, and there is room for the zero at its end. */
    private static final int MAX_PATH = SockaddrUnLayout.PATH_MAX - 1;

    private UnixAddress() {}

    /** Checks a path or an abstract name; a NUL in front becomes an {@code @}. */
    static String check(String path) {
        String name = path.startsWith("\0") ? "@" + path.substring(1) : path;
        if (name.isEmpty() || name.equals("@") || name.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("path is empty or contains NUL: name one");
        }
        return name;
    }

    static UnixDomainSocketAddress of(String path) {
        return UnixDomainSocketAddress.of(path);
    }

    static boolean isAbstract(UnixDomainSocketAddress address) {
        return address.getPath().toString().startsWith("@");
    }

    private static byte[] bytes(UnixDomainSocketAddress address) {
        byte[] bytes = address.getPath().toString().getBytes(StandardCharsets.UTF_8);
        if (isAbstract(address)) {
            bytes[0] = 0;
        }
        return bytes;
    }

    /** What is wrong with an address that does not fit, or null. */
    static @Nullable String tooLong(UnixDomainSocketAddress address) {
        int length = bytes(address).length;
        boolean name = isAbstract(address);
        int most = name ? SockaddrUnLayout.PATH_MAX - 1 : MAX_PATH;
        int counted = name ? length - 1 : length;
        return counted <= most
                ? null
                : "it has %d bytes, and a Unix socket's %s at most %d"
                        .formatted(counted, name ? "name" : "path", most);
    }

    /** Writes an address that fits; returns its length there. */
    static int write(long memory, UnixDomainSocketAddress address) {
        byte[] bytes = bytes(address);
        Memory.fill(memory, SockaddrUnLayout.SIZE, (byte) 0);
        Memory.putShort(memory + SockaddrUnLayout.SUN_FAMILY, (short) Const.AF_UNIX);
        Memory.copy(bytes, 0, memory + SockaddrUnLayout.SUN_PATH, bytes.length);
        int end = isAbstract(address) ? bytes.length : bytes.length + 1;
        return SockaddrUnLayout.SUN_PATH + end;
    }

    /** Writes the path of a file for a call that takes one: 108 bytes. */
    static void writePath(long memory, UnixDomainSocketAddress address) {
        byte[] bytes = bytes(address);
        Memory.fill(memory, SockaddrUnLayout.PATH_MAX, (byte) 0);
        Memory.copy(bytes, 0, memory, bytes.length);
    }

    /** Removes the file of an address; {@code then} is run whatever comes of it. */
    static void remove(Core core, UnixDomainSocketAddress address, Runnable then) {
        Slot removing =
                core.slot(
                        Op.UNLINKAT,
                        (slot, result, more) -> {
                            if (result == -ErrnoCode.ECANCELED) { // the reactor ends
                                long path = core.scratch();
                                writePath(path, address);
                                core.syscall(Sys.UNLINKAT, Const.AT_FDCWD, path, 0);
                            }
                            then.run();
                        });
        removing.fd = Const.AT_FDCWD;
        writePath(removing.scratch, address);
        removing.address = removing.scratch;
        core.submit(removing);
    }

    /** The name of a connection as errors have it: of the end that has one, or empty. */
    static UnixDomainSocketAddress ofSocket(Core core, int fd) {
        String local = name(core, Sys.GETSOCKNAME, fd);
        return of(local.isEmpty() ? name(core, Sys.GETPEERNAME, fd) : local);
    }

    private static String name(Core core, int syscall, int fd) {
        long memory = core.scratch();
        long length = memory + SockaddrUnLayout.SIZE + 2;
        Memory.putInt(length, SockaddrUnLayout.SIZE);
        long result = core.syscall(syscall, fd, memory, length);
        int size = Math.min(Memory.getInt(length), SockaddrUnLayout.SIZE);
        if (result < 0 || size <= SockaddrUnLayout.SUN_PATH) {
            return ""; // nameless, as the clients of a server are
        }
        byte[] bytes = new byte[size - SockaddrUnLayout.SUN_PATH];
        Memory.copy(memory + SockaddrUnLayout.SUN_PATH, bytes, 0, bytes.length);
        boolean isAbstract = bytes[0] == 0;
        if (isAbstract) {
            bytes[0] = '@';
        }
        String text = new String(bytes, StandardCharsets.UTF_8);
        int end = text.indexOf('\0');
        return end < 0 ? text : text.substring(0, end);
    }
}
