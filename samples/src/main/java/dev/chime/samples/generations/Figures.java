package dev.chime.samples.generations;

/**
 * What one run came to.
 *
 * @param reads how many it made
 * @param seconds how long it took
 * @param p50Micros how long the median read took, from its start until its bytes were there
 * @param p99Micros the same of 99 in 100 reads at the most
 * @param cpuMicros CPU time of the process for each read, all threads together
 * @param inCalls the part of the time that the calling thread spent in the calls that begin reads,
 *     from 0 to 1
 * @param longestMicros the longest such call
 */
record Figures(
        long reads,
        double seconds,
        double p50Micros,
        double p99Micros,
        double cpuMicros,
        double inCalls,
        double longestMicros) {

    double readsPerSecond() {
        return reads / seconds;
    }
}
