package dev.chime.reactor.engine.sim;

import dev.chime.reactor.libc.CmsghdrLayout;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.ErrnoCode;
import dev.chime.reactor.libc.Memory;
import dev.chime.reactor.libc.MsghdrLayout;
import dev.chime.reactor.libc.SockExtendedErrLayout;
import java.util.ArrayDeque;

/** What hosts said of a socket's datagrams, kept for it (IP_RECVERR of ip(7)). */
final class SimErrorQueue {
    /** What the kernel's default buffer has room for, about. */
    private static final int MOST = 160;

    private static final int CONTROL_BYTES = CmsghdrLayout.SIZE + SockExtendedErrLayout.SIZE;

    private record Refusal(int errno, SimAddress by) {}

    private final ArrayDeque<Refusal> refusals = new ArrayDeque<>();

    boolean isEmpty() {
        return refusals.isEmpty();
    }

    void add(int errno, SimAddress by) {
        if (refusals.size() < MOST) {
            refusals.add(new Refusal(errno, by));
        }
    }

    /** Takes the oldest, as recvmsg(2) does with MSG_ERRQUEUE; 0, or a negative errno. */
    int take(long message, int family) {
        Refusal refusal = refusals.poll();
        if (refusal == null) {
            return -ErrnoCode.EAGAIN;
        }
        long name = Memory.getLong(message + MsghdrLayout.MSG_NAME);
        int room = Memory.getInt(message + MsghdrLayout.MSG_NAMELEN);
        int named =
                name == 0 || room < SimAddress.length(family) ? 0 : refusal.by.write(name, family);
        Memory.putInt(message + MsghdrLayout.MSG_NAMELEN, named);
        long control = Memory.getLong(message + MsghdrLayout.MSG_CONTROL);
        boolean fits = Memory.getLong(message + MsghdrLayout.MSG_CONTROLLEN) >= CONTROL_BYTES;
        if (fits) {
            boolean ip4 = family == Const.AF_INET;
            Memory.fill(control, CONTROL_BYTES, (byte) 0);
            Memory.putLong(control + CmsghdrLayout.CMSG_LEN, CONTROL_BYTES);
            Memory.putInt(
                    control + CmsghdrLayout.CMSG_LEVEL,
                    ip4 ? Const.IPPROTO_IP : Const.IPPROTO_IPV6);
            Memory.putInt(
                    control + CmsghdrLayout.CMSG_TYPE, ip4 ? Const.IP_RECVERR : Const.IPV6_RECVERR);
            long error = control + CmsghdrLayout.SIZE;
            Memory.putInt(error + SockExtendedErrLayout.EE_ERRNO, refusal.errno);
        }
        Memory.putLong(message + MsghdrLayout.MSG_CONTROLLEN, fits ? CONTROL_BYTES : 0);
        Memory.putInt(message + MsghdrLayout.MSG_FLAGS, Const.MSG_ERRQUEUE);
        return 0;
    }
}
