package dev.chime.net;

import dev.chime.reactor.internal.Core;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.LingerLayout;
import dev.chime.reactor.libc.Memory;
import dev.chime.reactor.libc.SockaddrIn6Layout;
import dev.chime.reactor.libc.SockaddrInLayout;
import dev.chime.reactor.libc.Sys;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/** Socket addresses as the kernel lays them out: see ip(7), ipv6(7). */
final class Sockaddr {
    private static final int CAPACITY = 128;

    /** Bytes before an IPv4 address mapped into IPv6: ten of 0, two of 0xff. */
    private static final int MAPPED_PREFIX = 12;

    private Sockaddr() {}

    static int family(InetAddress address) {
        return address instanceof Inet4Address ? Const.AF_INET : Const.AF_INET6;
    }

    static int family(SocketAddress address) {
        return address instanceof InetSocketAddress inet
                ? family(inet.getAddress())
                : Const.AF_UNIX;
    }

    /** Writes an address to native memory; returns its length there. */
    static int write(long memory, SocketAddress address) {
        return switch (address) {
            case InetSocketAddress inet -> write(memory, inet);
            case UnixDomainSocketAddress unix -> UnixAddress.write(memory, unix);
            default -> throw new AssertionError("no address of ours: " + address);
        };
    }

    private static int write(long memory, InetSocketAddress address) {
        InetAddress ip = address.getAddress();
        byte[] bytes = ip.getAddress();
        if (ip instanceof Inet6Address v6) {
            Memory.fill(memory, SockaddrIn6Layout.SIZE, (byte) 0);
            Memory.putShort(memory + SockaddrIn6Layout.SIN6_FAMILY, (short) Const.AF_INET6);
            Memory.putPort(memory + SockaddrIn6Layout.SIN6_PORT, address.getPort());
            Memory.copy(bytes, 0, memory + SockaddrIn6Layout.SIN6_ADDR, bytes.length);
            Memory.putInt(memory + SockaddrIn6Layout.SIN6_SCOPE_ID, v6.getScopeId());
            return SockaddrIn6Layout.SIZE;
        }
        Memory.fill(memory, SockaddrInLayout.SIZE, (byte) 0);
        Memory.putShort(memory + SockaddrInLayout.SIN_FAMILY, (short) Const.AF_INET);
        Memory.putPort(memory + SockaddrInLayout.SIN_PORT, address.getPort());
        Memory.copy(bytes, 0, memory + SockaddrInLayout.SIN_ADDR, bytes.length);
        return SockaddrInLayout.SIZE;
    }

    /** Writes an address for a socket of one family; IPv6 carries IPv4 addresses mapped. */
    static int write(long memory, InetSocketAddress address, boolean ip6) {
        if (!ip6 || address.getAddress() instanceof Inet6Address) {
            return write(memory, address);
        }
        byte[] bytes = address.getAddress().getAddress();
        long mapped = memory + SockaddrIn6Layout.SIN6_ADDR;
        Memory.fill(memory, SockaddrIn6Layout.SIZE, (byte) 0);
        Memory.putShort(memory + SockaddrIn6Layout.SIN6_FAMILY, (short) Const.AF_INET6);
        Memory.putPort(memory + SockaddrIn6Layout.SIN6_PORT, address.getPort());
        Memory.putShort(mapped + MAPPED_PREFIX - 2, (short) -1);
        Memory.copy(bytes, 0, mapped + MAPPED_PREFIX, bytes.length);
        return SockaddrIn6Layout.SIZE;
    }

