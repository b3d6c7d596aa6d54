package dev.chime.samples;

import dev.chime.net.ListenOptions;
import dev.chime.net.Net;
import dev.chime.reactor.Reactor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A TCP server that sends everything back. */
final class Echo {
    private static final Logger LOG = LoggerFactory.getLogger(Echo.class);
    private static final int BACKLOG = 1024;

    private Echo() {}

    static int run(Arguments arguments) {
        arguments.allow("port", "host");
        arguments.noWords();
        ListenOptions options = arguments.place().backlog(BACKLOG).noDelay(true);
        int[] exitCode = {0};
        Reactor.run(reactor ->
                Net.of(reactor)
                        .createServer(socket -> socket.pipe(socket))
                        .listen(
                                options,
                                (err, server) -> {
                                    if (err != null) {
                                        System.err.println(err.getMessage());
                                        exitCode[0] = 1;
                                        return;
                                    }
                                    LOG.info(
                                            "echo on {}, engine {}",
                                            server.address(),
                                            reactor.engine());
                                }));
        return exitCode[0];
    }
}
