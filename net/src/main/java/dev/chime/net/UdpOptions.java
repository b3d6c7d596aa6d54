package dev.chime.net;

import dev.chime.reactor.ReactorException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How a UDP socket is made.
 *
 * @param ipv6 whether it speaks IPv6, and with it IPv4 unless {@code ipv6Only}; else IPv4 alone
 * @param ipv6Only whether an IPv6 socket refuses IPv4
 * @param reuseAddr whether other sockets that say so too may bind to the same address
 *     (SO_REUSEADDR); a multicast datagram reaches all of them, another one the last
 * @param reusePort whether other sockets of this user may bind to the same port and the kernel
 *     shares what arrives between them (SO_REUSEPORT)
 * @param receiveBufferBytes what the kernel may hold of datagrams that have arrived, bounded by
 *     net.core.rmem_max; 0 leaves the system's default
 * @param sendBufferBytes what the kernel may hold of datagrams to send, bounded by
 *     net.core.wmem_max; 0 leaves the system's default
 * @param maxMessageBytes the longest datagram that is received whole; of a longer one the rest is
 *     lost
 * @param icmpErrors whether {@link Udp#onError} hears of every datagram that a host or a router
 *     refused, with the address it went to, without a peer as well (IP_RECVERR)
 * @param batches whether datagrams of one length that one turn sends to one target go to the kernel
 *     together (UDP_SEGMENT, since Linux 4.18), and those that came together are taken from it
 *     together (UDP_GRO, 5.0), see udp(7): less work for each. Handlers and callbacks get them one
 *     by one as without, and so does the peer
 * @param receiveBlockList senders whose datagrams are dropped; or null
 * @param sendBlockList addresses that nothing is sent to and that are no peers: {@code
 *     ERR_IP_BLOCKED}; or null
 * @param resolver who finds the addresses of names; null: whom {@link NetOptions#resolver} names
 */
public record UdpOptions(
        boolean ipv6,
        boolean ipv6Only,
        boolean reuseAddr,
        boolean reusePort,
        int receiveBufferBytes,
        int sendBufferBytes,
        int maxMessageBytes,
        boolean icmpErrors,
        boolean batches,
        @Nullable BlockList receiveBlockList,
        @Nullable BlockList sendBlockList,
        @Nullable HostResolver resolver) {

    /** The longest datagram there is, over IPv6; IPv4 carries 65,507 bytes. */
    public static final int MAX_MESSAGE_BYTES = 65527;

    /** Checks every value. */
    public UdpOptions {
        checkBytes("receiveBufferBytes", receiveBufferBytes);
        checkBytes("sendBufferBytes", sendBufferBytes);
        if (maxMessageBytes < 1 || maxMessageBytes > MAX_MESSAGE_BYTES) {
            throw new IllegalArgumentException(
                    "maxMessageBytes is " + maxMessageBytes + ": use 1 to " + MAX_MESSAGE_BYTES);
        }
    }

    private static void checkBytes(String name, int bytes) {
        if (bytes < 0) {
            throw new IllegalArgumentException(
                    name + " is " + bytes + ": use a number of bytes, or 0 for the default");
        }
    }

    /** A socket for IPv4. */
    public static UdpOptions ip4() {
        return new Draft(false).finish();
    }

    /** A socket for IPv6 and IPv4. */
    public static UdpOptions ip6() {
        return new Draft(true).finish();
    }

    /** These options for IPv6 alone, or not. */
    public UdpOptions ipv6Only(boolean on) {
        return with(draft -> draft.ipv6Only = on);
    }

    /** These options with or without SO_REUSEADDR. */
    public UdpOptions reuseAddr(boolean on) {
        return with(draft -> draft.reuseAddr = on);
    }

    /** These options with or without SO_REUSEPORT. */
    public UdpOptions reusePort(boolean on) {
        return with(draft -> draft.reusePort = on);
    }

    /** These options with another buffer for what arrives. */
    public UdpOptions receiveBufferBytes(int bytes) {
        return with(draft -> draft.receiveBufferBytes = bytes);
    }

    /** These options with another buffer for what is sent. */
    public UdpOptions sendBufferBytes(int bytes) {
        return with(draft -> draft.sendBufferBytes = bytes);
    }

    /** These options with another bound on what is received. */
    public UdpOptions maxMessageBytes(int bytes) {
        return with(draft -> draft.maxMessageBytes = bytes);
    }

    /** These options with or without word of every refused datagram. */
    public UdpOptions icmpErrors(boolean on) {
        return with(draft -> draft.icmpErrors = on);
    }

    /** These options with or without batches. */
    public UdpOptions batches(boolean on) {
        return with(draft -> draft.batches = on);
    }

    /** These options without the datagrams of some senders; null: with all. */
    public UdpOptions receiveBlockList(@Nullable BlockList list) {
        return with(draft -> draft.receiveBlockList = list);
    }

    /** These options with addresses that nothing is sent to; null: none. */
    public UdpOptions sendBlockList(@Nullable BlockList list) {
        return with(draft -> draft.sendBlockList = list);
    }

    /** These options with another resolver; null: that of the {@link Net}. */
    public UdpOptions resolver(@Nullable HostResolver other) {
        return with(draft -> draft.resolver = other);
    }

    /** Why nothing may be sent to an address; null when it may. */
    @Nullable ReactorException refusal(String call, InetAddress address) {
        return sendBlockList == null ? null : sendBlockList.refusal(call, address);
    }

    /**
     * The first address that a socket can use that is made so, IPv6 before IPv4 on a socket for
     * both.
     */
    @Nullable InetAddress pick(List<InetAddress> found) {
        InetAddress ip4 = null;
        for (InetAddress address : found) {
            if (address instanceof Inet4Address) {
                ip4 = ip4 == null ? address : ip4;
            } else if (ipv6) {
                return address;
            }
        }
        return ipv6 && ipv6Only ? null : ip4;
    }

    private UdpOptions with(Consumer<Draft> change) {
        Draft draft = new Draft(this);
        change.accept(draft);
        return draft.finish();
    }

    /** A copy that can be changed: each option is named once here, not in every method. */
    private static final class Draft {
        private final boolean ipv6;
        private boolean ipv6Only;
        private boolean reuseAddr;
        private boolean reusePort;
        private int receiveBufferBytes;
        private int sendBufferBytes;
        private int maxMessageBytes = MAX_MESSAGE_BYTES;
        private boolean icmpErrors;
        private boolean batches;
        private @Nullable BlockList receiveBlockList;
        private @Nullable BlockList sendBlockList;
        private @Nullable HostResolver resolver;

        Draft(boolean ipv6) {
            this.ipv6 = ipv6;
        }

        Draft(UdpOptions from) {
            ipv6 = from.ipv6;
            ipv6Only = from.ipv6Only;
            reuseAddr = from.reuseAddr;
            reusePort = from.reusePort;
            receiveBufferBytes = from.receiveBufferBytes;
            sendBufferBytes = from.sendBufferBytes;
            maxMessageBytes = from.maxMessageBytes;
            icmpErrors = from.icmpErrors;
            batches = from.batches;
            receiveBlockList = from.receiveBlockList;
            sendBlockList = from.sendBlockList;
            resolver = from.resolver;
        }

        UdpOptions finish() {
            return new UdpOptions(
                    ipv6,
                    ipv6Only,
                    reuseAddr,
                    reusePort,
                    receiveBufferBytes,
                    sendBufferBytes,
                    maxMessageBytes,
                    icmpErrors,
                    batches,
                    receiveBlockList,
                    sendBlockList,
                    resolver);
        }
    }
}
