package dev.chime.reactor.libc;

/** Layout of {@code struct ip_mreqn} (netinet/in.h, ip(7)). */
public final class IpMreqnLayout {
    public static final int SIZE = 12;

    public static final int IMR_MULTIADDR = 0;
    public static final int IMR_ADDRESS = 4;
    public static final int IMR_IFINDEX = 8;

    private IpMreqnLayout() {}
}
