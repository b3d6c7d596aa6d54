package dev.chime.net.dns;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;

/**
 * How a question was answered: with records, with the alias to go on with, or with an error.
 *
 * @param code why there are no records; null when there are some, or an alias
 * @param hint what is to be said of the error behind its message
 * @param records all of the kind that was asked for
 * @param alias what the name stands for, of which the server has said nothing
 * @param ttl for how many seconds from the start it may be remembered
 * @param age for how many seconds it has been
 */
record Answer(
        @Nullable String code,
        @Nullable String hint,
        List<Record> records,
        @Nullable Name alias,
        long ttl,
        long age) {

    static Answer of(List<Record> records, long ttl) {
        return new Answer(null, null, records, null, ttl, 0);
    }

    static Answer alias(Name target, long ttl) {
        return new Answer(null, null, List.of(), target, ttl, 0);
    }

    /** There is nothing, and that may be remembered. */
    static Answer none(String code, long ttl) {
        return new Answer(code, null, List.of(), null, ttl, 0);
    }

    static Answer failed(String code, @Nullable String hint) {
        return new Answer(code, hint, List.of(), null, 0, 0);
    }

    /** This answer some seconds later. */
    Answer aged(long seconds) {
        return new Answer(code, hint, records, alias, ttl, seconds);
    }

    /** True when another name may be there, or have what this one has not. */
    boolean isNone() {
        return "ENOTFOUND".equals(code) || "ENODATA".equals(code);
    }

    /** For how many seconds it may be used from now on. */
    long left() {
        return Math.max(0, ttl - age);
    }

    /** Its records for users, who may use them for {@code time}. */
    <R extends DnsRecord> List<R> read(RecordType<R> type, Duration time) {
        List<R> all = new ArrayList<>(records.size());
        records.forEach(record -> all.add(type.read(record, time)));
        return List.copyOf(all);
    }
}
