package dev.chime.reactor.engine.sim;

import dev.chime.reactor.engine.sim.SimFaults.Fault;
import dev.chime.reactor.engine.sim.SimFaults.Kind;
import dev.chime.reactor.libc.CmsghdrLayout;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.ErrnoCode;
import dev.chime.reactor.libc.IovecLayout;
import dev.chime.reactor.libc.Memory;
import dev.chime.reactor.libc.MsghdrLayout;
import dev.chime.reactor.libc.RecvmsgOutLayout;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A datagram socket (udp(7)). What one socket sends arrives in order, as on the loopback interface,
 * unless faults lose, delay or double it; what finds the receiver's buffer full is dropped. Who has
 * a peer hears that nobody is there: ECONNREFUSED, with the next call.
 *
 * <p>What goes to a group reaches its members on this machine; by the interface to a network only
 * with IP_MULTICAST_LOOP. Datagrams that are sent together stay together (UDP_SEGMENT) until they
 * reach a receiver without UDP_GRO; loss, delay and doubling meet them together.
 */
final class SimDatagramSocket extends SimEndpoint {
    private static final int POLLIN = 1;
    private static final int POLLOUT = 4;
    private static final int POLLERR = 8;
    private static final int LONGEST = 65_535;
    private static final int HEADERS_V4 = 28;
    private static final int HEADER_V6 = 8;

    /** net.core.rmem_default and wmem_default. */
    private static final int BUFFER_BYTES = 212_992;

    /** What the kernel counts for a datagram beside its bytes. */
    private static final int BOOKKEEPING_BYTES = 768;

    /** UDP_MAX_SEGMENTS. */
    private static final int MOST_SEGMENTS = 128;

    private static final int CONTROL_BYTES = CmsghdrLayout.SIZE + 4;

    /** A datagram; or several, all of {@code segment} bytes but the last. */
    private static final class Message {
        final SimAddress from;
        final byte[] bytes;
        final int segment;

        Message(SimAddress from, byte[] bytes, int segment) {
            this.from = from;
            this.bytes = bytes;
            this.segment = segment;
        }

        int charge() {
            return bytes.length + BOOKKEEPING_BYTES;
        }

        List<Message> split() {
            List<Message> each = new ArrayList<>();
            for (int at = 0; at < bytes.length; at += segment) {
                int end = Math.min(bytes.length, at + segment);
                each.add(new Message(from, Arrays.copyOfRange(bytes, at, end), 0));
            }
            return each;
        }
    }

    private final ArrayDeque<Message> arrived = new ArrayDeque<>();
    private final SimGroups groups = new SimGroups();
    private final SimErrorQueue errors = new SimErrorQueue();
    private @Nullable SimAddress remote;
    private boolean hostChosen;
    private boolean portChosen;
    private boolean readShut;
    private boolean writeShut;
    private boolean closed;
    private int charged;
    private int sending;
    private long lastArrival;

    SimDatagramSocket(SimWorld world, int family, int flags) {
        super(world, family, flags);
    }

    @Override
    @Nullable SimAddress remote() {
        return remote;
    }

    @Override
    int bind(SimAddress wanted) {
        int result = super.bind(wanted);
        if (result == 0) {
            hostChosen = !wanted.isAny();
            portChosen = wanted.port() != 0;
        }
        return result;
    }

    private int bindAnywhere() {
        return isBound() ? 0 : world.network().bind(this, SimAddress.any(family()));
    }

    @Override
    int set(int level, int option, int value, boolean second) {
        boolean unknown = level == Const.IPPROTO_UDP && option != Const.UDP_GRO;
        return unknown ? -ErrnoCode.ENOPROTOOPT : super.set(level, option, value, second);
    }

    @Override
    int setGroup(int level, int option, long value, int length) {
        boolean ip4 = level == Const.IPPROTO_IP;
        if (!ip4 && family() == Const.AF_INET) {
            return -ErrnoCode.ENOPROTOOPT;
        }
        return groups.change(option, value, length, ip4 ? Const.AF_INET : Const.AF_INET6);
    }

    SimGroups groups() {
        return groups;
    }

    /** By which interface something for a group leaves. */
    private int interfaceTo(SimAddress to) {
        boolean ip4 = to.isV4();
        int index =
                option(
                        ip4 ? Const.IPPROTO_IP : Const.IPPROTO_IPV6,
                        ip4 ? Const.IP_MULTICAST_IF : Const.IPV6_MULTICAST_IF,
                        0);
        return SimGroups.number(index);
    }

    private boolean loops(SimAddress to) {
        boolean ip4 = to.isV4();
        return option(
                        ip4 ? Const.IPPROTO_IP : Const.IPPROTO_IPV6,
                        ip4 ? Const.IP_MULTICAST_LOOP : Const.IPV6_MULTICAST_LOOP,
                        1)
                != 0;
    }

