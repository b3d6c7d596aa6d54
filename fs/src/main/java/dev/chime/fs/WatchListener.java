package dev.chime.fs;

/** Hears what changes in a watched file or folder. */
@FunctionalInterface
public interface WatchListener {
    /**
     * Hears of one change, in the order in which they happened.
     *
     * @throws Exception goes to the reactor's uncaught handler
     */
    void changed(FileEvent event) throws Exception;
}
