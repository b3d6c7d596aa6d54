package dev.chime.reactor;

import dev.chime.reactor.engine.Op;
import dev.chime.reactor.libc.ErrnoCode;

/** How many operations of each kind have ended, and how. The loop writes, any thread reads. */
final class OpCounts {
    /** A row for each operation. */
    static final int ROWS = Op.values().length;

    private static final int ENDED = 0;
    private static final int MORE = 1;
    private static final int FAILED = 2;
    private static final int CANCELLED = 3;
    private static final int COLUMN_BITS = 2;

    private final long[] counts = new long[ROWS << COLUMN_BITS];

    /** An operation's place among the rows. */
    @SuppressWarnings("EnumOrdinal") // an array's index, never kept
    static int row(Op op) {
        return op.ordinal();
    }

    /** Counts one result. */
    void delivered(Op op, int result, boolean more) {
        int row = row(op) << COLUMN_BITS;
        counts[row + (more ? MORE : ENDED)]++;
        if (result < 0) {
            counts[row + (result == -ErrnoCode.ECANCELED ? CANCELLED : FAILED)]++;
        }
    }

    /** A row's counts beside those still in flight. */
    OpMetrics metrics(Op op, long inFlight) {
        int row = row(op) << COLUMN_BITS;
        long ended = counts[row + ENDED];
        long failed = counts[row + FAILED];
        long cancelled = counts[row + CANCELLED];
        return new OpMetrics(
                ended + inFlight,
                ended - failed - cancelled,
                failed,
                cancelled,
                ended + counts[row + MORE]);
    }
}
