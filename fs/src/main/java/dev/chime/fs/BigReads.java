package dev.chime.fs;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Whole files that need more than a first buffer take turns, however many are asked for at once.
 *
 * <p>More at once would not be faster: arrays are filled on the loop's thread, and buffers by few
 * processors. But turns of the loop would take longer, and memory would have to hold all of them,
 * where fresh pages cost more than the copy. Files larger than {@link #BYTES} wait for each other
 * only.
 */
final class BigReads {
    /** The sizes of those under way together; one alone may be larger. */
    static final int BYTES = 4 << 20;

    private final Lane large = new Lane();
    private final Lane huge = new Lane();
    private byte @Nullable [] decodeBuffer;

    /** Files that wait for each other. */
    private static final class Lane {
        private final ArrayDeque<ReadFile> waiting = new ArrayDeque<>();
        private long bytes;

        boolean hasRoom(ReadFile file) {
            return bytes == 0 || bytes + file.size() <= BYTES;
        }

        void start(ReadFile file) {
            bytes += file.size();
            file.readOn();
        }
    }

    private Lane lane(ReadFile file) {
        return file.size() > BYTES ? huge : large;
    }

    /** Starts the rest of a file, now or when others have ended. */
    void add(ReadFile file) {
        Lane lane = lane(file);
        if (lane.waiting.isEmpty() && lane.hasRoom(file)) {
            lane.start(file);
        } else {
            lane.waiting.add(file);
        }
    }

    /** Takes a file back that waits; false when it has started. */
    boolean withdraw(ReadFile file) {
        return lane(file).waiting.remove(file);
    }

    /** A file that had started is over. */
    void ended(ReadFile file) {
        Lane lane = lane(file);
        lane.bytes -= file.size();
        while (!lane.waiting.isEmpty() && lane.hasRoom(lane.waiting.getFirst())) {
            lane.start(lane.waiting.removeFirst());
        }
    }

    /** Where files too small to take a turn rest between native memory and their text. */
    byte[] decodeBuffer() {
        if (decodeBuffer == null) {
            decodeBuffer = new byte[ReadFile.FIRST_BYTES];
        }
        return decodeBuffer;
    }
}
