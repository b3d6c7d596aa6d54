package dev.chime.fs;

import org.jspecify.annotations.Nullable;

/** Hears what a {@link StatWatcher} finds changed. */
@FunctionalInterface
public interface StatListener {
    /**
     * Hears of metadata that differ from those before.
     *
     * @param current what there is now, null when nothing can be found
     * @param previous what there was, null when nothing could be found
     * @throws Exception goes to the reactor's uncaught handler
     */
    void changed(@Nullable Stats current, @Nullable Stats previous) throws Exception;
}
