package dev.chime.net;

import dev.chime.reactor.Buffer;
import dev.chime.reactor.engine.Chunk;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.libc.CmsghdrLayout;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.Memory;
import dev.chime.reactor.libc.MsghdrLayout;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;

/**
 * Datagrams that go to the kernel together: to one target and of one length, but for the last,
 * which may be shorter. The kernel, or the network card, cuts them apart (UDP_SEGMENT of udp(7)).
 */
final class UdpBatch {
    /** UDP_MAX_SEGMENTS of the kernels that have the fewest. */
    private static final int MOST = 64;

    /** What one send carries, headers included, is a datagram's greatest length. */
    private static final int MOST_BYTES = 65_000;

    private static final int CONTROL_BYTES = CmsghdrLayout.SIZE + 8;

    private final List<Datagram> datagrams;

    private UdpBatch(List<Datagram> datagrams) {
        this.datagrams = datagrams;
    }

    /** The first datagrams of a queue that may go together; fewer than two may not. */
    static UdpBatch first(Collection<Datagram> queue, int mostSegmentBytes) {
        List<Datagram> together = new ArrayList<>();
        Datagram first = null;
        int bytes = 0;
        for (Datagram next : queue) {
            int length = next.length();
            first = first == null ? next : first;
            boolean fits =
                    together.size() < MOST
                            && !next.isWaiting()
                            && next.failure() == null
                            && length > 0
                            && length <= Math.min(first.length(), mostSegmentBytes)
                            && bytes + length <= MOST_BYTES
                            && Objects.equals(next.target(), first.target());
            if (!fits) {
                break;
            }
            together.add(next);
            bytes += length;
            if (length < first.length()) {
                break; // only the last may be shorter
            }
        }
        return new UdpBatch(together);
    }

    int size() {
        return datagrams.size();
    }

    List<Datagram> datagrams() {
        return datagrams;
    }

    int segmentBytes() {
        return datagrams.getFirst().length();
    }

    int bytes() {
        return datagrams.stream().mapToInt(Datagram::length).sum();
    }

    /** Copies the data, one behind the other. */
    void fill(Core core, Chunk chunk) {
        long to = chunk.address();
        for (Datagram datagram : datagrams) {
            if (datagram.data() instanceof byte[] array) {
                Memory.copy(array, 0, to, array.length);
            } else {
                Memory.copy(core.address((Buffer) datagram.data()), to, datagram.length());
            }
            to += datagram.length();
        }
    }

    /**
     * Writes what says where to cut, in 24 bytes at {@code control}, and names it in the msghdr.
     */
    void cut(long message, long control) {
        Memory.fill(control, CONTROL_BYTES, (byte) 0);
        Memory.putLong(control + CmsghdrLayout.CMSG_LEN, CmsghdrLayout.SIZE + 2);
        Memory.putInt(control + CmsghdrLayout.CMSG_LEVEL, Const.IPPROTO_UDP);
        Memory.putInt(control + CmsghdrLayout.CMSG_TYPE, Const.UDP_SEGMENT);
        Memory.putShort(control + CmsghdrLayout.SIZE, (short) segmentBytes());
        Memory.putLong(message + MsghdrLayout.MSG_CONTROL, control);
        Memory.putLong(message + MsghdrLayout.MSG_CONTROLLEN, CONTROL_BYTES);
    }
}
