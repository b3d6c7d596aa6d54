package dev.chime.net.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.chime.net.ConnectOptions;
import dev.chime.net.Net;
import dev.chime.net.testing.ConnectProxy;
import dev.chime.net.testing.Peers;
import dev.chime.reactor.Callback;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Operation;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.EveryEngine;
import dev.chime.reactor.testing.Reactors;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Which connections a client keeps, which it uses next, and what they lead through. */
class ClientPoolTest {
    private static void ask(HttpClient client, String url, List<String> texts, Runnable then) {
        client.get(
                url,
                Asking.text((err, text) -> {
                    assertNull(err);
                    texts.add(text);
                    then.run();
                }));
    }

    @EveryEngine
    void limitOfAllConnections_holdsForOriginsTogether(EngineKind engine) {
        List<String> texts = new ArrayList<>();
        int[] most = {0};
        HttpClient[] asking = new HttpClient[1];
        HttpHandler handler =
                (request, response) -> {
                    most[0] = Math.max(most[0], asking[0].connections());
                    request.reactor().setTimeout(2, () -> response.end(request.target()));
                };
        HttpClientOptions options = HttpClientOptions.defaults().maxConnections(2);
        Asking.run(
                engine,
                handler,
                (reactor, one, oneUrl) ->
                        Asking.serve(
                                reactor,
                                handler,
                                (same, other, otherUrl) -> {
                                    HttpClient client = Http.of(reactor).createClient(options);
                                    asking[0] = client;
                                    for (int i = 0; i < 12; i++) {
                                        String url = i < 4 || i % 2 == 0 ? oneUrl : otherUrl;
                                        ask(
                                                client,
                                                url + "/" + i,
                                                texts,
                                                () -> {
                                                    if (texts.size() == 12) {
                                                        other.close(err -> {});
                                                        Asking.done(one, client);
                                                    }
                                                });
                                    }
                                }));
        assertEquals(12, new TreeSet<>(texts).size());
        assertEquals(2, most[0]);
    }

    /** Two connections rest; six requests in a row: by how many of the two do they come? */
    private static int used(EngineKind engine, Scheduling scheduling) {
        List<String> from = new ArrayList<>();
        Asking.run(
                engine,
                (request, response) -> {
                    String peer = String.valueOf(request.remoteAddress());
                    request.reactor().setTimeout(2, () -> response.end(peer));
                },
                (reactor, server, url) -> {
                    HttpClient client =
                            Http.of(reactor)
                                    .createClient(
                                            HttpClientOptions.defaults().scheduling(scheduling));
                    List<String> first = new ArrayList<>();
                    Runnable then =
                            () -> {
                                if (first.size() == 2) {
                                    again(
                                            reactor,
                                            client,
                                            url,
                                            from,
                                            () -> Asking.done(server, client));
                                }
                            };
                    ask(client, url, first, then);
                    ask(client, url, first, then);
                });
        return new TreeSet<>(from).size();
    }

    @EveryEngine
    void limitOfRestingConnections_closesTheRest(EngineKind engine) {
        List<String> texts = new ArrayList<>();
        List<Integer> left = new ArrayList<>();
        HttpClientOptions options = HttpClientOptions.defaults().maxIdle(1);
        Asking.run(
                engine,
                (request, response) -> request.reactor().setTimeout(2, () -> response.end("x")),
                (reactor, server, url) -> {
                    HttpClient client = Http.of(reactor).createClient(options);
                    Runnable then =
                            () -> {
                                if (texts.size() == 3) {
                                    reactor.setTimeout(
                                            20,
                                            () -> {
                                                left.add(client.idleConnections());
                                                left.add(client.connections());
                                                Asking.done(server, client);
                                            });
                                }
                            };
                    for (int i = 0; i < 3; i++) {
                        ask(client, url, texts, then);
                    }
                });
        assertEquals(List.of(1, 1), left);
    }

    private static void again(
            Reactor reactor, HttpClient client, String url, List<String> from, Runnable then) {
        reactor.setImmediate(() ->
                ask(
                        client,
                        url,
                        from,
                        () -> {
                            if (from.size() == 6) {
                                then.run();
                            } else {
                                again(reactor, client, url, from, then);
                            }
                        }));
    }

    @EveryEngine
    void restingConnections_areUsedByTurnsOrNot(EngineKind engine) {
        assertEquals(1, used(engine, Scheduling.LIFO));
        assertEquals(2, used(engine, Scheduling.FIFO));
    }

    /** The server's word counts, less a second, where it is the shorter one. */
    @Test
    void serverThatSaysHowLong_isLeftASecondBefore() {
        List<Integer> resting = new ArrayList<>();
        Reactors.run(
                EngineKind.SIM,
                reactor -> {
                    Http http = Http.of(reactor);
                    HttpServerOptions options =
                            HttpServerOptions.defaults().keepAliveTimeout(Duration.ofSeconds(5));
                    HttpClient client =
                            http.createClient(
                                    HttpClientOptions.defaults().keepAlive(Duration.ofMinutes(1)));
                    http.createServer(options, (request, response) -> response.end("x"))
                            .listen(
                                    0,
                                    (err, server) ->
                                            ask(
                                                    client,
                                                    "http://127.0.0.1:"
                                                            + server.address().getPort(),
                                                    new ArrayList<>(),
                                                    () -> {
                                                        for (int millis : List.of(3900, 4100)) {
                                                            reactor.setTimeout(
                                                                    millis,
                                                                    () ->
                                                                            resting.add(
                                                                                    client
                                                                                            .idleConnections()));
                                                        }
                                                        reactor.setTimeout(
                                                                4200,
                                                                () -> Asking.done(server, client));
                                                    }));
                });
        assertEquals(List.of(1, 0), resting);
    }

