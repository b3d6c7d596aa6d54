package dev.chime.reactor.stream;

import dev.chime.reactor.internal.Core;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The pipes of a reactor by their source, so that a stream can be unpiped without a field in each
 * kind of stream. A pipe is here from its start until it is over.
 */
final class Pipes {
    private final IdentityHashMap<Readable, List<Pipe>> bySource = new IdentityHashMap<>();

    private Pipes() {}

    static Pipes of(Core core) {
        return core.part(Pipes.class, Pipes::new);
    }

    /** Adds the pipe that the data takes from now on. */
    void add(Readable from, Pipe pipe) {
        List<Pipe> pipes = bySource.computeIfAbsent(from, key -> new ArrayList<>(1));
        pipes.forEach(Pipe::replaced);
        pipes.add(pipe);
    }

    void remove(Readable from, Pipe pipe) {
        List<Pipe> pipes = bySource.get(from);
        if (pipes != null && pipes.remove(pipe) && pipes.isEmpty()) {
            bySource.remove(from);
        }
    }

    /** Ends the pipes to {@code to}, or all; without the one that takes the data nothing flows. */
    static void unpipe(Readable from, @Nullable Writable to) {
        Core core = Core.of(from.reactor());
        core.checkThread("Readable.unpipe");
        List<Pipe> pipes = List.copyOf(of(core).bySource.getOrDefault(from, List.of()));
        for (int i = 0; i < pipes.size(); i++) {
            Pipe pipe = pipes.get(i);
            if (to == null || pipe.goesTo(to)) {
                pipe.over();
                if (i == pipes.size() - 1) {
                    from.pause();
                    if (from instanceof ReadableBase base) {
                        base.unpiped();
                    }
                }
            }
        }
    }
}
