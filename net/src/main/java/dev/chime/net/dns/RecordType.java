package dev.chime.net.dns;

import java.io.ByteArrayOutputStream;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.CAARecord;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.MXRecord;
import org.xbill.DNS.NAPTRRecord;
import org.xbill.DNS.NSRecord;
import org.xbill.DNS.Name;
import org.xbill.DNS.PTRRecord;
import org.xbill.DNS.Record;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.SRVRecord;
import org.xbill.DNS.TXTRecord;
import org.xbill.DNS.Type;

/**
 * A kind of record that a name server can be asked for.
 *
 * @param <R> what the answer consists of
 */
public final class RecordType<R extends DnsRecord> {
    /** Addresses of IPv4. */
    public static final RecordType<DnsRecord.Address> A =
            new RecordType<>("A", Type.A, RecordType::address);

    /** Addresses of IPv6. */
    public static final RecordType<DnsRecord.Address> AAAA =
            new RecordType<>("AAAA", Type.AAAA, RecordType::address);

    /** Who takes mail. */
    public static final RecordType<DnsRecord.Mx> MX =
            new RecordType<>("MX", Type.MX, RecordType::mx);

    /** Text. */
    public static final RecordType<DnsRecord.Txt> TXT =
            new RecordType<>("TXT", Type.TXT, RecordType::txt);

    /** Where a service is. */
    public static final RecordType<DnsRecord.Srv> SRV =
            new RecordType<>("SRV", Type.SRV, RecordType::srv);

    /** What an alias stands for. */
    public static final RecordType<DnsRecord.Cname> CNAME =
            new RecordType<>("CNAME", Type.CNAME, RecordType::cname);

    /** The name servers of a zone. */
    public static final RecordType<DnsRecord.Ns> NS =
            new RecordType<>("NS", Type.NS, RecordType::ns);

    /** The name of an address. */
    public static final RecordType<DnsRecord.Ptr> PTR =
            new RecordType<>("PTR", Type.PTR, RecordType::ptr);

    /** How a zone is kept. */
    public static final RecordType<DnsRecord.Soa> SOA =
            new RecordType<>("SOA", Type.SOA, RecordType::soa);

    /** Who may issue certificates. */
    public static final RecordType<DnsRecord.Caa> CAA =
            new RecordType<>("CAA", Type.CAA, RecordType::caa);

    /** How to rewrite a name. */
    public static final RecordType<DnsRecord.Naptr> NAPTR =
            new RecordType<>("NAPTR", Type.NAPTR, RecordType::naptr);

    /**
     * All of these that a name has, as far as the server tells: many tell little (RFC 8482).
     * Records of other kinds are left out.
     */
    public static final RecordType<DnsRecord> ANY =
            new RecordType<>("ANY", Type.ANY, RecordType::any);

    private static final int CAA_CRITICAL = 128; // RFC 8659, section 4.1

    private static final int IP4_BYTES = 4;

    /** From dnsjava's form to ours. */
    @FunctionalInterface
    private interface Reader<R> {
        R read(Record record, Duration ttl);
    }

    private final String name;
    private final int number;
    private final String syscall;
    private final Reader<R> reader;

    private RecordType(String name, int number, Reader<R> reader) {
        this.name = name;
        this.number = number;
        this.reader = reader;
        syscall = "query" + name.charAt(0) + name.substring(1).toLowerCase(Locale.ROOT);
    }

    /** Its number in messages. */
    int number() {
        return number;
    }

    /** What Node's errors name the call. */
    String syscall() {
        return syscall;
    }

    /** True when names have to be those of hosts. */
    boolean isAddress() {
        return number == Type.A || number == Type.AAAA;
    }

    /** Whether records of a kind answer a question for this one. */
    boolean takes(int kind) {
        return number == Type.ANY ? readerOf(kind) != null : number == kind;
    }

    private static DnsRecord any(Record record, Duration ttl) {
        return Objects.requireNonNull(readerOf(record.getType())).read(record, ttl);
    }

