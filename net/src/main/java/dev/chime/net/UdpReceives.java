package dev.chime.net;

import dev.chime.reactor.Buffer;
import dev.chime.reactor.Done;
import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.engine.Chunk;
import dev.chime.reactor.engine.Completion;
import dev.chime.reactor.engine.Fd;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.internal.Handlers;
import dev.chime.reactor.libc.CmsghdrLayout;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.ErrnoCode;
import dev.chime.reactor.libc.Memory;
import dev.chime.reactor.libc.MsghdrLayout;
import dev.chime.reactor.libc.RecvmsgOutLayout;
import dev.chime.reactor.libc.SockaddrIn6Layout;
import dev.chime.reactor.libc.SockaddrInLayout;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The receiving side of a UDP socket: one receive is in flight as long as the socket is open. What
 * nobody wants is dropped, as by the kernel when its buffer is full.
 */
final class UdpReceives {
    private static final Completion RECEIVED =
            (slot, result, more) ->
                    ((UdpReceives) Objects.requireNonNull(slot.context)).received(slot, result);

    private static final int NAME_AT = RecvmsgOutLayout.SIZE;
    private static final int CONTROL_AT = NAME_AT + SockaddrIn6Layout.SIZE;

    /** Room for one control message of an integer, UDP_GRO's. */
    private static final int CONTROL_BYTES = CmsghdrLayout.SIZE + 8;

    private final Core core;
    private final Udp udp;
    private final int maxBytes;
    private final boolean keepsErrors;
    private final @Nullable BlockList blocked;
    private final int controlBytes;
    private final int dataAt;
    private final Handlers<Done> errorHandlers = new Handlers<>();
    private @Nullable Fd fd;
    private @Nullable MessageHandler handler;
    private @Nullable InetSocketAddress lastSender;
    private final long[] lastName = new long[4];

    UdpReceives(Core core, Udp udp, UdpOptions options) {
        this.core = core;
        this.udp = udp;
        maxBytes = options.maxMessageBytes();
        keepsErrors = options.icmpErrors();
        blocked = options.receiveBlockList();
        controlBytes = options.batches() ? CONTROL_BYTES : 0;
        dataAt = CONTROL_AT + controlBytes;
    }

    void onMessage(MessageHandler messages) {
        handler = messages;
    }

    void onError(Done errors) {
        errorHandlers.add(errors);
    }

    void start(Fd socket) {
        fd = socket;
        Slot slot = core.slot(Op.RECVMSG, RECEIVED);
        long message = slot.scratch;
        Memory.fill(message, MsghdrLayout.SIZE, (byte) 0);
        Memory.putInt(message + MsghdrLayout.MSG_NAMELEN, SockaddrIn6Layout.SIZE);
        Memory.putLong(message + MsghdrLayout.MSG_CONTROLLEN, controlBytes);
        slot.owner = socket;
        slot.address = message;
        slot.length = 1;
        slot.context = this;
        slot.keepsAlive = false;
        core.submit(slot);
    }

    private void received(Slot slot, int result) throws Exception {
        if (result >= 0) {
            Chunk chunk = Objects.requireNonNull(slot.chunk);
            slot.chunk = null;
            message(chunk, slot.chunkOffset, result);
        } else if (result != -ErrnoCode.ECANCELED) {
            failed(result);
        }
    }

    /** An error is told and over: the next receive may go well. */
    private void failed(int result) {
        Fd socket = fd;
        if (socket != null && udp.isReceiving()) {
            start(socket);
            if (!tellRefused()) {
                tell(ErrnoException.socket(result, "recvmsg", udp.remoteAddress()));
            }
        }
    }

    /** Tells which datagrams were refused, if the kernel keeps that; whether it knew of any. */
    boolean tellRefused() {
        Fd socket = fd;
        List<ErrnoException> refused =
                keepsErrors && socket != null ? UdpErrors.take(core, socket.number()) : List.of();
        refused.forEach(this::tell);
        return !refused.isEmpty();
    }

