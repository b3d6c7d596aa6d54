package dev.chime.reactor;

/**
 * Bounds of a reactor's lanes for blocking work. The threads of the file lane are {@link
 * ReactorOptions#workers}.
 *
 * @param blockingThreads how many calls of {@link Reactor#blocking} run at once, 1 to 65,536; each
 *     has a virtual thread
 * @param blockingQueue how many more may wait, 1 or more; beyond that a call back gets {@code
 *     ERR_LANE_FULL}
 * @param lookupThreads how many names are looked up at once, 1 to 1024; each has a platform thread
 * @param lookupQueue how many more may wait, 1 or more
 */
public record LaneOptions(
        int blockingThreads, int blockingQueue, int lookupThreads, int lookupQueue) {
    private static final LaneOptions DEFAULTS = new LaneOptions(64, 65_536, 4, 65_536);

    /** Checks every value. */
    public LaneOptions {
        check("blockingThreads", blockingThreads, 65_536);
        check("blockingQueue", blockingQueue, Integer.MAX_VALUE);
        check("lookupThreads", lookupThreads, 1024);
        check("lookupQueue", lookupQueue, Integer.MAX_VALUE);
    }

    private static void check(String name, int value, int most) {
        if (value < 1 || value > most) {
            throw new IllegalArgumentException(name + " is " + value + ": use 1 to " + most);
        }
    }

    /** 64 calls and 4 look-ups at once, 65,536 more of each waiting. */
    public static LaneOptions defaults() {
        return DEFAULTS;
    }

    /** These options with other bounds for the user's blocking work. */
    public LaneOptions blocking(int threads, int queue) {
        return new LaneOptions(threads, queue, lookupThreads, lookupQueue);
    }

    /** These options with other bounds for look-ups. */
    public LaneOptions lookups(int threads, int queue) {
        return new LaneOptions(blockingThreads, blockingQueue, threads, queue);
    }
}
