package dev.chime.reactor.engine.sim;

import dev.chime.reactor.libc.ErrnoCode;
import java.util.HashSet;
import java.util.Set;

/** The space of a disk, to the byte: what the content of its files takes, and what is left. */
public final class SimSpace {
    /** More than anybody fills: a tebibyte, as statfs(2) has it. */
    static final long UNBOUNDED = 1L << 40;

    private final SimDirectory root;
    private long capacity;

    SimSpace(SimDirectory root, long capacity) {
        this.root = root;
        this.capacity = capacity;
    }

    /** Bounds it from now on. */
    public void bound(long bytes) {
        capacity = bytes;
    }

    long capacity() {
        return capacity;
    }

    /** What is left, or 0. */
    long free() {
        return Math.max(0, capacity - taken(root, new HashSet<>()));
    }

    private static long taken(SimDirectory directory, Set<SimNode> seen) {
        long bytes = 0;
        for (SimNode node : directory.entries.values()) {
            if (node instanceof SimDirectory below) {
                bytes += taken(below, seen);
            } else if (node instanceof SimRegular file && seen.add(file)) {
                bytes += file.taken();
            }
        }
        return bytes;
    }

    /** How many of {@code count} bytes from a place on a file may get; ENOSPC when none. */
    int admitted(SimRegular file, long at, int count) {
        if (capacity == UNBOUNDED || count == 0) {
            return count;
        }
        long most = free() + file.taken();
        int low = 0;
        int high = count;
        while (low < high) {
            int middle = low + (high - low + 1) / 2;
            if (file.taken(at, middle) <= most) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low == 0 ? -ErrnoCode.ENOSPC : low;
    }

    /** Whether a file may get space for all its bytes from a place on. */
    boolean holds(SimRegular file, long at, long count) {
        return capacity == UNBOUNDED || file.taken(at, count) <= free() + file.taken();
    }
}
