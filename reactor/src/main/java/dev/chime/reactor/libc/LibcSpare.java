package dev.chime.reactor.libc;

import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * One {@link Libc} for a system call that any thread may make now and then.
 *
 * <p>A caller takes it and gives it back, and allocates nothing. A second caller at the same moment
 * gets one of its own, which it gives back as well.
 */
public final class LibcSpare implements AutoCloseable {
    private final AtomicReference<@Nullable Libc> spare = new AtomicReference<>(new Libc());

    /** Takes one for the calling thread; any thread. */
    public Libc take() {
        Libc libc = spare.getAndSet(null);
        return libc != null ? libc : new Libc();
    }

    /** Gives it back; any thread. */
    public void give(Libc libc) {
        if (!spare.compareAndSet(null, libc)) {
            libc.close();
        }
    }

    /** Frees the spare; nobody may be between take and give. */
    @Override
    public void close() {
        take().close();
    }
}
