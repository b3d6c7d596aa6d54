package dev.chime.net.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.chime.reactor.Callback;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.stream.Writable;
import dev.chime.reactor.testing.EngineTest;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/** Redirects, followed by our client as their status says. */
class RedirectTest {
    private static void redirecting(IncomingMessage request, ServerResponse response) {
        String[] path = request.path().split("/");
        if (path.length > 2) {
            response.status(Integer.parseInt(path[1]))
                    .header("Location", URI.create("/" + path[2]).toString())
                    .end("moved");
            return;
        }
        request.text(
                1000,
                StandardCharsets.UTF_8,
                (err, content) ->
                        response.end(
                                request.method()
                                        + request.path()
                                        + content
                                        + request.header("Content-Type")));
    }

    @EngineTest
    void redirects_areFollowedAsTheirStatusSays(EngineKind engine) {
        List<String> seen = new ArrayList<>();
        Asking.run(
                engine,
                RedirectTest::redirecting,
                (reactor, server, url) -> {
                    HttpClient client = Http.of(reactor).createClient(HttpClientOptions.defaults());
                    List<Integer> statuses = List.of(301, 302, 303, 307, 308);
                    for (int status : statuses) {
                        RequestOptions request =
                                RequestOptions.post(url + "/" + status + "/x")
                                        .header("Content-Type", "t/t")
                                        .maxRedirects(1);
                        RequestOptions sent =
                                status == 308
                                        ? request.body(body -> body.end("b"))
                                        : request.body("b");
                        client.request(
                                sent,
                                Asking.text((err, text) -> {
                                    seen.add(status + " " + text);
                                    if (seen.size() == statuses.size()) {
                                        Asking.done(server, client);
                                    }
                                }));
                    }
                });
        assertEquals(
                new TreeSet<>(
                        List.of(
                                "301 GET/xnull",
                                "302 GET/xnull",
                                "303 GET/xnull",
                                "307 POST/xbt/t",
                                "308 POST/xbt/t")),
                new TreeSet<>(seen));
    }

    @EngineTest
    void redirectWithEndlessContent_isFollowedAllTheSame(EngineKind engine) {
        List<String> seen = new ArrayList<>();
        Asking.run(
                engine,
                (request, response) -> {
                    if (request.path().equals("/there")) {
                        response.end("there");
                        return;
                    }
                    response.status(302).header("Location", "/there");
                    Writable body = response.body();
                    byte[] piece = new byte[10_000];
                    body.onDrain(() -> endless(body, piece));
                    endless(body, piece);
                },
                (reactor, server, url) -> {
                    HttpClient client = Http.of(reactor).createClient(HttpClientOptions.defaults());
                    client.request(
                            RequestOptions.get(url).maxRedirects(1),
                            Asking.text((err, text) -> {
                                seen.add(text);
                                Asking.done(server, client);
                            }));
                });
        assertEquals(List.of("there"), seen);
    }

    private static void endless(Writable body, byte[] piece) {
        while (!body.isDestroyed() && body.write(piece)) {
            // until it says false
        }
    }

    @EngineTest
    void redirects_areBoundedAndNamed(EngineKind engine) {
        List<String> seen = new ArrayList<>();
        Asking.run(
                engine,
                (request, response) ->
                        response.status(302)
                                .header(
                                        "Location",
                                        request.path().equals("/ftp") ? "ftp://a/b" : "/again")
                                .end(),
                (reactor, server, url) -> {
                    HttpClient client = Http.of(reactor).createClient(HttpClientOptions.defaults());
                    Callback<IncomingMessage> note =
                            (err, response) -> {
                                seen.add(err == null ? "" + response.status() : err.code());
                                if (response != null) {
                                    response.body().resume();
                                }
                                if (seen.size() == 3) {
                                    Asking.done(server, client);
                                }
                            };
                    client.get(url, note);
                    client.request(RequestOptions.get(url).maxRedirects(5), note);
                    client.request(RequestOptions.get(url + "/ftp").maxRedirects(5), note);
                });
        assertEquals(
                new TreeSet<>(
                        List.of("302", "ERR_HTTP_TOO_MANY_REDIRECTS", "ERR_INVALID_PROTOCOL")),
                new TreeSet<>(seen));
    }

    @EngineTest
    void redirectToAnotherOrigin_dropsCredentials(EngineKind engine) {
        List<String> seen = new ArrayList<>();
        Asking.run(
                engine,
                (request, response) ->
                        response.end(
                                request.header("Authorization")
                                        + request.header("Cookie")
                                        + request.header("X-Mine")),
                (reactor, target, there) ->
                        Asking.serve(
                                reactor,
                                (request, response) ->
                                        response.status(307)
                                                .header(
                                                        "Location",
                                                        request.path().equals("/stay")
                                                                ? "http://"
                                                                        + request.header("Host")
                                                                        + "/here"
                                                                : there)
                                                .end(),
                                (same, server, url) -> {
                                    HttpClient client =
                                            Http.of(reactor)
                                                    .createClient(HttpClientOptions.defaults());
                                    RequestOptions request =
                                            RequestOptions.get(url)
                                                    .header("Authorization", "secret")
                                                    .header("Cookie", "secret")
                                                    .header("X-Mine", "kept")
                                                    .maxRedirects(3);
                                    client.request(
                                            request,
                                            Asking.text((err, text) -> {
                                                seen.add(text);
                                                Asking.done(server, client);
                                                Asking.done(target);
                                            }));
                                }));
        assertEquals(List.of("nullnullkept"), seen);
    }
}