    private boolean keepsErrors(SimAddress of) {
        return of.isV4()
                ? isOn(Const.IPPROTO_IP, Const.IP_RECVERR)
                : isOn(Const.IPPROTO_IPV6, Const.IPV6_RECVERR);
    }

    @Override
    int get(int level, int option) {
        if (level == Const.SOL_SOCKET && (option == Const.SO_RCVBUF || option == Const.SO_SNDBUF)) {
            return bufferBytes(option);
        }
        return super.get(level, option);
    }

    /** The kernel doubles what it is told. */
    private int bufferBytes(int option) {
        int told = option(Const.SOL_SOCKET, option, 0);
        return told == 0 ? BUFFER_BYTES : 2 * told;
    }

    // ---- connecting

    /** Makes an address the peer; one of AF_UNSPEC takes the peer away. */
    @Override
    int connect(long address, int length) {
        if (length < 2) {
            return -ErrnoCode.EINVAL;
        }
        if (Memory.getShort(address) == Const.AF_UNSPEC) {
            disconnect();
            return 0;
        }
        int wrong = wrongAddress(address, length);
        if (wrong != 0) {
            return wrong;
        }
        SimAddress to = SimAddress.read(address, family()).orLoopback();
        int result = unreachable(to);
        if (result == 0) {
            result = bindAnywhere();
        }
        if (result == 0) {
            local(sourceOf(to));
            remote = to;
        }
        return result;
    }

    private int wrongAddress(long address, int length) {
        boolean ip4 = family() == Const.AF_INET;
        if (length < (ip4 ? SimAddress.length(family()) : 24)) {
            return -ErrnoCode.EINVAL;
        }
        return Memory.getShort(address) == family() ? 0 : -ErrnoCode.EAFNOSUPPORT;
    }

    /** What the kernel chose it takes back: the host, and the port as well. */
    private void disconnect() {
        remote = null;
        if (!portChosen) {
            unbind();
            local(SimAddress.any(family()));
        } else if (!hostChosen) {
            local(SimAddress.any(family()).withPort(local().port()));
        }
    }

    private int unreachable(SimAddress to) {
        boolean otherFamily = !local().isAny() && local().isV4() != to.isV4();
        boolean refused = to.isV4() && family() != Const.AF_INET && isV6Only();
        boolean nowhere = !to.isLocal() && !to.isMulticast();
        return nowhere || otherFamily || refused ? -ErrnoCode.ENETUNREACH : 0;
    }

    /** From where a datagram to {@code to} comes. */
    private SimAddress sourceOf(SimAddress to) {
        if (!local().isAny() && !local().isMulticast() && !local().isBroadcast()) {
            return local();
        }
        int family = to.isV4() ? Const.AF_INET : Const.AF_INET6;
        return SimAddress.any(family).orLoopback().withPort(local().port());
    }

    // ---- sending

    @Override
    int write(long address, int length, long offset) {
        return send(address, length);
    }

    @Override
    int send(long address, int length) {
        byte[] bytes = new byte[length];
        Memory.copy(address, bytes, 0, length);
        SimAddress to = remote;
        return to == null ? -ErrnoCode.EDESTADDRREQ : send(bytes, to, 0);
    }

    @Override
    int sendMessage(long message, int most) {
        int segment = segment(message);
        if (segment < 0) {
            return segment;
        }
        SimAddress to = remote;
        long name = Memory.getLong(message + MsghdrLayout.MSG_NAME);
        if (name != 0) {
            int wrong = wrongAddress(name, Memory.getInt(message + MsghdrLayout.MSG_NAMELEN));
            if (wrong != 0) {
                return wrong;
            }
            to = SimAddress.read(name, family());
        }
        if (to == null) {
            return -ErrnoCode.EDESTADDRREQ;
        }
        byte[] bytes = gather(message);
        return bytes == null ? -ErrnoCode.EMSGSIZE : send(bytes, to, segment);
    }

    /** Where to cut what a msghdr gathers, as its control data say (UDP_SEGMENT); 0: nowhere. */
    private static int segment(long message) {
        long length = Memory.getLong(message + MsghdrLayout.MSG_CONTROLLEN);
        if (length == 0) {
            return 0;
        }
        long control = Memory.getLong(message + MsghdrLayout.MSG_CONTROL);
        boolean known =
                length >= CmsghdrLayout.SIZE + 2
                        && Memory.getLong(control + CmsghdrLayout.CMSG_LEN)
                                == CmsghdrLayout.SIZE + 2
                        && Memory.getInt(control + CmsghdrLayout.CMSG_LEVEL) == Const.IPPROTO_UDP
                        && Memory.getInt(control + CmsghdrLayout.CMSG_TYPE) == Const.UDP_SEGMENT;
        return known ? Memory.getShort(control + CmsghdrLayout.SIZE) & 0xffff : -ErrnoCode.EINVAL;
    }

