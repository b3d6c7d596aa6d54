package dev.chime.reactor.engine.sim;

import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.Memory;
import dev.chime.reactor.libc.SockaddrIn6Layout;
import dev.chime.reactor.libc.SockaddrInLayout;

/**
 * An internet address and port; IPv4 in its form mapped into IPv6.
 *
 * @param high the first eight bytes, big endian
 * @param low the last eight bytes
 */
record SimAddress(long high, long low, int port) {
    private static final long MAPPED = 0xffff00000000L;
    private static final SimAddress ANY_V6 = new SimAddress(0, 0, 0);
    private static final SimAddress ANY_V4 = new SimAddress(0, MAPPED, 0);
    private static final SimAddress LOOPBACK_V6 = new SimAddress(0, 1, 0);
    private static final SimAddress LOOPBACK_V4 = new SimAddress(0, MAPPED | 0x7f000001L, 0);

    /** The length of an address of a family. */
    static int length(int family) {
        return family == Const.AF_INET ? SockaddrInLayout.SIZE : SockaddrIn6Layout.SIZE;
    }

    static SimAddress any(int family) {
        return family == Const.AF_INET ? ANY_V4 : ANY_V6;
    }

    /** Reads the address of a family. */
    static SimAddress read(long from, int family) {
        if (family == Const.AF_INET) {
            int ip = Integer.reverseBytes(Memory.getInt(from + SockaddrInLayout.SIN_ADDR));
            int port = Memory.getPort(from + SockaddrInLayout.SIN_PORT);
            return new SimAddress(0, MAPPED | Integer.toUnsignedLong(ip), port);
        }
        long at = from + SockaddrIn6Layout.SIN6_ADDR;
        return new SimAddress(
                Long.reverseBytes(Memory.getLong(at)),
                Long.reverseBytes(Memory.getLong(at + 8)),
                Memory.getPort(from + SockaddrIn6Layout.SIN6_PORT));
    }

    /** Writes it as an address of a family; its length there. */
    int write(long to, int family) {
        Memory.fill(to, length(family), (byte) 0);
        Memory.putShort(to, (short) family);
        if (family == Const.AF_INET) {
            Memory.putPort(to + SockaddrInLayout.SIN_PORT, port);
            Memory.putInt(to + SockaddrInLayout.SIN_ADDR, Integer.reverseBytes((int) low));
        } else {
            Memory.putPort(to + SockaddrIn6Layout.SIN6_PORT, port);
            Memory.putLong(to + SockaddrIn6Layout.SIN6_ADDR, Long.reverseBytes(high));
            Memory.putLong(to + SockaddrIn6Layout.SIN6_ADDR + 8, Long.reverseBytes(low));
        }
        return length(family);
    }

    boolean isV4() {
        return high == 0 && low >>> 32 == 0xffff;
    }

    boolean isAny() {
        return high == 0 && (low == 0 || low == MAPPED);
    }

    /** True for the addresses of all hosts on a network: 255.255.255.255, 127.255.255.255. */
    boolean isBroadcast() {
        return isV4() && ((int) low == -1 || (int) low == 0x7fffffff);
    }

    boolean isMulticast() {
        return isV4() ? (low >>> 28 & 0xf) == 0xe : high >>> 56 == 0xff;
    }

    /** True for addresses that this machine has. */
    boolean isLocal() {
        boolean v4 = isV4() && (low >>> 24 & 0xff) == 0x7f;
        return v4 || isAny() || (high == 0 && low == 1);
    }

    SimAddress withPort(int other) {
        return new SimAddress(high, low, other);
    }

    /** Where a connection to the wildcard address goes. */
    SimAddress orLoopback() {
        if (!isAny()) {
            return this;
        }
        return (isV4() ? LOOPBACK_V4 : LOOPBACK_V6).withPort(port);
    }

    boolean sameHost(SimAddress other) {
        return high == other.high && low == other.low;
    }
}
