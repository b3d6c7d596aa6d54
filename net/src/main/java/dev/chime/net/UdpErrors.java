package dev.chime.net;

import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.libc.CmsghdrLayout;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.IovecLayout;
import dev.chime.reactor.libc.Memory;
import dev.chime.reactor.libc.MsghdrLayout;
import dev.chime.reactor.libc.SockExtendedErrLayout;
import dev.chime.reactor.libc.SockaddrIn6Layout;
import dev.chime.reactor.libc.Sys;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The errors that the kernel keeps for a socket with IP_RECVERR: what hosts and routers said of
 * datagrams, each with the address that the datagram was sent to. See ip(7).
 */
final class UdpErrors {
    private static final int IOVEC_AT = MsghdrLayout.SIZE;
    private static final int NAME_AT = IOVEC_AT + IovecLayout.SIZE;
    private static final int CONTROL_AT = 128;
    private static final int CONTROL_BYTES = 256;
    private static final int DATA_AT = CONTROL_AT + CONTROL_BYTES;
    private static final int MOST = 32;

    private UdpErrors() {}

    /** Lets the kernel keep errors for a socket. */
    static void keep(Core core, int fd, boolean ip6) {
        Sockaddr.set(core, fd, Const.IPPROTO_IP, Const.IP_RECVERR, 1);
        if (ip6) {
            Sockaddr.set(core, fd, Const.IPPROTO_IPV6, Const.IPV6_RECVERR, 1);
        }
    }

    /** Takes the errors that are kept, some at a time; what is left fails the next receive. */
    static List<ErrnoException> take(Core core, int fd) {
        List<ErrnoException> errors = new ArrayList<>();
        long memory = core.scratch();
        for (int i = 0; i < MOST; i++) {
            Memory.fill(memory, CONTROL_AT, (byte) 0);
            Memory.putLong(memory + MsghdrLayout.MSG_NAME, memory + NAME_AT);
            Memory.putInt(memory + MsghdrLayout.MSG_NAMELEN, SockaddrIn6Layout.SIZE);
            Memory.putLong(memory + MsghdrLayout.MSG_IOV, memory + IOVEC_AT);
            Memory.putLong(memory + MsghdrLayout.MSG_IOVLEN, 1);
            Memory.putLong(memory + MsghdrLayout.MSG_CONTROL, memory + CONTROL_AT);
            Memory.putLong(memory + MsghdrLayout.MSG_CONTROLLEN, CONTROL_BYTES);
            Memory.putLong(memory + IOVEC_AT + IovecLayout.IOV_BASE, memory + DATA_AT);
            Memory.putLong(memory + IOVEC_AT + IovecLayout.IOV_LEN, 1);
            int flags = Const.MSG_ERRQUEUE | Const.MSG_DONTWAIT;
            if (core.syscall(Sys.RECVMSG, fd, memory, flags) < 0) {
                break;
            }
            int errno = errno(memory);
            if (errno != 0) {
                InetSocketAddress to = address(memory);
                errors.add(ErrnoException.socket(errno, "recvmsg", to));
            }
        }
        return errors;
    }

    private static @Nullable InetSocketAddress address(long message) {
        boolean named = Memory.getInt(message + MsghdrLayout.MSG_NAMELEN) > 0;
        return named ? Sockaddr.read(message + NAME_AT) : null;
    }

    private static int errno(long message) {
        long at = message + CONTROL_AT;
        long end = at + Memory.getLong(message + MsghdrLayout.MSG_CONTROLLEN);
        while (at + CmsghdrLayout.SIZE + SockExtendedErrLayout.SIZE <= end) {
            int level = Memory.getInt(at + CmsghdrLayout.CMSG_LEVEL);
            int type = Memory.getInt(at + CmsghdrLayout.CMSG_TYPE);
            if ((level == Const.IPPROTO_IP && type == Const.IP_RECVERR)
                    || (level == Const.IPPROTO_IPV6 && type == Const.IPV6_RECVERR)) {
                return Memory.getInt(at + CmsghdrLayout.SIZE + SockExtendedErrLayout.EE_ERRNO);
            }
            long length = Memory.getLong(at + CmsghdrLayout.CMSG_LEN);
            at += Math.max(CmsghdrLayout.SIZE, length + 7 & ~7L);
        }
        return 0;
    }
}
