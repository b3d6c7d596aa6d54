package dev.chime.reactor;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Who listens to which signal, in the whole process: the first listener of a signal takes its
 * handler over, the last one puts the one before back.
 */
final class Signals {
    private static final Map<String, Source> SOURCES = new HashMap<>();

    /** One signal that somebody listens to. */
    private static final class Source {
        private final List<SignalListener> listeners = new CopyOnWriteArrayList<>();
        private final Object previous;

        Source(String name) {
            previous = JvmSignals.install(name, JvmSignals.handler(this::raised));
        }

        private void raised() {
            listeners.forEach(SignalListener::raised);
        }
    }

    private Signals() {}

    /** Adds a listener; any thread. */
    static void add(SignalListener listener) {
        synchronized (SOURCES) {
            Source source = SOURCES.get(listener.signal());
            if (source == null) {
                source = new Source(listener.signal());
                SOURCES.put(listener.signal(), source);
            }
            source.listeners.add(listener);
        }
    }

    /** Removes one; any thread. */
    static void remove(SignalListener listener) {
        synchronized (SOURCES) {
            Source source = SOURCES.get(listener.signal());
            if (source != null && source.listeners.remove(listener) && source.listeners.isEmpty()) {
                SOURCES.remove(listener.signal());
                JvmSignals.install(listener.signal(), source.previous);
            }
        }
    }
}
