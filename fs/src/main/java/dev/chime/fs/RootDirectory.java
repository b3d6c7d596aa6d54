package dev.chime.fs;

import dev.chime.reactor.Callback;
import dev.chime.reactor.Operation;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.engine.Fd;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Opens a directory below a {@link Root}: for the user, or to list its names. */
final class RootDirectory extends Beneath {
    private final Path path;
    private final OpendirOptions options;
    private final @Nullable Callback<Dir> opened;
    private final @Nullable Callback<List<Path>> listed;

    private RootDirectory(
            Root root,
            String step,
            Path path,
            OpendirOptions options,
            @Nullable Callback<Dir> opened,
            @Nullable Callback<List<Path>> listed) {
        super(root, step);
        this.path = path;
        this.options = options;
        this.opened = opened;
        this.listed = listed;
    }

    static Operation open(Root root, Path path, OpendirOptions options, Callback<Dir> callback) {
        return new RootDirectory(root, "opendir", path, options, callback, null).start();
    }

    static Operation list(Root root, Path path, Callback<List<Path>> callback) {
        OpendirOptions options = OpendirOptions.defaults();
        return new RootDirectory(root, "scandir", path, options, null, callback).start();
    }

    @Override
    void begin() {
        open(path, Listing.OPEN_NAMED, 0);
    }

    @Override
    void opened(int fd) throws Exception {
        Dir directory = new Dir(core, core.adopt(fd, Fd.Kind.FILE), path, options);
        Callback<List<Path>> names = listed;
        if (names != null) {
            list(directory, names);
        } else if (opened != null) {
            end();
            opened.call(null, directory);
        }
    }

    private void list(Dir directory, Callback<List<Path>> names) {
        List<Path> found = new ArrayList<>();
        under(
                directory.forEach(
                        entry -> found.add(entry.file()),
                        err -> {
                            end();
                            if (err == null) {
                                names.call(null, found);
                            } else {
                                failed(stopped() ? error(-stopErrno()) : err);
                            }
                        }));
    }

    @Override
    void failed(ReactorException err) throws Exception {
        if (listed != null) {
            listed.call(err, Arguments.none());
        } else if (opened != null) {
            opened.call(err, Arguments.none());
        }
    }
}
