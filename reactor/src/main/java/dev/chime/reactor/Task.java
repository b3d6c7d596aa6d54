package dev.chime.reactor;

/** Something to run on the loop thread; it may throw, and goes to the uncaught handler then. */
@FunctionalInterface
public interface Task {
    /** Runs once. */
    void run() throws Exception;
}
