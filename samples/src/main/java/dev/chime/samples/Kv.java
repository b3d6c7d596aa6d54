package dev.chime.samples;

import dev.chime.net.ListenOptions;
import dev.chime.reactor.Reactor;
import dev.chime.samples.kv.KvServer;
import java.nio.file.Path;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A durable key-value store for redis-cli and its like; SIGTERM ends it in good order. */
final class Kv {
    private static final Logger LOG = LoggerFactory.getLogger(Kv.class);
    private static final Duration GRACE = Duration.ofSeconds(5);
    private static final Duration LAST_WORDS = Duration.ofSeconds(1);

    private final Reactor reactor;
    private int exitCode;

    private Kv(Reactor reactor) {
        this.reactor = reactor;
    }

    static int run(Arguments arguments) {
        arguments.allow("dir", "port", "host");
        arguments.noWords();
        Path folder = Path.of(arguments.text("dir"));
        ListenOptions options = arguments.place();
        Kv[] kv = new Kv[1];
        Reactor.run(reactor -> {
            kv[0] = new Kv(reactor);
            kv[0].start(folder, options);
        });
        return kv[0].exitCode;
    }

    private void start(Path folder, ListenOptions options) {
        KvServer.start(
                reactor,
                folder,
                options,
                (err, server) -> {
                    if (err != null) {
                        System.err.println("kv: " + err.getMessage());
                        exitCode = 1;
                        return;
                    }
                    LOG.info(
                            "kv on {}, {} keys, engine {}",
                            server.address(),
                            server.size(),
                            reactor.engine());
                    server.onFailure(failure -> {
                        System.err.println(
                                "kv: the log cannot be written, nothing is stored any more: "
                                        + failure.getMessage());
                        exitCode = 1;
                        reactor.stop(LAST_WORDS);
                    });
                    reactor.onSignal("TERM", () -> stop(server));
                    reactor.onSignal("INT", () -> stop(server));
                });
    }

    private void stop(KvServer server) {
        server.close(GRACE, closed -> reactor.stop());
    }
}
