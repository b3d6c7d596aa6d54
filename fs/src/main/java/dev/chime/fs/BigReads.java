package dev.chime.fs;

import java.util.ArrayDeque;

/**
 * Whole files that need more than a first buffer take turns, however many are asked for at once.
 *
 * <p>All are copied to their arrays on the loop's thread, so that more at once would not be faster;
 * but turns of the loop would take longer, and the heap would have to hold the arrays of all of
 * them, where fresh pages cost more than the copy. Files larger than {@link #BYTES} wait for each
 * other only.
 */
final class BigReads {
    /** The sizes of those under way together; one alone may be larger. */
    static final int BYTES = 4 << 20;

    private final ArrayDeque<ReadFile> waiting = new ArrayDeque<>();
    private long bytes;

    /** Starts the rest of a file, now or when others have ended. */
    void add(ReadFile file) {
        if (waiting.isEmpty() && hasRoom(file)) {
            start(file);
        } else {
            waiting.add(file);
        }
    }

    private boolean hasRoom(ReadFile file) {
        return bytes == 0 || bytes + file.size() <= BYTES;
    }

    private void start(ReadFile file) {
        bytes += file.size();
        file.readOn();
    }

    /** Takes a file back that waits; false when it has started. */
    boolean withdraw(ReadFile file) {
        return waiting.remove(file);
    }

    /** A file that had started is over. */
    void ended(ReadFile file) {
        bytes -= file.size();
        while (!waiting.isEmpty() && hasRoom(waiting.getFirst())) {
            start(waiting.removeFirst());
        }
    }
}
