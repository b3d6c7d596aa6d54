package dev.chime.reactor.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Who hears of one kind of event, in the order in which they were added. Most events have one
 * listener, which takes no list.
 *
 * @param <H> the handler's type
 */
public final class Handlers<H> {
    /** A handler that may have done its part; then it is let go of when the next one is added. */
    public interface Temporary {
        /** True for ever once it need not be called any more. */
        boolean isOver();
    }

    private @Nullable H first;
    private @Nullable List<H> others;

    /** Makes an empty list. */
    public Handlers() {}

    /** Adds a handler behind the others, of which it drops those that are over. */
    public void add(H handler) {
        prune();
        if (first == null) {
            first = handler;
        } else {
            if (others == null) {
                others = new ArrayList<>(2);
            }
            others.add(handler);
        }
    }

    private void prune() {
        if (others != null) {
            others.removeIf(Handlers::isOver);
        }
        if (isOver(first)) {
            first = others == null || others.isEmpty() ? null : others.removeFirst();
        }
    }

    private static boolean isOver(@Nullable Object handler) {
        return handler instanceof Temporary temporary && temporary.isOver();
    }

    /** Calls {@code call} with each; those added meanwhile are not called. */
    public void each(Consumer<H> call) {
        H one = first;
        List<H> more = others == null ? List.of() : List.copyOf(others);
        if (one != null) {
            call.accept(one);
        }
        more.forEach(call);
    }
}
