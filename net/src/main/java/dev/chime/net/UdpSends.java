package dev.chime.net;

import dev.chime.reactor.Buffer;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.engine.Chunk;
import dev.chime.reactor.engine.Completion;
import dev.chime.reactor.engine.Fd;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.internal.Plan;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.ErrnoCode;
import dev.chime.reactor.libc.IovecLayout;
import dev.chime.reactor.libc.Memory;
import dev.chime.reactor.libc.MsghdrLayout;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a UDP socket has to send, in order. What one turn asks for goes out by itself, one after the
 * other, when the socket's buffer has room for all of it: then none has to wait, and none overtakes
 * another. Else it goes as one chain of sends, each of which starts when the one before it has been
 * taken; those behind one that failed are sent by the next chain.
 */
final class UdpSends {
    private static final Completion SENT =
            (slot, result, more) -> {
                UdpSends sends = (UdpSends) Objects.requireNonNull(slot.callback);
                if (slot.context instanceof UdpBatch batch) {
                    sends.sent(batch, result);
                } else {
                    sends.sent((Datagram) Objects.requireNonNull(slot.context), result);
                }
            };

    private static final int MOST_IN_FLIGHT = 32;

    /** Longer datagrams gain little by going together. */
    private static final int MOST_SEGMENT_BYTES = 16 << 10;

    /** In a slot's scratch memory, behind the msghdr. */
    private static final int IOVEC_AT = MsghdrLayout.SIZE;

    private static final int NAME_AT = IOVEC_AT + IovecLayout.SIZE;
    private static final int DATA_AT = NAME_AT + 32;

    /** More than what the kernel charges a datagram with beside twice its bytes. */
    private static final int MOST_OVERHEAD_BYTES = 2048;

    private static final int MOST_IN_SCRATCH = Slot.SCRATCH_BYTES - DATA_AT;

    private final Core core;
    private final Udp udp;
    private final Plan plan;
    private final ArrayDeque<Datagram> queue = new ArrayDeque<>();
    private final ArrayDeque<Datagram> withdrawn = new ArrayDeque<>();
    private final List<Datagram> again = new ArrayList<>();
    private final boolean batches;

    /** Longer ones the way to the peer does not take together. */
    private int mostSegmentBytes = MOST_SEGMENT_BYTES;

    /** How many of the queue's first go one by one, since together they failed. */
    private int oneByOne;

    /** What the socket's buffer holds, as the kernel counts; 0 until that is known. */
    private int bufferBytes;

    private int inFlight;
    private int count;
    private long bytes;

    UdpSends(Core core, Udp udp, boolean batches) {
        this.core = core;
        this.udp = udp;
        this.batches = batches;
        plan = new Plan(core, this::flush);
    }

    /** Datagrams that have not called back. */
    int count() {
        return count;
    }

    /** The bytes of these. */
    long bytes() {
        return bytes;
    }

    void add(Datagram datagram) {
        queue.add(datagram);
        count++;
        bytes += datagram.length();
        datagram.start();
        go();
    }

    /** Something may have become possible. */
    void go() {
        plan.make();
    }

    /** Its user does not want it sent any more. */
    void withdraw(Datagram datagram) {
        if (queue.remove(datagram)) {
            withdrawn.add(datagram);
            go();
        }
    }

    /** Nothing will be sent any more: all that are not in flight fail. */
    void failAll(@Nullable ReactorException error) {
        withdrawn.addAll(queue);
        queue.clear();
        while (!withdrawn.isEmpty()) {
            Datagram datagram = withdrawn.remove();
            finish(datagram, error == null ? datagram.error(-ErrnoCode.ECANCELED) : error);
        }
    }

    private void finish(Datagram datagram, @Nullable ReactorException error) {
        count--;
        bytes -= datagram.length();
        datagram.finish(error);
        if (count == 0) {
            udp.allSent();
        }
    }

    private void flush() {
        while (!withdrawn.isEmpty()) {
            Datagram datagram = withdrawn.remove();
            finish(datagram, datagram.failure());
        }
        Fd fd = udp.readyToSend();
        while (fd != null && inFlight == 0 && !queue.isEmpty() && !queue.element().isWaiting()) {
            ReactorException failure = queue.element().failure();
            if (failure != null) {
                finish(queue.remove(), failure);
            } else if (!send(fd)) {
                Datagram first = queue.remove();
                finish(first, first.error(-ErrnoCode.ENOMEM));
            }
            fd = udp.readyToSend(); // a callback may have closed the socket
        }
    }

    /** Sends the first of the queue; false without memory for the very first. */
    private boolean send(Fd fd) {
        Slot head = null;
        Slot last = null;
        long charged = 0;
        while (inFlight < MOST_IN_FLIGHT && !queue.isEmpty()) {
            Slot slot = batches && oneByOne == 0 ? slotForBatch(fd) : null;
            if (slot == null) {
                Datagram next = queue.element();
                slot = next.isWaiting() || next.failure() != null ? null : slotFor(next, fd);
                if (slot == null) {
                    break;
                }
                queue.remove();
                oneByOne = Math.max(0, oneByOne - 1);
                charged += 2L * next.length() + MOST_OVERHEAD_BYTES;
            }
            inFlight++;
            if (last == null) {
                head = slot;
            } else {
                last.linked = slot;
            }
            last = slot;
        }
        if (head != last && mayPart(fd, charged)) {
            submitEach(head);
        } else if (head != null) {
            core.submit(head);
        }
        return head != null;
    }