    /** The bytes of a msghdr; null when they are more than any datagram has. */
    private static byte @Nullable [] gather(long message) {
        long vector = Memory.getLong(message + MsghdrLayout.MSG_IOV);
        long count = Memory.getLong(message + MsghdrLayout.MSG_IOVLEN);
        long total = 0;
        for (long i = 0; i < count; i++) {
            total += Memory.getLong(vector + i * IovecLayout.SIZE + IovecLayout.IOV_LEN);
        }
        if (total > LONGEST) {
            return null;
        }
        byte[] bytes = new byte[(int) total];
        int filled = 0;
        for (long i = 0; i < count; i++) {
            long piece = vector + i * IovecLayout.SIZE;
            int length = (int) Memory.getLong(piece + IovecLayout.IOV_LEN);
            Memory.copy(Memory.getLong(piece + IovecLayout.IOV_BASE), bytes, filled, length);
            filled += length;
        }
        return bytes;
    }

    private int send(byte[] bytes, SimAddress wanted, int segment) {
        SimAddress to = wanted.orLoopback();
        if (to.port() == 0) {
            return -ErrnoCode.EINVAL;
        }
        if (to.isBroadcast() && option(Const.SOL_SOCKET, Const.SO_BROADCAST, 0) == 0) {
            return -ErrnoCode.EACCES;
        }
        if (writeShut) {
            return -ErrnoCode.EPIPE;
        }
        int unreachable = unreachable(to);
        if (unreachable != 0) {
            return unreachable;
        }
        if (bytes.length > LONGEST - (to.isV4() ? HEADERS_V4 : HEADER_V6)) {
            return -ErrnoCode.EMSGSIZE;
        }
        if (segment > 0 && bytes.length > segment * MOST_SEGMENTS) {
            return -ErrnoCode.EINVAL;
        }
        int pending = takeError();
        int failed = pending != 0 ? -pending : bindAnywhere();
        if (failed != 0) {
            return failed;
        }
        if (sending >= bufferBytes(Const.SO_SNDBUF)) {
            return -ErrnoCode.EAGAIN;
        }
        int cut = segment < bytes.length ? segment : 0;
        transmit(new Message(sourceOf(to), bytes, cut), to);
        return bytes.length;
    }

    private void transmit(Message message, SimAddress to) {
        Fault fault = world.faults().nextDatagram(world.random());
        if (fault.kind() == Kind.LOSS) {
            return;
        }
        long arrival = world.in(world.latency());
        if (fault.kind() == Kind.DELAY) {
            world.events().at(world.in(fault.value()), () -> arrive(message, to));
            return; // it has left the machine: what is behind it goes on
        }
        arrival = Math.max(lastArrival, arrival);
        lastArrival = arrival;
        sending += message.charge();
        world.events().at(arrival, () -> left(message, to));
        if (fault.kind() == Kind.TWICE) {
            world.events().at(arrival, () -> arrive(message, to));
        }
    }

    /** The send buffer has room again. */
    private void left(Message message, SimAddress to) {
        sending -= message.charge();
        arrive(message, to);
        changed();
    }

    private void arrive(Message message, SimAddress to) {
        if (to.isBroadcast()) {
            world.network().receivers(message.from, to, 0).forEach(each -> each.take(message));
            return;
        }
        if (to.isMulticast()) {
            int by = interfaceTo(to);
            if (by == SimGroups.LOOPBACK || loops(to)) {
                world.network().receivers(message.from, to, by).forEach(each -> each.take(message));
            }
            return;
        }
        SimDatagramSocket receiver = world.network().receiver(message.from, to);
        if (receiver != null) {
            receiver.take(message);
        } else {
            int refused = message.segment == 0 ? 1 : message.split().size();
            for (int i = 0; i < refused; i++) {
                world.events().at(world.in(world.latency()), () -> refused(to));
            }
        }
    }

    private void refused(SimAddress by) {
        boolean keeps = keepsErrors(by) && (remote == null || by.equals(remote));
        if (closed || (!keeps && !by.equals(remote))) {
            return;
        }
        if (keeps) {
            errors.add(ErrnoCode.ECONNREFUSED, by);
        }
        error(ErrnoCode.ECONNREFUSED);
        changed();
    }

    /** Takes an error that was kept, as recvmsg(2) does; 0, or a negative errno. */
    int takeKept(long message) {
        int result = errors.take(message, family());
        takeError();
        if (!errors.isEmpty()) {
            error(ErrnoCode.ECONNREFUSED);
        }
        return result;
    }

    // ---- receiving

