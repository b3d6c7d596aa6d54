package dev.chime.fs;

import dev.chime.reactor.libc.Memory;
import dev.chime.reactor.libc.TimespecLayout;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** The two times of utimensat(2), access and modification. */
final class Times {
    /** Bytes that both take. */
    static final int SIZE = 2 * TimespecLayout.SIZE;

    /** {@code UTIME_OMIT} of linux/stat.h: leaves a time as it is. */
    private static final long OMIT = (1L << 30) - 2;

    private Times() {}

    /** Writes both; null stands for the time that the file has. */
    static void put(long address, @Nullable Instant atime, @Nullable Instant mtime) {
        putOne(address, atime);
        putOne(address + TimespecLayout.SIZE, mtime);
    }

    private static void putOne(long address, @Nullable Instant time) {
        Memory.putLong(address + TimespecLayout.TV_SEC, time == null ? 0 : time.getEpochSecond());
        Memory.putLong(address + TimespecLayout.TV_NSEC, time == null ? OMIT : time.getNano());
    }
}
