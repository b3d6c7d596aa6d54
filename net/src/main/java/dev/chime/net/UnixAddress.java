package dev.chime.net;

import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.Memory;
import dev.chime.reactor.libc.SockaddrUnLayout;
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
}
