package dev.chime.samples;

import dev.chime.net.ListenOptions;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.ReactorException;
import dev.chime.samples.cache.Cache;
import dev.chime.samples.cache.Proxy;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An HTTP proxy that keeps what it gets on the disk. It may be killed at any moment: the next one
 * finds every response that was whole.
 */
final class CachingProxy {
    private static final Logger LOG = LoggerFactory.getLogger(CachingProxy.class);
    private static final int BACKLOG = 1024;
    private static final long MAX_BYTES = 1L << 30;
    private static final int MILLIS_A_SECOND = 1000;
    private static final double PATIENCE_SECONDS = 30;
    private static final double TUNNEL_IDLE_SECONDS = 300;

    private CachingProxy() {}

    static int run(Arguments arguments) {
        arguments.allow("port", "host", "dir", "upstream", "max-bytes", "timeout", "tunnel-idle");
        arguments.noWords();
        ListenOptions listen = arguments.place().backlog(BACKLOG);
        Path folder = Path.of(arguments.text("dir"));
        long maxBytes = bytes(arguments.textOrNull("max-bytes"));
        URI upstream = upstream(arguments.textOrNull("upstream"));
        Duration patience = duration(arguments.seconds("timeout", PATIENCE_SECONDS));
        Duration idle = duration(arguments.seconds("tunnel-idle", TUNNEL_IDLE_SECONDS));
        int[] exitCode = {0};
        Reactor.run(reactor ->
                Cache.open(
                        reactor,
                        folder,
                        maxBytes,
                        (err, cache) -> {
                            if (err != null) {
                                exitCode[0] = failed(reactor, err);
                                return;
                            }
                            InstantSource clock = InstantSource.system();
                            Proxy proxy =
                                    new Proxy(reactor, cache, upstream, patience, idle, clock);
                            proxy.createServer()
                                    .listen(
                                            listen,
                                            (e, server) -> {
                                                if (e != null) {
                                                    exitCode[0] = failed(reactor, e);
                                                    return;
                                                }
                                                LOG.info(
                                                        "proxy of {} on {}, engine {}",
                                                        upstream == null ? "all" : upstream,
                                                        server.address(),
                                                        reactor.engine());
                                            });
                        }));
        return exitCode[0];
    }

    private static Duration duration(double seconds) {
        return Duration.ofMillis((long) (seconds * MILLIS_A_SECOND));
    }

    private static int failed(Reactor reactor, ReactorException err) {
        System.err.println(err.getMessage());
        reactor.stop();
        return 1;
    }

    private static long bytes(@Nullable String text) {
        try {
            long bytes = text == null ? MAX_BYTES : Long.parseLong(text);
            if (bytes > 0) {
                return bytes;
            }
        } catch (NumberFormatException e) {
            // as said below
        }
        throw new UsageException("--max-bytes is " + text + ": use a whole number above 0");
    }

    private static @Nullable URI upstream(@Nullable String text) {
        if (text == null) {
            return null;
        }
        try {
            URI url = URI.create(text);
            if ("http".equals(url.getScheme())
                    && url.getHost() != null
                    && url.getRawUserInfo() == null
                    && url.getRawQuery() == null) {
                return url;
            }
        } catch (IllegalArgumentException e) {
            // as said below
        }
        throw new UsageException("--upstream is " + text + ": use http://host[:port][/path]");
    }
}
