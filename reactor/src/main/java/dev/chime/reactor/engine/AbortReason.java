package dev.chime.reactor.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Why an abort signal ends what it ends: the cause of the errors that are made for it. It is known
 * in the call that aborts, goes along with the slots that are cancelled there, and is known again
 * while their completions run.
 */
public final class AbortReason {
    private static final ThreadLocal<@Nullable Throwable> CURRENT = new ThreadLocal<>();

    private AbortReason() {}

    /** Work that may fail as {@code E}. */
    @FunctionalInterface
    public interface Work<E extends Exception> {
        /** Does it. */
        void run() throws E;
    }

    /** Does what ends for a reason; null: for that of before, if any. */
    public static <E extends Exception> void during(@Nullable Throwable reason, Work<E> work)
            throws E {
        if (reason == null) {
            work.run();
        } else {
            with(reason, work);
        }
    }

    /** Does what the program asks for by itself, also inside a callback that hears of an abort. */
    public static void outside(Runnable work) {
        if (CURRENT.get() == null) {
            work.run();
        } else {
            with(null, work::run);
        }
    }

    private static <E extends Exception> void with(@Nullable Throwable reason, Work<E> work)
            throws E {
        Throwable before = CURRENT.get();
        CURRENT.set(reason);
        try {
            work.run();
        } finally {
            CURRENT.set(before);
        }
    }

    /** Makes an error of what ends for a reason. */
    public static <T> T caused(@Nullable Throwable reason, Supplier<T> error) {
        List<T> made = new ArrayList<>(1);
        during(reason, () -> made.add(error.get()));
        return made.getFirst();
    }

    /** The reason for which this thread ends something now; null when there is none. */
    public static @Nullable Throwable current() {
        return CURRENT.get();
    }
}
