package dev.chime.fs;

import dev.chime.reactor.libc.FlockLayout;
import dev.chime.reactor.libc.Memory;

/**
 * A part of a file to be locked, and how.
 *
 * @param start the first byte, from 0
 * @param length how many bytes; 0 is up to the end, wherever that will be
 * @param shared whether others may hold shared locks of the same bytes; else nobody may hold any
 */
public record LockRange(long start, long length, boolean shared) {
    /** Checks both numbers. */
    public LockRange {
        Arguments.range(start, length);
    }

    /** The whole file, for one alone: who wants to write. */
    public static LockRange exclusive() {
        return new LockRange(0, 0, false);
    }

    /** The whole file, together with others: who wants to read. */
    public static LockRange sharedLock() {
        return new LockRange(0, 0, true);
    }

    /** The same lock of another part of the file. */
    public LockRange range(long from, long bytes) {
        return new LockRange(from, bytes, shared);
    }

    /** Writes the struct flock. */
    void put(long flock, boolean unlock) {
        int type = shared ? FlockLayout.F_RDLCK : FlockLayout.F_WRLCK;
        Memory.putLong(flock, unlock ? FlockLayout.F_UNLCK : type); // and l_whence, SEEK_SET
        Memory.putLong(flock + FlockLayout.L_START, start);
        Memory.putLong(flock + FlockLayout.L_LEN, length);
        Memory.putLong(flock + FlockLayout.L_PID, 0);
    }
}
