package dev.chime.samples;

import dev.chime.fs.Fs;
import dev.chime.reactor.Reactor;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** Reads whole files, all at once, and prints their sizes as they come. */
final class ReadFile {
    private ReadFile() {}

    static int run(Arguments arguments) {
        arguments.allow();
        List<String> names = arguments.files();
        AtomicInteger failed = new AtomicInteger();
        Reactor.run(reactor -> {
            Fs fs = Fs.of(reactor);
            for (String name : names) {
                fs.readFile(
                        Path.of(name),
                        (err, data) -> {
                            if (err != null) {
                                failed.set(1);
                                System.err.println(err.getMessage());
                                return;
                            }
                            System.out.println(
                                    name
                                            + ": "
                                            + data.length
                                            + " bytes by the engine "
                                            + reactor.engine());
                        });
            }
        });
        return failed.get();
    }
}
