package dev.chime.samples;

import dev.chime.fs.FileType;
import dev.chime.fs.Fs;
import dev.chime.fs.GlobOptions;
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
        List<String> names = arguments.files();
        if (names.size() != 1) {
            throw new UsageException("name one directory");
        }
        FileType type = type(arguments.textOrNull("type"));
        String name = arguments.textOrNull("name");
        String pattern = name == null ? "**" : "**/" + name;
        Path root = Path.of(names.getFirst());
        AtomicInteger exitCode = new AtomicInteger();
        Reactor.run(reactor ->
                Fs.of(reactor)
                        .glob(
                                List.of(pattern),
                                GlobOptions.defaults().cwd(root).dot(true),
                                entry -> {
                                    if (type == null || entry.type() == type) {
                                        System.out.println(root.resolve(entry.path()));
                                    }
                                    return true;
                                },
                                err -> {
                                    if (err != null) {
                                        exitCode.set(1);
                                        System.err.println(err.getMessage());
                                    }
                                }));
        return exitCode.get();
    }

    private static @Nullable FileType type(@Nullable String letter) {
        if (letter != null && !TYPES.containsKey(letter)) {
            throw new UsageException("--type is " + letter + ": use f, d, l, p or s");
        }
        return letter == null ? null : TYPES.get(letter);
    }
}
