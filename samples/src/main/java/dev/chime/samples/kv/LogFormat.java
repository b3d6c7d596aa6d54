package dev.chime.samples.kv;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * What a log looks like. Numbers are big-endian, checksums CRC32C.
 *
 * <pre>
 * log    = "CHIMEKV1" salt:8 checksum(both):4 frame*
 * frame  = salt:8 payloadBytes:4 checksum(position, payloadBytes):4 record+
 * record = checksum(rest):4 keyBytes:4 valueBytes:4 (-1: deleted) key value
 * </pre>
 *
 * <p>A frame is what one commit wrote. The next begins only when it is on the disk, so a damaged
 * frame at the end is a commit that was never acknowledged, and one that has a frame behind it was
 * damaged later. The salt is a random number of each log: frames can be searched for, because no
 * value that a client has stored contains it.
 */
final class LogFormat {
    static final int FILE_HEAD_BYTES = 20;
    static final int FRAME_HEAD_BYTES = 16;
    static final int RECORD_HEAD_BYTES = 12;
    static final int MAX_KEY_BYTES = 64 << 10;
    static final int MAX_VALUE_BYTES = 1 << 20;

    /** No frame is longer; what reads a log needs that much memory. */
    static final int MAX_FRAME_BYTES = 4 << 20;

    private static final byte[] MAGIC = "CHIMEKV1".getBytes(StandardCharsets.US_ASCII);
    private static final int SALTED_BYTES = MAGIC.length + Long.BYTES;
    private static final int DELETED = -1;

    private LogFormat() {}

    static byte[] fileHead(long salt) {
        ByteBuffer head = ByteBuffer.allocate(FILE_HEAD_BYTES).put(MAGIC).putLong(salt);
        return head.putInt(checksum(head, 0, SALTED_BYTES)).array();
    }

    /** True for the head of a log of this program, at the start of {@code log}. */
    static boolean isFileHead(ByteBuffer log) {
        if (log.limit() < FILE_HEAD_BYTES) {
            return false;
        }
        byte[] magic = new byte[MAGIC.length];
        log.get(0, magic);
        return Arrays.equals(MAGIC, magic)
                && log.getInt(SALTED_BYTES) == checksum(log, 0, SALTED_BYTES);
    }

    static long salt(ByteBuffer log) {
        return log.getLong(MAGIC.length);
    }

    static int recordBytes(Key key, byte @Nullable [] value) {
        return RECORD_HEAD_BYTES + key.bytes().length + (value == null ? 0 : value.length);
    }

    /** Writes a record at the position of {@code to}; a value of null deletes. */
    static void putRecord(ByteBuffer to, Key key, byte @Nullable [] value) {
        int start = to.position();
        to.putInt(0).putInt(key.bytes().length).putInt(value == null ? DELETED : value.length);
        to.put(key.bytes());
        if (value != null) {
            to.put(value);
        }
        to.putInt(start, checksum(to, start + Integer.BYTES, to.position()));
    }

    /** Fills the head of a frame, whose records lie behind it up to the limit. */
    static void putFrameHead(ByteBuffer frame, long salt, long position) {
        int payload = frame.limit() - FRAME_HEAD_BYTES;
        frame.putLong(0, salt).putInt(8, payload).putInt(12, frameChecksum(position, payload));
    }

    /** The bytes of the frame whose head is at {@code index}; -1 when there is no such head. */
    static int frameBytes(ByteBuffer log, int index, long salt, long position) {
        if (index + FRAME_HEAD_BYTES > log.limit() || log.getLong(index) != salt) {
            return -1;
        }
        int payload = log.getInt(index + 8);
        boolean fits = payload > 0 && payload <= MAX_FRAME_BYTES - FRAME_HEAD_BYTES;
        return fits && log.getInt(index + 12) == frameChecksum(position, payload)
                ? FRAME_HEAD_BYTES + payload
                : -1;
    }

    /** The record at {@code index}, which ends before {@code end}; null when there is none. */
    static @Nullable Entry record(ByteBuffer log, int index, int end) {
        if (end - index < RECORD_HEAD_BYTES) {
            return null;
        }
        int keyBytes = log.getInt(index + 4);
        int valueBytes = log.getInt(index + 8);
        boolean deleted = valueBytes == DELETED;
        long length = (long) RECORD_HEAD_BYTES + keyBytes + (deleted ? 0 : valueBytes);
        if (keyBytes < 0 || valueBytes < DELETED || length > end - index) {
            return null;
        }
        if (log.getInt(index) != checksum(log, index + Integer.BYTES, index + (int) length)) {
            return null;
        }
        byte[] key = new byte[keyBytes];
        log.get(index + RECORD_HEAD_BYTES, key);
        return new Entry(new Key(key), deleted, (int) length);
    }

    private static int frameChecksum(long position, int payload) {
        ByteBuffer both = ByteBuffer.allocate(12).putLong(position).putInt(payload);
        return checksum(both, 0, both.position());
    }

    private static int checksum(ByteBuffer bytes, int from, int to) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.duplicate().limit(to).position(from));
        return (int) crc.getValue();
    }
}
