package dev.chime.fs;

/** Hears that a stream's file has been opened. */
@FunctionalInterface
public interface OpenHandler {
    /**
     * Takes the file, which the stream goes on using.
     *
     * @throws Exception goes to the reactor's uncaught handler
     */
    void opened(FileHandle file) throws Exception;
}
