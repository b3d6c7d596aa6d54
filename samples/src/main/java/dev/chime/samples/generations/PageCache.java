package dev.chime.samples.generations;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** What the kernel has of a file in memory: made none of it, or all. */
final class PageCache {
    /** cachestat(2), Linux 6.5: one number on every architecture. */
    private static final int SYS_CACHESTAT = 451;

    /** {@code struct cachestat_range}: offset and length; {@code struct cachestat}: 5 counts. */
    private static final int RANGE_BYTES = 16;

    private static final int STAT_BYTES = 40;
    private static final int NR_CACHE_OFFSET = 0;

    private static final int PIECE_BYTES = 1 << 20;

    /** So few blocks of a cold file may have stayed: 1 in 100. */
    private static final int STAYED_LIMIT = 100;

    private PageCache() {}

    /** Brings it to {@code condition}; the result is what must be said of that, or empty. */
    static String prepare(Content content, Condition condition) throws IOException {
        if (condition == Condition.CACHED) {
            fill(content.path(), content.bytes());
            return "";
        }
        try (OpenFile file = OpenFile.of(content.path())) {
            file.advise(OpenFile.DONTNEED);
            long stayed = cachedPages(file);
            return stayed > content.blocks() / STAYED_LIMIT
                    ? "not cold: " + stayed + " pages stayed in memory"
                    : "";
        }
    }

    /** How many pages are in memory; negative when the kernel does not say. */
    private static long cachedPages(OpenFile file) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment range = arena.allocate(RANGE_BYTES); // both 0: the whole file
            MemorySegment stat = arena.allocate(STAT_BYTES);
            long result = file.call(SYS_CACHESTAT, file.number(), range.address(), stat.address());
            return result < 0 ? result : stat.get(ValueLayout.JAVA_LONG, NR_CACHE_OFFSET);
        }
    }

    private static void fill(Path path, long bytes) throws IOException {
        ByteBuffer piece = ByteBuffer.allocateDirect(PIECE_BYTES);
        try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
            long left = bytes;
            while (left > 0) {
                int read = file.read(piece.clear());
                if (read < 0) {
                    throw new IOException(path + " has become shorter; leave it alone");
                }
                left -= read;
            }
        }
    }
}