    /** Reads an address; null when it is of no family we know. */
    static @Nullable InetSocketAddress read(long memory) {
        try {
            int family = Memory.getShort(memory + SockaddrInLayout.SIN_FAMILY);
            if (family == Const.AF_INET) {
                byte[] bytes = new byte[4];
                Memory.copy(memory + SockaddrInLayout.SIN_ADDR, bytes, 0, bytes.length);
                return new InetSocketAddress(
                        InetAddress.getByAddress(bytes),
                        Memory.getPort(memory + SockaddrInLayout.SIN_PORT));
            }
            if (family == Const.AF_INET6) {
                byte[] bytes = new byte[16];
                Memory.copy(memory + SockaddrIn6Layout.SIN6_ADDR, bytes, 0, bytes.length);
                int scope = Memory.getInt(memory + SockaddrIn6Layout.SIN6_SCOPE_ID);
                // An IPv4 address mapped into IPv6 becomes what it is: an IPv4 address. A
                // link-local one without its scope could not be answered.
                return new InetSocketAddress(
                        scope == 0
                                ? InetAddress.getByAddress(bytes)
                                : Inet6Address.getByAddress(null, bytes, scope),
                        Memory.getPort(memory + SockaddrIn6Layout.SIN6_PORT));
            }
            return null;
        } catch (UnknownHostException e) {
            throw new AssertionError("4 and 16 bytes make an address", e);
        }
    }

    /** Our end's address; null when the socket has none. */
    static @Nullable InetSocketAddress local(Core core, int fd) {
        return ask(core, Sys.GETSOCKNAME, fd);
    }

    /** The other end's address; null when it is gone. */
    static @Nullable InetSocketAddress peer(Core core, int fd) {
        return ask(core, Sys.GETPEERNAME, fd);
    }

    private static @Nullable InetSocketAddress ask(Core core, int syscall, int fd) {
        long memory = core.scratch();
        Memory.putInt(memory + CAPACITY, CAPACITY);
        long result = core.syscall(syscall, fd, memory, memory + CAPACITY);
        return result < 0 ? null : read(memory);
    }

    /** Sets an integer socket option; returns 0 or a negative errno. */
    static int set(Core core, int fd, int level, int option, int value) {
        long memory = core.scratch();
        Memory.putInt(memory, value);
        return (int) core.syscall(Sys.SETSOCKOPT, fd, level, option, memory, 4, 0);
    }

    /** An integer socket option; or a negative errno. */
    static int get(Core core, int fd, int level, int option) {
        long memory = core.scratch();
        Memory.putInt(memory + 8, 4);
        long result = core.syscall(Sys.GETSOCKOPT, fd, level, option, memory, memory + 8, 0);
        return result < 0 ? (int) result : Memory.getInt(memory);
    }

    /** What a socket's send buffer holds, as its kind counts; or a negative errno. */
    static int held(Core core, int fd) {
        long memory = core.scratch();
        long result = core.syscall(Sys.IOCTL, fd, Const.TIOCOUTQ, memory);
        return result < 0 ? (int) result : Memory.getInt(memory);
    }

    /** Refuses what is no type of service. */
    static void checkTypeOfService(int mark) {
        if (mark < 0 || mark > 255) {
            throw new IllegalArgumentException("mark is " + mark + ": use 0 to 255");
        }
    }

    /** Sets the type of service, on a socket for IPv6 of both families; 0 or a negative errno. */
    static int typeOfService(Core core, int fd, int mark) {
        int result = set(core, fd, Const.IPPROTO_IP, Const.IP_TOS, mark);
        return isIp6(core, fd)
                ? set(core, fd, Const.IPPROTO_IPV6, Const.IPV6_TCLASS, mark)
                : result;
    }

    /** The type of service, or a negative errno. */
    static int typeOfService(Core core, int fd) {
        return isIp6(core, fd)
                ? get(core, fd, Const.IPPROTO_IPV6, Const.IPV6_TCLASS)
                : get(core, fd, Const.IPPROTO_IP, Const.IP_TOS);
    }

    private static boolean isIp6(Core core, int fd) {
        return get(core, fd, Const.SOL_SOCKET, Const.SO_DOMAIN) == Const.AF_INET6;
    }

    /** Lets a close drop what the peer has not got, and reset the connection. */
    static void lingerNot(Core core, int fd) {
        long memory = core.scratch();
        Memory.putInt(memory + LingerLayout.L_ONOFF, 1);
        Memory.putInt(memory + LingerLayout.L_LINGER, 0);
        core.syscall(
                Sys.SETSOCKOPT,
                fd,
                Const.SOL_SOCKET,
                Const.SO_LINGER,
                memory,
                LingerLayout.SIZE,
                0);
    }
}
