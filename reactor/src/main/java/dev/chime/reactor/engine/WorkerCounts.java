package dev.chime.reactor.engine;

/**
 * How the file threads of an engine stand.
 *
 * @param threads how many there may be
 * @param queued operations that no thread has begun
 * @param running operations that a thread is performing
 * @param cancelled operations that were taken back before a thread began
 * @param done what has come to its end
 */
public record WorkerCounts(
        int threads, int queued, int running, long cancelled, LaneCounters done) {
    /** Threads that have never had anything to do. */
    public static WorkerCounts unused(int threads) {
        return new WorkerCounts(threads, 0, 0, 0, new LaneCounters());
    }
}
