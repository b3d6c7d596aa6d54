package dev.chime.reactor;

/**
 * Threads for blocking work, and what they have to do, at one moment.
 *
 * @param name {@code blocking}, the user's work, or {@code lookup}, names of hosts
 * @param threads threads that live now
 * @param active calls that run now
 * @param queued calls that wait for a thread
 * @param completed calls that have run
 */
public record LaneMetrics(String name, int threads, int active, int queued, long completed) {}
