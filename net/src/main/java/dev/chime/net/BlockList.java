package dev.chime.net;

import dev.chime.reactor.internal.Checks;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Addresses that a server or a connect has nothing to do with: single ones, ranges, subnets.
 *
 * <p>An IPv4 address mapped into IPv6 ({@code ::ffff:10.0.0.1}) is the IPv4 address, in rules and
 * in questions. Any thread may add and ask; a rule counts for connections that come after it.
 */
public final class BlockList {
    private static final int V4_BYTES = 4;
    private static final int MAPPED_BITS = 96;

    /** Both ends included; of one family. */
    private static final class Range {
        private final byte[] low;
        private final byte[] high;
        private final String text;

        Range(byte[] low, byte[] high, String text) {
            this.low = low;
            this.high = high;
            this.text = text;
        }

        boolean contains(byte[] address) {
            return address.length == low.length
                    && Arrays.compareUnsigned(low, address) <= 0
                    && Arrays.compareUnsigned(address, high) <= 0;
        }
    }

    private volatile Range[] ranges = {};

    /** Makes an empty list. */
    public BlockList() {}

    /** Adds one address. */
    public BlockList addAddress(String address) {
        byte[] bytes = bytes("address", address);
        return add(new Range(bytes, bytes, "address " + address));
    }

    /** Adds the addresses from {@code start} to {@code end}, both included. */
    public BlockList addRange(String start, String end) {
        byte[] low = bytes("start", start);
        byte[] high = bytes("end", end);
        if (low.length != high.length || Arrays.compareUnsigned(low, high) > 0) {
            throw new IllegalArgumentException(
                    "start is " + start + " and end is " + end + ": the end must not come first");
        }
        return add(new Range(low, high, "range " + start + "-" + end));
    }

    /** Adds the addresses that have their first {@code prefix} bits from {@code network}. */
    public BlockList addSubnet(String network, int prefix) {
        byte[] low = bytes("network", network);
        boolean mapped = low.length == V4_BYTES && network.indexOf(':') >= 0;
        int bits = mapped ? prefix - MAPPED_BITS : prefix;
        if (bits < 0 || bits > Byte.SIZE * low.length) {
            throw new IllegalArgumentException(
                    "prefix is " + prefix + ": too small or too large for " + network);
        }
        byte[] high = low.clone();
        for (int i = bits; i < Byte.SIZE * low.length; i++) {
            int bit = 0x80 >> i % Byte.SIZE;
            low[i / Byte.SIZE] &= (byte) ~bit;
            high[i / Byte.SIZE] |= (byte) bit;
        }
        return add(new Range(low, high, "subnet " + network + "/" + prefix));
    }

    private static byte[] bytes(String name, @Nullable String literal) {
        InetAddress address = literal == null ? null : Resolver.literal(literal);
        if (address == null) {
            throw new IllegalArgumentException(
                    name + " is " + literal + ": pass an address, no name");
        }
        return address.getAddress();
    }

    private synchronized BlockList add(Range range) {
        Range[] more = Arrays.copyOf(ranges, ranges.length + 1);
        more[ranges.length] = range;
        ranges = more;
        return this;
    }

    /** Whether a rule contains the address. */
    public boolean check(InetAddress address) {
        Checks.required(address, "address", "pass an address");
        byte[] bytes = address.getAddress();
        for (Range range : ranges) {
            if (range.contains(bytes)) {
                return true;
            }
        }
        return false;
    }

    /** Whether a rule contains the address, a literal. */
    public boolean check(String address) {
        byte[] bytes = bytes("address", address);
        return Arrays.stream(ranges).anyMatch(range -> range.contains(bytes));
    }

    /** The rules, in the order in which they were added: {@code subnet 10.0.0.0/8}. */
    public List<String> rules() {
        return Arrays.stream(ranges).map(range -> range.text).toList();
    }

    @Override
    public String toString() {
        return "BlockList" + rules();
    }
}
