package dev.chime.reactor;

import dev.chime.reactor.engine.CallSite;
import dev.chime.reactor.engine.Fd;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Open descriptors that the program holds by an object. When the garbage collector finds one of
 * those unused the program has lost it: nobody can close the descriptor any more but the loop,
 * which looks for such objects once a turn. So there is no thread for it.
 */
final class Leaks implements Fd.Watch {
    private static final class Held extends WeakReference<Object> {
        final Fd fd;
        final Object name;
        final @Nullable CallSite site = CallSite.current();

        Held(Object holder, ReferenceQueue<Object> dropped, Fd fd, Object name) {
            super(holder, dropped);
            this.fd = fd;
            this.name = name;
        }
    }

    private final ReferenceQueue<Object> dropped = new ReferenceQueue<>();
    private final Map<Fd, Held> held = new HashMap<>();
    private final Consumer<Fd> close;

    /** Descriptors that were lost go to {@code close}. */
    Leaks(Consumer<Fd> close) {
        this.close = close;
    }

    @Override
    public void held(Fd fd, Object holder, Object name) {
        held.put(fd, new Held(holder, dropped, fd, name));
    }

    /** The descriptor is being closed. */
    void closes(Fd fd) {
        Held of = held.remove(fd);
        if (of != null) {
            of.clear();
        }
    }

    /** Reports the descriptors that were lost since the last time, and has them closed. */
    void collect() {
        if (held.isEmpty()) {
            return;
        }
        for (Reference<?> lost = dropped.poll(); lost != null; lost = dropped.poll()) {
            Held of = (Held) lost;
            if (held.remove(of.fd) != null) {
                report("was dropped without close(): the reactor closes it", of);
                close.accept(of.fd);
            }
        }
    }

    /** At the end, in trace mode, reports a descriptor that is still open. */
    void leftOver(Fd fd) {
        Held of = held.remove(fd);
        if (of != null && CallSite.ON) {
            report("is still open at the end of the reactor", of);
        }
    }

    private static void report(String what, Held of) {
        if (of.site != null) {
            Log.LOG.warn("{} {}", of.name, what, of.site);
        } else {
            Log.LOG.warn("{} {}; -Dchime.trace=true tells who opened it", of.name, what);
        }
    }
}
