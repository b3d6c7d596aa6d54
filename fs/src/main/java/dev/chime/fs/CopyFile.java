package dev.chime.fs;

import dev.chime.reactor.Done;
import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.internal.Core;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** One {@code copyFile}. */
final class CopyFile extends Steps {
    private final Path source;
    private final Path dest;
    private final Done callback;
    private final Reporter reporter;
    private final FileCopy copy;

    CopyFile(Core core, Path source, Path dest, CopyOptions options, Done callback) {
        super(core);
        this.source = source;
        this.dest = dest;
        this.callback = callback;
        reporter = new Reporter(core, options.progress());
        copy =
                new FileCopy(
                        this,
                        NameAt.of(source),
                        NameAt.of(dest),
                        options,
                        false,
                        reporter,
                        this::copied);
    }

    CopyFile start() {
        copy.start();
        return this;
    }

    /** Copies between descriptors, which it closes; what is incomplete stays, for the caller. */
    CopyFile start(int in, Facts from, int out, Facts to, boolean created) {
        copy.start(in, from, out, to, created);
        return this;
    }

    private void copied(int result, boolean begun) {
        if (result < 0) {
            int error = stopped() ? stopErrno() : result;
            fail(ErrnoException.file(error, "copyfile", source.toString(), dest.toString()));
        } else {
            reporter.done();
        }
    }

    @Override
    void advance() {}

    @Override
    void conclude(@Nullable ReactorException err) throws Exception {
        if (err == null) {
            reporter.tell();
        }
        callback.call(err);
    }

    @Override
    String name() {
        return "copyfile";
    }

    @Override
    public String toString() {
        return "copyFile " + source + " to " + dest + ", " + reporter;
    }
}
