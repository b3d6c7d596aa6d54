package dev.chime.net.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.net.testing.ConnectProxy;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.EveryEngine;
import dev.chime.reactor.testing.Reactors;
import java.net.URI;
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

    @Test
    void environment_choosesTheProxy() {
        Proxies proxies =
                Proxies.environment(
                        Map.of(
                                "http_proxy", "http://plain:1",
                                "HTTP_PROXY", "http://unused:2",
                                "HTTPS_PROXY", "http://me:secret@secure",
                                "no_proxy", "localhost, .inner.test,*.Outer.test,exact.test:81"));
        Map<String, String> cases =
                Map.of(
                        "http://a.test/", "http://plain:1",
                        "ws://a.test/", "http://plain:1",
                        "wss://a.test/", "http://me:secret@secure",
                        "https://a.test/", "http://me:secret@secure",
                        "http://LOCALHOST:8080/", "null",
                        "https://x.inner.test/", "null",
                        "https://inner.test/", "http://me:secret@secure",
                        "http://x.y.outer.test/", "null",
                        "http://exact.test:81/", "null",
                        "http://exact.test/", "http://plain:1");
        cases.forEach((url, proxy) -> assertEquals(proxy, "" + proxies.of(URI.create(url)), url));
        String text = proxies.toString();
        assertTrue(text.contains("https: http://***@secure"), text);
        assertNull(Proxies.environment(Map.of()).of(URI.create("http://a.test/")));
        Map<String, String> never = Map.of("http_proxy", "http://p", "NO_PROXY", "*");
        assertNull(Proxies.environment(never).of(URI.create("http://a.test/")));
        for (String wrong : List.of("socks5://p:1", "p:1", "http://p q", "http://")) {
            assertThrows(
                    IllegalArgumentException.class,
                    () -> Proxies.environment(Map.of("https_proxy", wrong)),
                    wrong);
        }
    }

    @EngineTest
    void proxyOfTheEnvironment_isAskedButForThoseWhoAreExempt(EngineKind engine) throws Exception {
        List<String> texts = new ArrayList<>();
        String answer = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nproxy";
        try (ConnectProxy proxy = new ConnectProxy(head -> answer)) {
            Map<String, String> variables =
                    Map.of("http_proxy", "" + proxy.url(""), "no_proxy", "localhost");
            Asking.run(
                    engine,
                    (request, response) -> response.end("origin"),
                    (reactor, server, url) -> {
                        HttpClient client =
                                Http.of(reactor)
                                        .createClient(
                                                HttpClientOptions.defaults()
                                                        .proxies(Proxies.environment(variables)));
                        String direct = url.replace("127.0.0.1", "localhost");
                        ask(
                                client,
                                url,
                                texts,
                                () ->
                                        ask(
                                                client,
                                                direct,
                                                texts,
                                                () -> Asking.done(server, client)));
                    });
        }
        assertEquals(List.of("proxy", "origin"), texts);
    }
}
