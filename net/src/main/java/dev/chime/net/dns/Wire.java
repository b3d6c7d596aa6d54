package dev.chime.net.dns;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Opcode;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.Section;

/**
 * Messages as they travel (RFC 1035): questions written, and what comes back read, to the letter.
 */
final class Wire {
    /** Aliases behind one another that are followed; real chains have two or three. */
    static final int MOST_ALIASES = 16;

    private static final long MOST_TTL = 7 * 86_400; // RFC 8767, section 4
    private static final long MOST_NEGATIVE_TTL = 3 * 3_600; // RFC 2308, section 5
    private static final int RESPONSE = 0x80;

    /** What leaves room for headers in the least that IPv6 carries, 1280 bytes. */
    private static final int PAYLOAD_BYTES = 1232;

    private Wire() {}

    /**
     * A question as a message. With EDNS (RFC 6891) it says how long a datagram may be that answers
     * it: as long as passes every network in one piece.
     */
    static byte[] write(Question question, int id, boolean edns) {
        Message message =
                Message.newQuery(
                        Record.newRecord(question.name(), question.type().number(), DClass.IN));
        message.getHeader().setID(id);
        if (edns) {
            message.addRecord(new OPTRecord(PAYLOAD_BYTES, 0, 0), Section.ADDITIONAL);
        }
        return message.toWire();
    }

    /** False for what cannot answer the message of this id. */
    static boolean isFor(byte[] bytes, int id) {
        return bytes.length > 2
                && (bytes[0] & 0xff) == id >> 8
                && (bytes[1] & 0xff) == (id & 0xff)
                && (bytes[2] & RESPONSE) != 0;
    }

    /** Reads what {@link #isFor} has let pass; null when it answers another question. */
    static @Nullable Reply read(byte[] bytes, Question question) {
        try {
            Message message = new Message(bytes);
            if (!answers(message, question)) {
                return null;
            }
            boolean truncated = message.getHeader().getFlag(Flags.TC);
            return new Reply(truncated, truncated ? cut() : answer(message, question));
        } catch (IOException | RuntimeException e) { // what dnsjava makes of bytes without sense
            return new Reply(false, Answer.failed("EBADRESP", "the answer cannot be read"));
        }
    }

    /** What a message says; of a truncated one nothing is used. */
    record Reply(boolean truncated, Answer answer) {}

    private static Answer cut() {
        return Answer.failed("EBADRESP", "the answer is cut off, over TCP as well");
    }

    /** A server that refuses a message need not repeat the question. */
    private static boolean answers(Message message, Question question) {
        List<Record> asked = message.getSection(Section.QUESTION);
        int rcode = message.getHeader().getRcode();
        if (message.getHeader().getOpcode() != Opcode.QUERY) {
            return false;
        }
        if (asked.isEmpty()) {
            return rcode != Rcode.NOERROR && rcode != Rcode.NXDOMAIN;
        }
        Record only = asked.getFirst();
        return asked.size() == 1
                && only.getName().equals(question.name())
                && only.getType() == question.type().number()
                && only.getDClass() == DClass.IN;
    }

    private static Answer answer(Message message, Question question) {
        int rcode = message.getRcode(); // with the upper bits that EDNS has
        return switch (rcode) {
            case Rcode.NOERROR, Rcode.NXDOMAIN -> follow(message, question, rcode);
            case Rcode.FORMERR -> Answer.failed("EFORMERR", null);
            case Rcode.REFUSED -> Answer.failed("EREFUSED", null);
            case Rcode.NOTIMP -> Answer.failed("ENOTIMP", null);
            default -> Answer.failed("ESERVFAIL", null);
        };
    }

    /** Goes from the name along its aliases to the records. */
    private static Answer follow(Message message, Question question, int rcode) {
        List<Record> section = message.getSection(Section.ANSWER);
        Set<Name> seen = new HashSet<>();
        Name name = question.name();
        long ttl = MOST_TTL;
        while (seen.add(name) && seen.size() <= MOST_ALIASES) {
            List<Record> records = of(section, name, question.type());
            if (!records.isEmpty()) {
                for (Record record : records) {
                    ttl = Math.min(ttl, ttl(record));
                }
                return Answer.of(records, ttl);
            }
            List<Record> aliases = of(section, name, RecordType.CNAME);
            if (aliases.isEmpty()) {
                return missing(message, question, name, rcode, ttl);
            }
            ttl = Math.min(ttl, ttl(aliases.getFirst()));
            name = ((CNAMERecord) aliases.getFirst()).getTarget();
        }
        return circle();
    }

    /** The error of aliases that lead nowhere. */
    static Answer circle() {
        return Answer.failed("EBADRESP", "its aliases go in a circle, or are too many");
    }

    private static List<Record> of(List<Record> section, Name name, RecordType<?> type) {
        List<Record> found = new ArrayList<>();
        for (Record record : section) {
            if (type.takes(record.getType())
                    && record.getDClass() == DClass.IN
                    && record.getName().equals(name)) {
                found.add(record);
            }
        }
        return found;
    }

    /**
     * Nothing is said of {@code name}, the last of the aliases: for good (RFC 2308), or not yet.
     */
    private static Answer missing(
            Message message, Question question, Name name, int rcode, long ttl) {
        long negative = negativeTtl(message, name);
        if (rcode == Rcode.NXDOMAIN) {
            return Answer.none("ENOTFOUND", Math.min(ttl, Math.max(0, negative)));
        }
        return negative < 0 && !name.equals(question.name())
                ? Answer.alias(name, ttl)
                : Answer.none("ENODATA", Math.min(ttl, Math.max(0, negative)));
    }

    /** How long it may be remembered that there is nothing; -1: nobody says so. */
    private static long negativeTtl(Message message, Name name) {
        for (Record record : message.getSection(Section.AUTHORITY)) {
            if (record instanceof SOARecord soa && name.subdomain(soa.getName())) {
                return Math.min(MOST_NEGATIVE_TTL, Math.min(ttl(soa), soa.getMinimum()));
            }
        }
        return -1;
    }

    /** Seconds; a number that does not fit in 31 bits means 0 (RFC 2181, section 8). */
    static long ttl(Record record) {
        long ttl = record.getTTL();
        return ttl < 0 || ttl > Integer.MAX_VALUE ? 0 : Math.min(ttl, MOST_TTL);
    }
}