    private void tell(ErrnoException error) {
        if (udp.isReceiving()) {
            errorHandlers.each(handler -> core.call(handler, error));
        }
    }

    private void message(Chunk chunk, int offset, int bytes) throws Exception {
        long head = chunk.address() + offset;
        MessageHandler receiver = handler;
        InetSocketAddress from = receiver == null || !udp.isReceiving() ? null : sender(head);
        if (receiver == null || from == null || isBlocked(from)) {
            chunk.release();
            return;
        }
        int total = bytes - dataAt;
        int segment = controlBytes == 0 ? 0 : segmentBytes(head);
        boolean cut = (Memory.getInt(head + RecvmsgOutLayout.FLAGS) & Const.MSG_TRUNC) != 0;
        if (segment <= 0 || segment >= total) {
            hand(receiver, from, chunk, offset + dataAt, total, cut);
        } else {
            split(from, chunk, offset + dataAt, total, segment, cut);
        }
    }

    private void hand(
            MessageHandler receiver,
            InetSocketAddress from,
            Chunk chunk,
            int offset,
            int bytes,
            boolean cut)
            throws Exception {
        int length = Math.min(bytes, maxBytes);
        Buffer data = core.wrap(chunk, offset, length);
        try {
            receiver.message(data, from, cut || length < bytes);
        } finally {
            data.release();
        }
    }

    /** Datagrams that came together: each is told by itself, as long as somebody listens. */
    private void split(
            InetSocketAddress from, Chunk chunk, int offset, int total, int segment, boolean cut) {
        for (int at = 0; at < total; at += segment) {
            int begin = offset + at;
            int bytes = Math.min(segment, total - at);
            boolean last = at + bytes == total;
            MessageHandler receiver = handler;
            if (receiver == null || !udp.isReceiving()) {
                break;
            }
            chunk.retain();
            core.call(() -> hand(receiver, from, chunk, begin, bytes, last && cut));
        }
        chunk.release();
    }

    /** How long each datagram is of those that came together; 0: one came alone. */
    private static int segmentBytes(long head) {
        long control = head + CONTROL_AT;
        int length = Memory.getInt(head + RecvmsgOutLayout.CONTROLLEN);
        return length >= CmsghdrLayout.SIZE + 4
                        && Memory.getInt(control + CmsghdrLayout.CMSG_LEVEL) == Const.IPPROTO_UDP
                        && Memory.getInt(control + CmsghdrLayout.CMSG_TYPE) == Const.UDP_GRO
                ? Memory.getInt(control + CmsghdrLayout.SIZE)
                : 0;
    }

    private boolean isBlocked(InetSocketAddress from) {
        return blocked != null && blocked.check(from.getAddress());
    }

    /** Datagrams come in runs from one sender: its address is made once for such a run. */
    private @Nullable InetSocketAddress sender(long head) {
        long name = head + NAME_AT;
        int family = Memory.getShort(name + SockaddrInLayout.SIN_FAMILY);
        boolean ip6 = family == Const.AF_INET6;
        long first = Memory.getLong(name);
        long second = ip6 ? Memory.getLong(name + 8) : 0;
        long third = ip6 ? Memory.getLong(name + 16) : 0;
        long fourth = ip6 ? Memory.getInt(name + 24) : 0;
        InetSocketAddress last = lastSender;
        boolean same =
                last != null
                        && lastName[0] == first
                        && lastName[1] == second
                        && lastName[2] == third
                        && lastName[3] == fourth;
        if (!same) {
            last = Sockaddr.read(name);
            lastSender = last;
            lastName[0] = first;
            lastName[1] = second;
            lastName[2] = third;
            lastName[3] = fourth;
        }
        return last;
    }

    @Override
    public String toString() {
        return udp.toString();
    }
}
