package dev.chime.samples.cache;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * A response that is kept, in a file of its own.
 *
 * <p>The file: a head of {@code bodyAt} bytes, then the body. The head: magic number, {@code
 * bodyAt}, length and CRC-32 of what follows, and that: the values of this record. There is room
 * behind it, so that it can be written over when the origin says that the response is still good.
 *
 * @param url what it answers to a GET of
 * @param file where it is
 * @param fields the header fields that go with it
 * @param born when the origin made it, by this machine's clock
 * @param bodyAt bytes before the body
 * @param length bytes of the body
 * @param crc the body's CRC-32
 */
record Entry(
        String url,
        Path file,
        List<Map.Entry<String, String>> fields,
        Instant born,
        int bodyAt,
        long length,
        long crc) {
    /** Fields that are made anew each time. */
    static final Set<String> UNKEPT = Set.of("Content-Length", "Age", "X-Cache");

    /** Bytes of the head before what its CRC covers. */
    static final int PREFIX_BYTES = 16;

    /** Bytes of the largest head. */
    static final int HEAD_MAX_BYTES = 128 << 10;

    private static final int MAGIC = 0x43484d31;
    private static final int PAGE_BYTES = 4096;
    private static final int ROOM_BYTES = 512;

    /** An entry of which the body has yet to come; its file is the one that it is written to. */
    static Entry begun(String url, Path file, List<Map.Entry<String, String>> fields, Instant now) {
        Duration age = Duration.ofSeconds(Freshness.seconds(Fields.get(fields, "Age")));
        List<Map.Entry<String, String>> kept = new ArrayList<>(fields);
        kept.removeIf(field -> UNKEPT.stream().anyMatch(field.getKey()::equalsIgnoreCase));
        Entry sizeless = new Entry(url, file, List.copyOf(kept), now.minus(age), 0, 0, 0);
        int bytes = PREFIX_BYTES + sizeless.values().length + ROOM_BYTES;
        return sizeless.body((bytes + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES, 0, 0);
    }

    private Entry body(int at, long bytes, long sum) {
        return new Entry(url, file, fields, born, at, bytes, sum);
    }

    /** This entry with its whole body. */
    Entry complete(Path place, long bytes, long sum) {
        return new Entry(url, place, fields, born, bodyAt, bytes, sum);
    }

    /** This entry when the origin has said, with some fields, that it is still good. */
    Entry validated(List<Map.Entry<String, String>> newer, Instant now) {
        List<Map.Entry<String, String>> merged = new ArrayList<>(fields);
        for (Map.Entry<String, String> field : newer) {
            merged.removeIf(old -> old.getKey().equalsIgnoreCase(field.getKey()));
        }
        merged.addAll(newer);
        Entry fresh = begun(url, file, merged, now);
        return new Entry(url, file, fresh.fields, fresh.born, bodyAt, length, crc);
    }

    boolean isFresh(Instant now) {
        return now.isBefore(born.plus(Freshness.lifetime(fields)));
    }

    long ageSeconds(Instant now) {
        return Math.max(0, Duration.between(born, now).toSeconds());
    }

    @Nullable String field(String name) {
        return Fields.get(fields, name);
    }

    long fileBytes() {
        return bodyAt + length;
    }

    private byte[] values() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeLong(length);
            out.writeLong(crc);
            out.writeLong(born.toEpochMilli());
            text(out, url);
            out.writeInt(fields.size());
            for (Map.Entry<String, String> field : fields) {
                text(out, field.getKey());
                text(out, field.getValue());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e); // memory does not fail
        }
        return bytes.toByteArray();
    }

    private static void text(DataOutputStream out, String text) throws IOException {
        out.writeInt(text.length());
        out.writeChars(text);
    }

    /** The head as it stands in the file; null if it does not fit. */
    byte @Nullable [] head() {
        byte[] values = values();
        if (PREFIX_BYTES + values.length > bodyAt) {
            return null;
        }
        ByteBuffer head = ByteBuffer.allocate(bodyAt);
        head.putInt(MAGIC)
                .putInt(bodyAt)
                .putInt(values.length)
                .putInt((int) crc32(values))
                .put(values);
        return head.array();
    }

    /** Bytes of the head that begins so; 0 if none does. */
    static int headBytes(byte[] prefix) {
        ByteBuffer in = ByteBuffer.wrap(prefix);
        int magic = in.getInt();
        int bytes = in.getInt();
        return magic == MAGIC && bytes > PREFIX_BYTES && bytes <= HEAD_MAX_BYTES ? bytes : 0;
    }

    /** Reads a head; null if it is broken. */
    static @Nullable Entry parse(byte[] head, Path file) {
        ByteBuffer prefix = ByteBuffer.wrap(head).position(2 * Integer.BYTES);
        int bytes = prefix.getInt();
        int sum = prefix.getInt();
        if (bytes < 0 || bytes > head.length - PREFIX_BYTES) {
            return null;
        }
        byte[] values = new byte[bytes];
        prefix.get(values);
        if ((int) crc32(values) != sum) {
            return null;
        }
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(values))) {
            long length = in.readLong();
            long crc = in.readLong();
            Instant born = Instant.ofEpochMilli(in.readLong());
            String url = text(in);
            List<Map.Entry<String, String>> fields = new ArrayList<>();
            for (int left = in.readInt(); left > 0; left--) {
                String name = text(in);
                fields.add(Map.entry(name, text(in)));
            }
            return new Entry(url, file, fields, born, head.length, length, crc);
        } catch (IOException e) {
            return null;
        }
    }

    private static String text(DataInputStream in) throws IOException {
        int chars = in.readInt();
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < chars; i++) {
            text.append(in.readChar());
        }
        return text.toString();
    }

    private static long crc32(byte[] bytes) {
        CRC32 sum = new CRC32();
        sum.update(bytes);
        return sum.getValue();
    }
}
