package dev.chime.samples;

import dev.chime.fs.Dirent;
import dev.chime.fs.FileType;
import dev.chime.fs.Fs;
import dev.chime.fs.GlobOptions;
import dev.chime.reactor.Done;
import dev.chime.reactor.Reactor;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Prints the paths below a directory, as they are found: of a name, of a type. */
final class Find {
    private static final Map<String, FileType> TYPES =
            Map.of(
                    "f", FileType.FILE,
                    "d", FileType.DIRECTORY,
                    "l", FileType.SYMLINK,
                    "p", FileType.FIFO,
                    "s", FileType.SOCKET);

    private Find() {}

    static int run(Arguments arguments) {
        arguments.allow("name", "type");
        List<String> directories = arguments.files();
        if (directories.size() != 1) {
            throw new UsageException("name one directory");
        }
        FileType type = type(arguments.textOrNull("type"));
        String name = arguments.textOrNull("name");
        String pattern = name == null ? "**" : "**/" + name;
        Path root = Path.of(directories.getFirst());
        AtomicInteger exitCode = new AtomicInteger();
        Done ended =
                err -> {
                    if (err != null) {
                        exitCode.set(1);
                        System.err.println(err.getMessage());
                    }
                };
        Reactor.run(reactor -> {
            Fs fs = Fs.of(reactor);
            // A pattern that finds no directory finds nothing, which is no error.
            fs.opendir(
                    root,
                    (err, there) -> {
                        if (err != null) {
                            ended.call(err);
                            return;
                        }
                        there.close(closed -> {});
                        GlobOptions below = GlobOptions.defaults().cwd(root).dot(true);
                        fs.glob(List.of(pattern), below, entry -> print(root, type, entry), ended);
                    });
        });
        return exitCode.get();
    }

    /** True while somebody reads what is printed. */
    private static boolean print(Path root, @Nullable FileType type, Dirent entry) {
        if (type == null || entry.type() == type) {
            System.out.println(root.resolve(entry.path()));
        }
        return !System.out.checkError();
    }

    private static @Nullable FileType type(@Nullable String letter) {
        if (letter != null && !TYPES.containsKey(letter)) {
            throw new UsageException("--type is " + letter + ": use f, d, l, p or s");
        }
        return letter == null ? null : TYPES.get(letter);
    }
}
