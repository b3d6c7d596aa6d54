package dev.chime.samples.cache;

import dev.chime.reactor.Buffer;
import dev.chime.reactor.stream.DataHandler;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/** Reads a file, piece by piece, and finds out whether it is an entry, whole and unchanged. */
final class EntryCheck implements DataHandler {
    private final Path file;
    private final ByteArrayOutputStream head = new ByteArrayOutputStream();
    private final CRC32 crc = new CRC32();
    private int headBytes = -1;
    private long bodyBytes;

    EntryCheck(Path file) {
        this.file = file;
    }

    @Override
    public void data(Buffer data) {
        int from = 0;
        if (headBytes != 0 && head.size() < wanted()) {
            from = takeHead(data);
        }
        if (from < data.length()) {
            Buffer body = data.slice(from, data.length() - from);
            crc.update(body.asByteBuffer());
            bodyBytes += body.length();
            body.release();
        }
    }

    private int wanted() {
        return headBytes < 0 ? Entry.PREFIX_BYTES : headBytes;
    }

    private int takeHead(Buffer data) {
        int from = 0;
        while (from < data.length() && headBytes != 0 && head.size() < wanted()) {
            int bytes = Math.min(wanted() - head.size(), data.length() - from);
            byte[] piece = new byte[bytes];
            data.get(from, piece, 0, bytes);
            head.writeBytes(piece);
            from += bytes;
            if (headBytes < 0 && head.size() == Entry.PREFIX_BYTES) {
                headBytes = Entry.headBytes(head.toByteArray());
            }
        }
        return from;
    }

    /** The entry that the file holds; null if it is broken. */
    @Nullable Entry result() {
        if (headBytes <= 0 || head.size() < headBytes) {
            return null;
        }
        Entry entry = Entry.parse(Arrays.copyOf(head.toByteArray(), headBytes), file);
        return entry != null && entry.length() == bodyBytes && entry.crc() == crc.getValue()
                ? entry
                : null;
    }
}
