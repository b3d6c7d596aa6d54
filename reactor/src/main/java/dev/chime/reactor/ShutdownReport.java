package dev.chime.reactor;

import java.time.Duration;

/**
 * What the end of a reactor found and what it cut short; from {@link Reactor#shutdownReport}.
 *
 * @param handles servers, sockets and the like that were open and were destroyed
 * @param blockingCalls calls of {@link Reactor#blocking} and look-ups that got ECANCELED
 * @param cancelled operations that ended with ECANCELED, those asked for meanwhile included
 * @param finished operations that ended with their true result all the same; closes do not count
 * @param tasks tasks of {@link Reactor#execute} that had been accepted and were still run, and
 *     outcomes of blocking calls that came late
 * @param unfinished operations that did not end by {@link ReactorOptions#shutdownDeadline}: their
 *     memory and the engine are leaked on purpose, because the kernel may still write there
 * @param unfinishedOperations one word for each of these; empty when there are none
 * @param runningThreads threads of lanes that ignore their interrupt and go on
 * @param took how long the end took
 */
public record ShutdownReport(
        int handles,
        int blockingCalls,
        int cancelled,
        int finished,
        int tasks,
        int unfinished,
        String unfinishedOperations,
        int runningThreads,
        Duration took) {
    /** True when nothing was left behind. */
    public boolean isComplete() {
        return unfinished == 0 && runningThreads == 0;
    }
}
