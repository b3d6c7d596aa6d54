package dev.chime.net;

import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.internal.Checks;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.GroupSourceReqLayout;
import dev.chime.reactor.libc.IpMreqnLayout;
import dev.chime.reactor.libc.Memory;
import dev.chime.reactor.libc.Sys;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import org.jspecify.annotations.Nullable;

/**
 * The multicast groups of a UDP socket, and how it sends to groups. Loop thread only; everything
 * happens at once.
 *
 * <p>All calls throw {@link IllegalStateException}, ERR_SOCKET_DGRAM_NOT_RUNNING, before the bind
 * and after the close. An interface that is null is one of the kernel's choice, by its routes. See
 * ip(7), ipv6(7), RFC 3678.
 */
public final class Multicast {
    private final Core core;
    private final Udp udp;

    Multicast(Core core, Udp udp) {
        this.core = core;
        this.udp = udp;
    }

    /**
     * Joins a group on an interface. Errors: EINVAL (no multicast address), EADDRINUSE (a member
     * already), ENODEV, ENOBUFS (net.ipv4.igmp_max_memberships).
     */
    public void addMembership(InetAddress group, @Nullable NetworkInterface on)
            throws ErrnoException {
        membership("addMembership", Const.MCAST_JOIN_GROUP, group, null, on);
    }

    /** Leaves a group. Errors: EADDRNOTAVAIL (not a member), ENODEV. */
    public void dropMembership(InetAddress group, @Nullable NetworkInterface on)
            throws ErrnoException {
        membership("dropMembership", Const.MCAST_LEAVE_GROUP, group, null, on);
    }

    /** Joins a group for the datagrams of one sender. Errors as of {@link #addMembership}. */
    public void addSourceSpecificMembership(
            InetAddress source, InetAddress group, @Nullable NetworkInterface on)
            throws ErrnoException {
        Checks.required(source, "source", "name the sender");
        String call = "addSourceSpecificMembership";
        membership(call, Const.MCAST_JOIN_SOURCE_GROUP, group, source, on);
    }

    /** Leaves a group for the datagrams of one sender. Errors as of {@link #dropMembership}. */
    public void dropSourceSpecificMembership(
            InetAddress source, InetAddress group, @Nullable NetworkInterface on)
            throws ErrnoException {
        Checks.required(source, "source", "name the sender");
        String call = "dropSourceSpecificMembership";
        membership(call, Const.MCAST_LEAVE_SOURCE_GROUP, group, source, on);
    }

    private void membership(
            String call,
            int option,
            InetAddress group,
            @Nullable InetAddress source,
            @Nullable NetworkInterface on)
            throws ErrnoException {
        core.checkThread("Multicast." + call);
        Checks.required(group, "group", "name the group's address");
        int fd = udp.openFd();
        long memory = core.scratch();
        Memory.fill(memory, GroupSourceReqLayout.SIZE, (byte) 0);
        int index = on == null ? 0 : on.getIndex();
        Memory.putInt(memory + GroupSourceReqLayout.GSR_INTERFACE, index);
        write(memory + GroupSourceReqLayout.GSR_GROUP, group);
        int size = GroupSourceReqLayout.GROUP_REQ_SIZE;
        if (source != null) {
            write(memory + GroupSourceReqLayout.GSR_SOURCE, source);
            size = GroupSourceReqLayout.SIZE;
        }
        int level = group instanceof Inet4Address ? Const.IPPROTO_IP : Const.IPPROTO_IPV6;
        check(core.syscall(Sys.SETSOCKOPT, fd, level, option, memory, size, 0), call);
    }

    private static void write(long memory, InetAddress address) {
        Sockaddr.write(memory, new InetSocketAddress(address, 0));
    }

    /** By which interface datagrams to groups leave. Errors: EADDRNOTAVAIL, ENODEV. */
    public void setInterface(NetworkInterface by) throws ErrnoException {
        core.checkThread("Multicast.setInterface");
        Checks.required(by, "interface", "name one");
        int fd = udp.openFd();
        long memory = core.scratch();
        Memory.fill(memory, IpMreqnLayout.SIZE, (byte) 0);
        Memory.putInt(memory + IpMreqnLayout.IMR_IFINDEX, by.getIndex());
        int level = Const.IPPROTO_IP;
        int option = Const.IP_MULTICAST_IF;
        long result =
                core.syscall(Sys.SETSOCKOPT, fd, level, option, memory, IpMreqnLayout.SIZE, 0);
        if (udp.options().ipv6()) {
            int ip6 = Const.IPV6_MULTICAST_IF;
            result = Sockaddr.set(core, fd, Const.IPPROTO_IPV6, ip6, by.getIndex());
        }
        check(result, "setMulticastInterface");
    }

    /** How many routers a datagram to a group may pass, plus 1: 0 to 255; 1 from the start. */
    public void setTtl(int hops) throws ErrnoException {
        core.checkThread("Multicast.setTtl");
        checkHops(hops, 0);
        int ip4 = Const.IP_MULTICAST_TTL;
        int ip6 = Const.IPV6_MULTICAST_HOPS;
        set(core, udp.openFd(), udp.options().ipv6(), ip4, ip6, hops, "setMulticastTTL");
    }

    /** Whether datagrams to groups reach members on this host, too; they do from the start. */
    public void setLoopback(boolean on) throws ErrnoException {
        core.checkThread("Multicast.setLoopback");
        int ip4 = Const.IP_MULTICAST_LOOP;
        int ip6 = Const.IPV6_MULTICAST_LOOP;
        set(core, udp.openFd(), udp.options().ipv6(), ip4, ip6, on ? 1 : 0, "setMulticastLoopback");
    }

    static void checkHops(int hops, int least) {
        if (hops < least || hops > 255) {
            throw new IllegalArgumentException("hops is " + hops + ": use " + least + " to 255");
        }
    }

    /** Sets an option of both families, as far as the socket has them. */
    static void set(
            Core core, int fd, boolean ip6, int ip4Option, int ip6Option, int value, String call)
            throws ErrnoException {
        long result = Sockaddr.set(core, fd, Const.IPPROTO_IP, ip4Option, value);
        if (ip6) {
            result = Sockaddr.set(core, fd, Const.IPPROTO_IPV6, ip6Option, value);
        }
        check(result, call);
    }

    static void check(long result, String call) throws ErrnoException {
        if (result < 0) {
            throw ErrnoException.socket((int) result, call, null);
        }
    }
}
