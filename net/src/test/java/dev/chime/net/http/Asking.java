package dev.chime.net.http;

import dev.chime.net.testing.Peers;
import dev.chime.reactor.Callback;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.testing.Reactors;
import java.nio.charset.StandardCharsets;

/** Short forms of what nearly every test of the client begins and ends with. */
final class Asking {
    /** What a test does when the server listens. */
    interface Started {
        void started(Reactor reactor, HttpServer server, String url) throws Exception;
    }

    static void run(EngineKind engine, HttpHandler handler, Started then) {
        Reactors.run(engine, reactor -> serve(reactor, handler, then));
    }

    static void serve(Reactor reactor, HttpHandler handler, Started then) {
        Http.of(reactor)
                .createServer(handler)
                .listen(
                        0,
                        Peers.LOCAL,
                        (err, server) -> {
                            if (err != null) {
                                throw err;
                            }
                            String url = "http://127.0.0.1:" + server.address().getPort();
                            then.started(reactor, server, url);
                        });
    }

    static Callback<IncomingMessage> text(Callback<String> then) {
        return (err, response) -> {
            if (err != null) {
                then.call(err, null);
            } else {
                response.text(1 << 20, StandardCharsets.UTF_8, then);
            }
        };
    }

    static void done(HttpServer server, HttpClient... clients) {
        for (HttpClient client : clients) {
            client.close();
        }
        server.close(err -> {});
    }

    private Asking() {}
}
