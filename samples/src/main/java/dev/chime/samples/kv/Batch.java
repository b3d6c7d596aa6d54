package dev.chime.samples.kv;

import dev.chime.reactor.Done;
import dev.chime.reactor.ReactorException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Records that go to the disk together, as one frame, and those who wait for it. */
final class Batch {
    /** A batch of this size takes no more records. */
    private static final int FULL_BYTES = 1 << 20;

    private static final int FIRST_BYTES = 4096;

    private final long number;
    private final List<Entry> entries = new ArrayList<>();
    private final List<Done> waiting = new ArrayList<>();
    private ByteBuffer frame =
            ByteBuffer.allocate(FIRST_BYTES).position(LogFormat.FRAME_HEAD_BYTES);

    Batch(long number) {
        this.number = number;
    }

    /** Batches are committed in the order of their numbers. */
    long number() {
        return number;
    }

    boolean isFull() {
        return frame.position() >= FULL_BYTES;
    }

    /** Bytes of the frame. */
    int bytes() {
        return frame.position();
    }

    Entry add(Key key, byte @Nullable [] value) {
        Entry entry = new Entry(key, value == null, LogFormat.recordBytes(key, value));
        entry.batch = this;
        entry.position = frame.position(); // from the start of the frame, until that has a place
        entries.add(entry);
        if (frame.remaining() < entry.length) {
            int room = Math.max(2 * frame.capacity(), frame.position() + entry.length);
            frame = ByteBuffer.allocate(room).put(frame.flip());
        }
        LogFormat.putRecord(frame, key, value);
        return entry;
    }

    void onSettled(Done done) {
        waiting.add(done);
    }

    List<Entry> entries() {
        return entries;
    }

    /** The frame for the end of the log; nothing is added after that. */
    ByteBuffer seal(Log log) {
        frame.flip();
        LogFormat.putFrameHead(frame, log.salt, log.end);
        return frame;
    }

    /** Tells those who wait, in the order in which they came. */
    void settled(@Nullable ReactorException err) throws Exception {
        for (Done done : waiting) {
            done.call(err);
        }
    }
}
