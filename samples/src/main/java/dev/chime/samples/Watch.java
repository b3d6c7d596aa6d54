package dev.chime.samples;

import dev.chime.fs.FileEvent;
import dev.chime.fs.Fs;
import dev.chime.fs.WatchOptions;
import dev.chime.fs.Watcher;
import dev.chime.reactor.Reactor;
import java.nio.file.Path;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Prints what changes in a file or a tree, until the watched thing itself is gone. */
final class Watch {
    private static final Logger LOG = LoggerFactory.getLogger(Watch.class);

    private Watch() {}

    static int run(Arguments arguments) {
        arguments.allow();
        List<String> names = arguments.files();
        if (names.size() != 1) {
            throw new UsageException("name one file or folder");
        }
        Path path = Path.of(names.getFirst());
        int[] exitCode = {0};
        Watcher[] watcher = new Watcher[1];
        Reactor.run(reactor ->
                watcher[0] =
                        Fs.of(reactor)
                                .watch(
                                        path,
                                        WatchOptions.defaults().recursive(true),
                                        event -> print(event, watcher[0]))
                                .onReady(() -> LOG.info("watching {}", path))
                                .onError(err -> {
                                    System.err.println(err.getMessage());
                                    exitCode[0] = 1;
                                }));
        return exitCode[0];
    }

    private static void print(FileEvent event, Watcher watcher) {
        System.out.println(text(event));
        if (System.out.checkError()) {
            watcher.close(); // nobody reads on
        }
    }

    private static String text(FileEvent event) {
        return switch (event) {
            case FileEvent.Created(Path name) -> "created  " + name;
            case FileEvent.Deleted(Path name) -> "deleted  " + name;
            case FileEvent.Modified(Path name) -> "modified " + name;
            case FileEvent.Moved(Path from, Path to) -> "moved    " + from + " -> " + to;
            case FileEvent.AttributesChanged(Path name) -> "changed  " + name;
            case FileEvent.Overflow() -> "overflow: look at everything again";
        };
    }
}
