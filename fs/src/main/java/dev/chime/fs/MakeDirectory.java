package dev.chime.fs;

import dev.chime.reactor.Callback;
import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.engine.Op;
import dev.chime.reactor.engine.Slot;
import dev.chime.reactor.internal.Core;
import dev.chime.reactor.libc.Const;
import dev.chime.reactor.libc.ErrnoCode;
import java.nio.file.Path;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** One {@code mkdir} with options, or one {@code mkdtemp}: gives the path of what it made. */
final class MakeDirectory extends Steps {
    private static final String ALPHABET =
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    private static final int RANDOM_CHARACTERS = 6;

    /** Of 56 thousand million names. */
    static final int MAX_ATTEMPTS = 100;

    static final int PRIVATE_MODE = 0700;

    private final String name;
    private final Callback<@Nullable Path> callback;
    private @Nullable Path made;

    private MakeDirectory(Core core, String name, Callback<@Nullable Path> callback) {
        super(core);
        this.name = name;
        this.callback = callback;
    }

    static MakeDirectory mkdir(
            Core core, Path path, MkdirOptions options, Callback<@Nullable Path> callback) {
        MakeDirectory call = new MakeDirectory(core, "mkdir", callback);
        if (options.recursive()) {
            new Mkdirs(
                            call,
                            path,
                            options.mode(),
                            (result, at, first) -> call.made(result, first, at))
                    .start();
        } else {
            call.make(path, options.mode(), result -> call.made(result, path, path));
        }
        return call;
    }

    static MakeDirectory mkdtemp(Core core, String prefix, Callback<Path> callback) {
        MakeDirectory call =
                new MakeDirectory(
                        core,
                        "mkdtemp",
                        (err, path) -> callback.call(err, path == null ? Arguments.none() : path));
        call.makeRandom(prefix, 1);
        return call;
    }

    /** A path that nobody has, as good as surely. */
    static Path randomPath(String prefix, String suffix) {
        StringBuilder text = new StringBuilder(prefix);
        for (int i = 0; i < RANDOM_CHARACTERS; i++) {
            text.append(ALPHABET.charAt(ThreadLocalRandom.current().nextInt(ALPHABET.length())));
        }
        return Path.of(text.append(suffix).toString());
    }

    private void makeRandom(String prefix, int attempt) {
        Path path = randomPath(prefix, "");
        make(
                path,
                PRIVATE_MODE,
                result -> {
                    if (result == -ErrnoCode.EEXIST && attempt < MAX_ATTEMPTS && !halted()) {
                        makeRandom(prefix, attempt + 1);
                    } else {
                        made(result, path, path);
                    }
                });
    }

    private void make(Path path, int mode, IntConsumer then) {
        Slot slot = step(Op.MKDIRAT, (completed, result) -> then.accept(result));
        slot.fd = Const.AT_FDCWD;
        slot.length = mode;
        NativePath.put(core, slot, path, 0);
        submit(slot);
    }

    private void made(int result, @Nullable Path first, Path path) {
        if (result < 0) {
            int error = stopped() ? stopErrno() : result;
            fail(ErrnoException.file(error, name, path.toString()));
        } else {
            made = first;
        }
    }

    @Override
    void advance() {}

    @Override
    void conclude(@Nullable ReactorException err) throws Exception {
        if (err != null) {
            callback.call(err, Arguments.none());
        } else {
            callback.call(null, made);
        }
    }

    @Override
    String name() {
        return name;
    }

    @Override
    public String toString() {
        return name;
    }
}
