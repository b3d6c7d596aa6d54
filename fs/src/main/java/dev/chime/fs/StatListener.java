package dev.chime.fs;

/** Hears what a {@link StatWatcher} finds changed. */
@FunctionalInterface
public interface StatListener {
    /**
     * Hears of metadata that differ from those before. Where there is no file all numbers are 0 and
     * all times {@link java.time.Instant#EPOCH}, as in Node: {@link Stats#exists} is false.
     *
     * @param current what there is now
     * @param previous what there was
     * @throws Exception goes to the reactor's uncaught handler
     */
    void changed(Stats current, Stats previous) throws Exception;
}
