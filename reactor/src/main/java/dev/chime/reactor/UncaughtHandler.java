package dev.chime.reactor;

/** Takes what callbacks throw. Without one the reactor logs it, stops, and throws it from run. */
@FunctionalInterface
public interface UncaughtHandler {
    /** Takes it on the loop thread; the loop goes on when this returns. */
    void uncaught(Throwable thrown);
}