    /** Whatever the host, it leads to a server of ours. */
    private static Connector leadingTo(Reactor reactor, HttpServer server) {
        ConnectOptions there =
                ConnectOptions.port(server.address().getPort()).host(Peers.LOCAL).noDelay(true);
        return (host, port, secure, timeout, callback) ->
                Net.of(reactor).connect(there, (err, socket) -> callback.call(err, socket));
    }

    @EveryEngine
    void whoGivesUpWaiting_leavesNothingBehind(EngineKind engine) {
        List<String> codes = new ArrayList<>();
        List<Integer> places = new ArrayList<>();
        HttpClientOptions options = HttpClientOptions.defaults().maxConnections(1);
        Asking.run(
                engine,
                (request, response) -> {},
                (reactor, server, url) -> {
                    HttpClient client = Http.of(reactor).createClient(options);
                    Operation busy = client.get(url, (err, response) -> codes.add(err.code()));
                    Callback<IncomingMessage> late =
                            (err, response) -> {
                                codes.add(err.code());
                                if (codes.size() == 2) {
                                    places.add(client.places());
                                    busy.cancel();
                                    server.shutdown(Duration.ZERO, (e, report) -> {});
                                }
                            };
                    RequestOptions patient = RequestOptions.get("http://a.invalid/");
                    client.request(patient.totalTimeout(Duration.ofMillis(20)), late);
                    client.request(RequestOptions.get("http://b.invalid/"), late).cancel();
                });
        assertEquals(List.of("ECANCELED", "ETIMEDOUT", "ECANCELED"), codes);
        assertEquals(List.of(1), places);
    }

    @EveryEngine
    void restingConnections_areClosedForThoseAloneWhoCanUseIt(EngineKind engine) {
        List<String> texts = new ArrayList<>();
        List<Integer> resting = new ArrayList<>();
        HttpClientOptions options =
                HttpClientOptions.defaults()
                        .maxConnections(3)
                        .maxConnectionsPerOrigin(1)
                        .keepAlive(Duration.ofMinutes(1));
        Asking.run(
                engine,
                (request, response) -> response.end("x"),
                (reactor, server, url) -> {
                    HttpClient client =
                            Http.of(reactor)
                                    .createClient(options.connector(leadingTo(reactor, server)));
                    Runnable count = () -> resting.add(client.idleConnections());
                    Runnable last =
                            () -> {
                                if (texts.size() == 6) {
                                    reactor.setImmediate(() -> {
                                        count.run();
                                        Asking.done(server, client);
                                    });
                                }
                            };
                    Runnable crowd =
                            () -> {
                                count.run();
                                for (int i = 0; i < 3; i++) {
                                    ask(client, "http://d.test/", texts, last);
                                }
                            };
                    Runnable rested =
                            () -> {
                                if (texts.size() == 3) {
                                    reactor.setImmediate(crowd::run);
                                }
                            };
                    for (String host : List.of("a", "b", "c")) {
                        ask(client, "http://" + host + ".test/", texts, rested);
                    }
                });
        assertEquals(List.of(3, 3), resting);
    }

    /** A request for another protocol, which a proxy is asked to open a tunnel for. */
    private static RequestOptions tunnelled(String url) {
        return RequestOptions.get(url)
                .header("Connection", "Upgrade")
                .header("Upgrade", "x")
                .upgrade((response, stream, unread) -> stream.destroy());
    }

    @EngineTest
    void whoWaitsForATunnel_isServedInTurn(EngineKind engine) throws Exception {
        List<String> order = new ArrayList<>();
        List<String> targets = List.of("/1", "/2", "/3", "/4");
        try (ConnectProxy proxy = new ConnectProxy(head -> ConnectProxy.OPEN)) {
            HttpClientOptions options =
                    HttpClientOptions.defaults().maxConnections(1).proxy(proxy.url(""));
            Asking.run(
                    engine,
                    (request, response) -> response.end(request.target()),
                    (reactor, server, url) -> {
                        HttpClient client = Http.of(reactor).createClient(options);
                        for (String target : targets) {
                            client.request(
                                    tunnelled(url + target),
                                    Asking.text((err, text) -> {
                                        order.add(text);
                                        if (order.size() == targets.size()) {
                                            Asking.done(server, client);
                                        }
                                    }));
                        }
                    });
            assertEquals(1, proxy.heads().size());
        }
        assertEquals(targets, order);
    }

    @EngineTest
    void tunnelThatOpens_isOneConnection(EngineKind engine) throws Exception {
        List<String> texts = new ArrayList<>();
        try (ConnectProxy proxy = new ConnectProxy(head -> "")) {
            Map<String, String> variables =
                    Map.of("http_proxy", "" + proxy.url(""), "no_proxy", Peers.LOCAL);
            HttpClientOptions options =
                    HttpClientOptions.defaults()
                            .maxConnections(2)
                            .proxies(Proxies.environment(variables));
            Asking.run(
                    engine,
                    (request, response) -> response.end("direct"),
                    (reactor, server, url) -> {
                        HttpClient client = Http.of(reactor).createClient(options);
                        Operation opens =
                                client.request(
                                        tunnelled("http://nowhere.invalid/"),
                                        (err, response) -> texts.add(err.code()));
                        RequestOptions second =
                                RequestOptions.get(url).totalTimeout(Duration.ofSeconds(20));
                        client.request(
                                second,
                                Asking.text((err, text) -> {
                                    texts.add(err == null ? text : err.code());
                                    opens.cancel();
                                    Asking.done(server, client);
                                }));
                    });
        }
        assertEquals(List.of("direct", "ECANCELED"), texts);
    }
}