    private static @Nullable Reader<? extends DnsRecord> readerOf(int kind) {
        return switch (kind) {
            case Type.A, Type.AAAA -> RecordType::address;
            case Type.MX -> RecordType::mx;
            case Type.TXT -> RecordType::txt;
            case Type.SRV -> RecordType::srv;
            case Type.CNAME -> RecordType::cname;
            case Type.NS -> RecordType::ns;
            case Type.PTR -> RecordType::ptr;
            case Type.SOA -> RecordType::soa;
            case Type.CAA -> RecordType::caa;
            case Type.NAPTR -> RecordType::naptr;
            default -> null;
        };
    }

    R read(Record record, Duration ttl) {
        return reader.read(record, ttl);
    }

    private static DnsRecord.Address address(Record record, Duration ttl) {
        return new DnsRecord.Address(plain(record.rdataToWireCanonical()), ttl);
    }

    /**
     * Without the name that dnsjava has put in. For an address that IPv6 has for an IPv4 one the
     * JDK makes an {@code Inet4Address}, unless it is told otherwise.
     */
    private static InetAddress plain(byte[] bytes) {
        try {
            return bytes.length == IP4_BYTES
                    ? InetAddress.getByAddress(bytes)
                    : Inet6Address.getByAddress(null, bytes, -1);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e); // of another length
        }
    }

    private static DnsRecord.Mx mx(Record record, Duration ttl) {
        MXRecord mx = (MXRecord) record;
        return new DnsRecord.Mx(mx.getPriority(), text(mx.getTarget()), ttl);
    }

    private static DnsRecord.Txt txt(Record record, Duration ttl) {
        List<String> strings = new ArrayList<>();
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] piece : ((TXTRecord) record).getStringsAsByteArrays()) {
            strings.add(new String(piece, StandardCharsets.UTF_8));
            all.writeBytes(piece);
        }
        return new DnsRecord.Txt(strings, all.toString(StandardCharsets.UTF_8), ttl);
    }

    private static DnsRecord.Srv srv(Record record, Duration ttl) {
        SRVRecord srv = (SRVRecord) record;
        return new DnsRecord.Srv(
                srv.getPriority(), srv.getWeight(), srv.getPort(), text(srv.getTarget()), ttl);
    }

    private static DnsRecord.Cname cname(Record record, Duration ttl) {
        return new DnsRecord.Cname(text(((CNAMERecord) record).getTarget()), ttl);
    }

    private static DnsRecord.Ns ns(Record record, Duration ttl) {
        return new DnsRecord.Ns(text(((NSRecord) record).getTarget()), ttl);
    }

    private static DnsRecord.Ptr ptr(Record record, Duration ttl) {
        return new DnsRecord.Ptr(text(((PTRRecord) record).getTarget()), ttl);
    }

    private static DnsRecord.Soa soa(Record record, Duration ttl) {
        SOARecord soa = (SOARecord) record;
        return new DnsRecord.Soa(
                text(soa.getHost()),
                text(soa.getAdmin()),
                soa.getSerial(),
                Duration.ofSeconds(soa.getRefresh()),
                Duration.ofSeconds(soa.getRetry()),
                Duration.ofSeconds(soa.getExpire()),
                Duration.ofSeconds(soa.getMinimum()),
                ttl);
    }

    private static DnsRecord.Caa caa(Record record, Duration ttl) {
        CAARecord caa = (CAARecord) record;
        boolean critical = (caa.getFlags() & CAA_CRITICAL) != 0;
        return new DnsRecord.Caa(critical, caa.getTag(), utf8(caa.getValueAsByteArray()), ttl);
    }

    private static DnsRecord.Naptr naptr(Record record, Duration ttl) {
        NAPTRRecord naptr = (NAPTRRecord) record;
        return new DnsRecord.Naptr(
                naptr.getOrder(),
                naptr.getPreference(),
                naptr.getFlags(),
                utf8(naptr.getServiceAsByteArray()),
                utf8(naptr.getRegexpAsByteArray()),
                text(naptr.getReplacement()),
                ttl);
    }

    private static String utf8(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static String text(Name name) {
        return name.equals(Name.root) ? "" : name.toString(true);
    }

    @Override
    public String toString() {
        return name;
    }
}
