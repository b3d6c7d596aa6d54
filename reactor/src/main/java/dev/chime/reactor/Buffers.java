package dev.chime.reactor;

import dev.chime.reactor.engine.CallSite;
import dev.chime.reactor.engine.Chunk;
import java.util.ArrayList;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Buffer objects, used again; in poison mode never, so that a late use is always noticed.
 *
 * <p>In poison and trace mode it remembers where each was made, for the census at the end.
 */
final class Buffers {
    private static final int MOST_PLACES = 10;

    /** A power of two: of so many releases one sets the free list aside, as slots do. */
    private static final int ASIDE_EVERY = 256;

    /** Buffers made at one place and still in use at the end; its stack is that place. */
    private static final class Leak extends Throwable {
        private static final long serialVersionUID = 1;

        Leak(String message, StackTraceElement[] place) {
            super(message, null, false, true);
            setStackTrace(place);
        }
    }

    private final boolean poison;
    private final @Nullable Map<Buffer, @Nullable CallSite> places;
    private @Nullable Buffer free;
    private @Nullable Buffer aside;
    private int inUse;
    private int releases;

    Buffers(boolean poison) {
        this.poison = poison;
        places = poison || CallSite.ON ? new IdentityHashMap<>() : null;
    }

    /**
     * A buffer over a part of {@code chunk}; takes over one of the chunk's uses.
     *
     * @param call the user's call that makes it; null for received bytes
     */
    Buffer wrap(Chunk chunk, int offset, int bytes, @Nullable String call) {
        Buffer buffer = free;
        if (buffer == null) {
            buffer = refill();
        }
        free = buffer.next;
        buffer.next = null;
        buffer.open(chunk, offset, bytes);
        inUse++;
        if (places != null) {
            places.put(buffer, call == null ? CallSite.current() : CallSite.of(call));
        }
        return buffer;
    }

    private Buffer refill() {
        Buffer first = aside;
        aside = null;
        return first == null ? new Buffer(this) : first;
    }

    void reclaim(Buffer buffer) {
        inUse--;
        if (places != null) {
            places.remove(buffer);
        }
        if (!poison) {
            buffer.next = free;
            free = buffer;
            if ((++releases & (ASIDE_EVERY - 1)) == 0 && aside == null) {
                aside = free;
                free = null;
            }
        }
    }

    int inUse() {
        return inUse;
    }

    /**
     * Looks, at the end, for memory that nobody has given back. In poison mode it fails the run, so
     * that tests find leaks; in trace mode it is logged.
     */
    void census(int chunks, Callbacks callbacks) {
        if (chunks == 0 && inUse == 0) {
            return;
        }
        String text =
                "the reactor ended with %d buffers and %d chunks in use: a release() is missing"
                        .formatted(inUse, chunks);
        if (poison) {
            AssertionError error = new AssertionError(text);
            leaks().forEach(error::addSuppressed);
            callbacks.failWith(error);
        } else if (CallSite.ON) {
            Log.LOG.warn(text);
            leaks().forEach(leak -> Log.LOG.warn("still in use", leak));
        }
    }

    private List<Leak> leaks() {
        Map<List<StackTraceElement>, List<Buffer>> byPlace = new LinkedHashMap<>();
        if (places != null) {
            places.forEach((buffer, site) -> {
                List<StackTraceElement> place =
                        site == null ? List.of() : List.of(site.getStackTrace());
                byPlace.computeIfAbsent(place, none -> new ArrayList<>()).add(buffer);
            });
        }
        List<Leak> leaks = new ArrayList<>();
        byPlace.forEach((place, buffers) -> leaks.add(leak(place, buffers)));
        return leaks.subList(0, Math.min(MOST_PLACES, leaks.size()));
    }

    private static Leak leak(List<StackTraceElement> place, Collection<Buffer> buffers) {
        long bytes = buffers.stream().mapToLong(Buffer::length).sum();
        String where =
                place.isEmpty() ? "received; -Dchime.trace=true tells by which call" : "made here";
        return new Leak(
                "%d buffers of together %d bytes, %s".formatted(buffers.size(), bytes, where),
                place.toArray(StackTraceElement[]::new));
    }
}
