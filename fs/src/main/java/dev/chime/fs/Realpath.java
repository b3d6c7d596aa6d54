package dev.chime.fs;

import dev.chime.reactor.Callback;
import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.libc.ErrnoCode;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One {@code realpath}: follows the names of a path one by one, and every link on the way. */
final class Realpath extends Steps {
    /** As many as the kernel follows in one path (path_resolution(7)). */
    private static final int MAX_LINKS = 40;

    private static final Path UP = Path.of("..");
    private static final Path HERE = Path.of(".");

    private final Path path;
    private final Callback<Path> callback;
    private final ArrayDeque<Path> rest = new ArrayDeque<>();
    private Path resolved;
    private int links;
    private boolean complete;

    Realpath(Core core, Path path, Callback<Path> callback) {
        super(core);
        this.path = path;
        this.callback = callback;
        Path absolute = path.toAbsolutePath();
        resolved = Objects.requireNonNull(absolute.getRoot());
        absolute.forEach(rest::add);
    }

    Realpath start() {
        next();
        return this;
    }

    private void next() {
        Path name = rest.poll();
        while (HERE.equals(name)) {
            name = rest.poll();
        }
        if (name == null) {
            complete = true;
            if (inFlight() == 0 && links == 0 && resolved.getNameCount() == 0) {
                submit(step(Op.NOP, (slot, result) -> {})); // the root alone: no question asked
            }
        } else if (!halted()) {
            ask(name);
        }
    }

    private void ask(Path name) {
        Path candidate = resolved.resolve(name);
        ReadLink.ask(
                this, candidate, (result, target) -> answered(name, candidate, result, target));
    }

    private void answered(Path name, Path candidate, int result, byte @Nullable [] target) {
        if (result == -ErrnoCode.EINVAL) { // not a link
            Path parent = resolved.getParent();
            if (!name.equals(UP)) {
                resolved = candidate;
            } else if (parent != null) {
                resolved = parent;
            }
        } else if (target == null) {
            fail(ErrnoException.file(result, "realpath", path.toString()));
            return;
        } else if (++links > MAX_LINKS) {
            fail(ErrnoException.file(ErrnoCode.ELOOP, "realpath", path.toString()));
            return;
        } else {
            follow(NativePath.decode(target));
        }
        next();
    }

    private void follow(Path link) {
        Path root = link.getRoot();
        if (root != null) {
            resolved = root;
        }
        for (int i = link.getNameCount() - 1; i >= 0; i--) {
            rest.push(link.getName(i));
        }
    }

    @Override
    void advance() {}

    @Override
    void conclude(@Nullable ReactorException err) throws Exception {
        ReactorException failure = err;
        if (failure == null && !complete) {
            failure = stoppedError();
        }
        if (failure != null) {
            callback.call(failure, Arguments.none());
        } else {
            callback.call(null, resolved);
        }
    }

    @Override
    String name() {
        return "realpath";
    }

    @Override
    public String toString() {
        return "realpath " + path;
    }
}