    private void submitEach(@Nullable Slot head) {
        Slot slot = head;
        while (slot != null) {
            Slot next = slot.linked;
            slot.linked = null;
            core.submit(slot);
            slot = next;
        }
    }

    /** True when the kernel takes all at once, and none will have to be sent once more. */
    private boolean mayPart(Fd fd, long charged) {
        if (batches || udp.options().icmpErrors()) {
            return false;
        }
        if (bufferBytes == 0) {
            bufferBytes = Sockaddr.get(core, fd.number(), Const.SOL_SOCKET, Const.SO_SNDBUF);
        }
        int held = Sockaddr.held(core, fd.number());
        return held >= 0 && held + charged < bufferBytes;
    }

    private @Nullable Slot slotFor(Datagram datagram, Fd fd) {
        Object data = datagram.data();
        int length = datagram.length();
        Chunk copy = null;
        if (data instanceof byte[] && length > MOST_IN_SCRATCH) {
            copy = core.tryAllocate(length);
            if (copy == null) {
                return null;
            }
        }
        Slot slot = core.slot(Op.SENDMSG, SENT);
        long from;
        if (data instanceof byte[] array) {
            from = copy == null ? slot.scratch + DATA_AT : copy.address();
            Memory.copy(array, 0, from, length);
        } else {
            from = core.address((Buffer) data);
        }
        encode(slot, fd, datagram.target(), from, length);
        slot.context = datagram;
        datagram.sending(slot, copy);
        return slot;
    }

    /** A send of the queue's first datagrams together; null when they do not fit together. */
    private @Nullable Slot slotForBatch(Fd fd) {
        UdpBatch batch = UdpBatch.first(queue, mostSegmentBytes);
        Chunk copy = batch.size() < 2 ? null : core.tryAllocate(batch.bytes());
        if (copy == null) {
            return null;
        }
        batch.fill(core, copy);
        Slot slot = core.slot(Op.SENDMSG, SENT);
        encode(slot, fd, queue.element().target(), copy.address(), batch.bytes());
        batch.cut(slot.scratch, slot.scratch + DATA_AT);
        slot.context = batch;
        Chunk owned = copy;
        for (Datagram datagram : batch.datagrams()) {
            queue.remove();
            datagram.sending(slot, owned);
            owned = null;
        }
        return slot;
    }

    private void encode(
            Slot slot, Fd fd, @Nullable InetSocketAddress target, long from, int length) {
        long scratch = slot.scratch;
        Memory.fill(scratch, MsghdrLayout.SIZE, (byte) 0);
        if (target != null) {
            int named = Sockaddr.write(scratch + NAME_AT, target, udp.options().ipv6());
            Memory.putLong(scratch + MsghdrLayout.MSG_NAME, scratch + NAME_AT);
            Memory.putInt(scratch + MsghdrLayout.MSG_NAMELEN, named);
        }
        Memory.putLong(scratch + MsghdrLayout.MSG_IOV, scratch + IOVEC_AT);
        Memory.putLong(scratch + MsghdrLayout.MSG_IOVLEN, 1);
        Memory.putLong(scratch + IOVEC_AT + IovecLayout.IOV_BASE, from);
        Memory.putLong(scratch + IOVEC_AT + IovecLayout.IOV_LEN, length);
        slot.owner = fd;
        slot.address = scratch;
        slot.length = 1;
        slot.flags = Const.MSG_NOSIGNAL;
        slot.callback = this;
    }

    /** Those that failed together are tried again one by one: each then has its own result. */
    private void sent(UdpBatch batch, int result) {
        inFlight--;
        boolean failed = result < 0 && result != -ErrnoCode.ECANCELED;
        if (failed) {
            oneByOne = batch.size();
            udp.tellRefused();
        }
        if (result == -ErrnoCode.EINVAL
                || result == -ErrnoCode.EMSGSIZE
                || result == -ErrnoCode.EIO
                || result == -ErrnoCode.EOPNOTSUPP) {
            mostSegmentBytes = Math.min(mostSegmentBytes, batch.segmentBytes() - 1);
        }
        for (Datagram datagram : batch.datagrams()) {
            datagram.sent();
            if (result >= 0) {
                finish(datagram, null);
            } else if (!datagram.isStopped() && udp.readyToSend() != null) {
                again.add(datagram);
            } else {
                oneByOne = Math.max(0, oneByOne - 1);
                ReactorException stopped = datagram.failure();
                finish(datagram, stopped == null ? datagram.error(result) : stopped);
            }
        }
        sendAgain();
    }

    private void sent(Datagram datagram, int result) {
        inFlight--;
        datagram.sent();
        boolean behindAFailure =
                result == -ErrnoCode.ECANCELED
                        && !datagram.isStopped()
                        && udp.readyToSend() != null;
        // With IP_RECVERR an error may be an earlier datagram's: then this one has not been sent.
        boolean another = result < 0 && udp.tellRefused() && datagram.mayTryAgain();
        if (behindAFailure || another) {
            again.add(datagram);
        } else {
            finish(datagram, result >= 0 ? null : datagram.error(result));
        }
        sendAgain();
    }

    private void sendAgain() {
        if (inFlight == 0) {
            for (int i = again.size() - 1; i >= 0; i--) {
                queue.addFirst(again.get(i));
            }
            again.clear();
            if (!queue.isEmpty()) {
                go();
            }
        }
    }
}