    /** How well a datagram fits this socket, among those of a port; -1: not at all. */
    int score(SimAddress from, SimAddress to) {
        SimAddress peer = remote;
        if (peer != null && !peer.equals(from)) {
            return -1;
        }
        int host = local().sameHost(to) ? 1 : SimNetwork.covers(this, local(), to) ? 0 : -1;
        return host < 0 || peer == null ? host : host + 2;
    }

    /** Whether this socket is one of those that hear what is for many. */
    boolean hears(SimAddress from, SimAddress to, int by) {
        SimAddress peer = remote;
        boolean bound = local().sameHost(to) || SimNetwork.covers(this, local(), to);
        return bound
                && (peer == null || peer.equals(from))
                && (!to.isMulticast() || groups.admits(to, by, from));
    }

    private void take(Message message) {
        if (message.segment > 0 && !isOn(Const.IPPROTO_UDP, Const.UDP_GRO)) {
            message.split().forEach(this::take);
            return;
        }
        boolean full = charged + message.charge() > bufferBytes(Const.SO_RCVBUF);
        if (!full && !readShut) {
            charged += message.charge();
            arrived.add(message);
            changed();
        }
    }

    /** The next datagram; null when there is none. */
    private @Nullable Message next() {
        Message message = arrived.poll();
        charged -= message == null ? 0 : message.charge();
        return message;
    }

    @Override
    int read(long address, int length, long offset) {
        int pending = takeError();
        if (pending != 0) {
            return -pending;
        }
        Message message = next();
        if (message == null) {
            return readShut ? 0 : -ErrnoCode.EAGAIN;
        }
        int bytes = Math.min(length, message.bytes.length);
        Memory.copy(message.bytes, 0, address, bytes);
        return bytes;
    }

    /**
     * Receives a datagram in the form that {@code Op.RECVMSG} says.
     *
     * @param asked the msghdr that says how much room the sender and control data have
     * @param most bytes of the datagram: of a longer one the rest is lost
     */
    int receiveMessage(long asked, long to, int room, int most) {
        int pending = takeError();
        if (pending != 0) {
            return -pending;
        }
        Message message = next();
        if (message == null) {
            return -ErrnoCode.EAGAIN;
        }
        int name = Memory.getInt(asked + MsghdrLayout.MSG_NAMELEN);
        int control = (int) Memory.getLong(asked + MsghdrLayout.MSG_CONTROLLEN);
        int head = RecvmsgOutLayout.SIZE + name + control;
        byte[] bytes = message.bytes;
        int length = Math.min(bytes.length, Math.min(most, room - head));
        int named = name < SimAddress.length(family()) ? 0 : SimAddress.length(family());
        if (named > 0) {
            message.from.write(to + RecvmsgOutLayout.SIZE, family());
        }
        Memory.putInt(to + RecvmsgOutLayout.NAMELEN, named);
        int controlled = control < CONTROL_BYTES || message.segment == 0 ? 0 : CONTROL_BYTES;
        if (controlled > 0) {
            long at = to + RecvmsgOutLayout.SIZE + name;
            Memory.putLong(at + CmsghdrLayout.CMSG_LEN, CONTROL_BYTES);
            Memory.putInt(at + CmsghdrLayout.CMSG_LEVEL, Const.IPPROTO_UDP);
            Memory.putInt(at + CmsghdrLayout.CMSG_TYPE, Const.UDP_GRO);
            Memory.putInt(at + CmsghdrLayout.SIZE, message.segment);
        }
        Memory.putInt(to + RecvmsgOutLayout.CONTROLLEN, controlled);
        Memory.putInt(to + RecvmsgOutLayout.PAYLOADLEN, length);
        int cut = length < bytes.length ? Const.MSG_TRUNC : 0;
        Memory.putInt(to + RecvmsgOutLayout.FLAGS, cut);
        Memory.copy(bytes, 0, to + head, length);
        return head + length;
    }

    // ---- the end

    @Override
    int shutdown(int how) {
        if (how < Const.SHUT_RD || how > Const.SHUT_RDWR) {
            return -ErrnoCode.EINVAL;
        }
        if (remote == null) {
            return -ErrnoCode.ENOTCONN;
        }
        readShut |= how != Const.SHUT_WR;
        writeShut |= how != Const.SHUT_RD;
        changed();
        return 0;
    }

    @Override
    int events() {
        boolean writable = sending < bufferBytes(Const.SO_SNDBUF) / 2;
        return (arrived.isEmpty() && !readShut ? 0 : POLLIN)
                | (writable ? POLLOUT : 0)
                | (hasError() || !errors.isEmpty() ? POLLERR : 0);
    }

    @Override
    void close() {
        closed = true;
        arrived.clear();
        unbind();
    }
}
