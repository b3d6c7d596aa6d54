package dev.chime.reactor;

/**
 * Counts of one kind of operation.
 *
 * @param submitted operations started
 * @param completed operations that ended without an error
 * @param failed operations that ended with an error other than ECANCELED
 * @param cancelled operations that ended with ECANCELED
 * @param results what was delivered: one for each operation that ended, and those that came before
 *     it where one operation gives many, as accepting and receiving do
 */
public record OpMetrics(long submitted, long completed, long failed, long cancelled, long results) {
    /** Operations in flight. */
    public long inFlight() {
        return submitted - completed - failed - cancelled;
    }

    /** What happened since an earlier count. */
    OpMetrics since(OpMetrics earlier) {
        return new OpMetrics(
                submitted - earlier.submitted,
                completed - earlier.completed,
                failed - earlier.failed,
                cancelled - earlier.cancelled,
                results - earlier.results);
    }
}
