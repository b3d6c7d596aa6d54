package dev.chime.samples;

import dev.chime.net.Net;
import dev.chime.reactor.Reactor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A UDP server that sends every datagram back to where it came from. */
final class UdpEcho {
    private static final Logger LOG = LoggerFactory.getLogger(UdpEcho.class);

    private UdpEcho() {}

    static int run(Arguments arguments) {
        arguments.allow("port", "host");
        arguments.noWords();
        int port = arguments.number("port", 0, 65535);
        String given = arguments.textOrNull("host");
        String host = given == null ? "127.0.0.1" : given;
        int[] exitCode = {0};
        Reactor.run(reactor ->
                Net.of(reactor)
                        .createUdp()
                        .bind(
                                port,
                                host,
                                (err, udp) -> {
                                    if (err != null) {
                                        System.err.println(err.getMessage());
                                        exitCode[0] = 1;
                                        return;
                                    }
                                    udp.onMessage((data, from, truncated) ->
                                            // What cannot be sent back is lost, as UDP may lose it.
                                            udp.sendTo(data, from, lost -> {}));
                                    LOG.info(
                                            "echo on {}, engine {}",
                                            udp.address(),
                                            reactor.engine());
                                }));
        return exitCode[0];
    }
}
