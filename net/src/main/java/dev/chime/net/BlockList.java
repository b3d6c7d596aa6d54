package dev.chime.net;

import dev.chime.reactor.ReactorException;
import dev.chime.reactor.internal.Checks;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Addresses that a server or a connect has nothing to do with: single ones, ranges, subnets.
 *
 * <p>An IPv4 address mapped into IPv6 ({@code ::ffff:10.0.0.1}) is the IPv4 address, in rules and
 * in questions. Any thread may add and ask; a rule counts for connections that come after it.
 */
public final class BlockList {
    private static final int V4_BYTES = 4;
    private static final byte[] MAPPING = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, (byte) 0xff, (byte) 0xff};
    private static final String FAMILY = ":? (?:IPv[46] )?";
    private static final Pattern RULE =
            Pattern.compile(
                    "(?i)address"
                            + FAMILY
                            + "(?<address>\\S+)|range"
                            + FAMILY
                            + "(?<start>[^-\\s]+)-(?<end>\\S+)|subnet"
                            + FAMILY
                            + "(?<network>[^/\\s]+)/(?<bits>\\d{1,3})");
    private static final Pattern OPENING = Pattern.compile("\\s*\\[\\s*");

    /** With what is behind it: a comma and another one, or the end. */
    private static final Pattern STRING =
            Pattern.compile("\"([^\"\\\\]*)\"\\s*(?:,\\s*(?=\")|(?=]))");

    private static final Pattern CLOSING = Pattern.compile("]\\s*");

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

    /** Newer rules share the array, and fill what is behind {@code count}. */
    private static final class Rules {
        private final Range[] array;
        private final int count;

        Rules(Range[] array, int count) {
            this.array = array;
            this.count = count;
        }

        Rules with(List<Range> added) {
            int all = count + added.size();
            Range[] room = array.length < all ? Arrays.copyOf(array, 2 * all) : array;
            for (int i = count; i < all; i++) {
                room[i] = added.get(i - count);
            }
            return new Rules(room, all);
        }

        boolean contain(byte[] address) {
            for (int i = 0; i < count; i++) {
                if (array[i].contains(address)) {
                    return true;
                }
            }
            return false;
        }
    }

    private volatile Rules rules = new Rules(new Range[0], 0);

    /** Makes an empty list. */
    public BlockList() {}

    /** Adds one address. */
    public BlockList addAddress(String address) {
        return add(single(address));
    }

    private static Range single(String address) {
        byte[] bytes = bytes("address", address);
        return new Range(bytes, bytes, "address " + address);
    }

    /** Adds the addresses from {@code start} to {@code end}, both included. */
    public BlockList addRange(String start, String end) {
        return add(range(start, end));
    }

    private static Range range(String start, String end) {
        byte[] low = bytes("start", start);
        byte[] high = bytes("end", end);
        if (low.length != high.length || Arrays.compareUnsigned(low, high) > 0) {
            throw new IllegalArgumentException(
                    "start is " + start + " and end is " + end + ": the end must not come first");
        }
        return new Range(low, high, "range " + start + "-" + end);
    }

    /** Adds the addresses that have their first {@code prefix} bits from {@code network}. */
    public BlockList addSubnet(String network, int prefix) {
        return add(subnet(network, prefix));
    }

    private static Range subnet(String network, int prefix) {
        byte[] low = bytes("network", network);
        boolean mapped = low.length == V4_BYTES && network.indexOf(':') >= 0;
        int bits = mapped ? prefix - Byte.SIZE * MAPPING.length : prefix;
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
        return new Range(low, high, "subnet " + network + "/" + prefix);
    }

    private static byte[] bytes(String name, @Nullable String literal) {
        InetAddress address = literal == null ? null : Resolver.literal(literal);
        if (address == null) {
            throw new IllegalArgumentException(
                    name + " is " + literal + ": pass an address, no name");
        }
        return address.getAddress();
    }

    private BlockList add(Range range) {
        return add(List.of(range));
    }

    private synchronized BlockList add(List<Range> added) {
        rules = rules.with(added);
        return this;
    }

    /** Whether a rule contains the address. */
    public boolean check(InetAddress address) {
        Checks.required(address, "address", "pass an address");
        return rules.contain(unmapped(address.getAddress()));
    }

    /** Whether a rule contains the address, a literal. */
    public boolean check(String address) {
        return rules.contain(bytes("address", address));
    }

    /** An IPv4 address mapped into IPv6 without what maps it; any other as it is. */
    private static byte[] unmapped(byte[] address) {
        boolean mapped =
                address.length > V4_BYTES
                        && Arrays.equals(MAPPING, Arrays.copyOf(address, MAPPING.length));
        return mapped ? Arrays.copyOfRange(address, MAPPING.length, address.length) : address;
    }

    /** Why a call has nothing to do with an address; null when no rule contains it. */
    @Nullable ReactorException refusal(String call, InetAddress address) {
        return check(address)
                ? new ReactorException(
                        "ERR_IP_BLOCKED",
                        call
                                + " ERR_IP_BLOCKED "
                                + address.getHostAddress()
                                + ": it is in the block list")
                : null;
    }

    /**
     * Adds the rules of a JSON array of strings, in the form of {@link #toJson} or of Node's {@code
     * toJSON}.
     *
     * @throws IllegalArgumentException for anything else; then nothing is added
     */
    public BlockList addJson(String json) {
        Checks.required(json, "json", "pass what toJson gives");
        List<Range> added = new ArrayList<>();
        Matcher part = OPENING.matcher(json);
        int at = part.lookingAt() ? part.end() : 0;
        part.usePattern(STRING).region(at, json.length());
        while (at > 0 && part.lookingAt()) {
            added.add(rule(part.group(1)));
            at = part.end();
            part.region(at, json.length());
        }
        if (at == 0 || !part.usePattern(CLOSING).matches()) {
            throw new IllegalArgumentException("json is no array of strings: " + json);
        }
        return add(added);
    }

    private static Range rule(String rule) {
        Matcher parts = RULE.matcher(rule);
        if (!parts.matches()) {
            throw new IllegalArgumentException(
                    "rule is "
                            + rule
                            + ": write \"address A\", \"range A-B\" or \"subnet A/BITS\"");
        }
        return parts.group("address") != null
                ? single(parts.group("address"))
                : parts.group("start") != null
                        ? range(parts.group("start"), parts.group("end"))
                        : subnet(parts.group("network"), Integer.parseInt(parts.group("bits")));
    }

    /** The rules as a JSON array of strings, in their order, to be kept and added again. */
    public String toJson() {
        return rules().stream()
                .map(rule -> '"' + rule + '"') // addresses need no escapes
                .collect(Collectors.joining(",", "[", "]"));
    }

    /** The rules, in the order in which they were added: {@code subnet 10.0.0.0/8}. */
    public List<String> rules() {
        Rules known = rules;
        return Arrays.stream(known.array, 0, known.count).map(range -> range.text).toList();
    }

    @Override
    public String toString() {
        return "BlockList" + rules();
    }
}
