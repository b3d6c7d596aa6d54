package dev.chime.net.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.net.testing.Node;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.EveryEngine;
import dev.chime.reactor.testing.Reactors;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** What goes in front of a response's head, and behind a request's content. */
class HintsAndTrailersTest {
    private static final String STYLE = "</style.css>; rel=preload; as=style";
    private static final String SCRIPT = "</script.js>; rel=preload; as=script";

    private static void hints(IncomingMessage request, ServerResponse response) {
        response.writeEarlyHints()
                .writeEarlyHints(STYLE)
                .writeEarlyHints(List.of(STYLE, SCRIPT), Map.of("X-Trace", "7"))
                .end("answer");
    }

    @EveryEngine
    void hints_areHeardBeforeTheResponse(EngineKind engine) {
        List<String> seen = new ArrayList<>();
        Asking.run(
                engine,
                HintsAndTrailersTest::hints,
                (reactor, server, url) ->
                        Http.of(reactor)
                                .request(
                                        RequestOptions.get(url)
                                                .onInformation(head -> {
                                                    seen.add("" + head.status());
                                                    seen.addAll(head.headers().all("Link"));
                                                }),
                                        Asking.text((err, text) -> {
                                            seen.add(err == null ? text : err.code());
                                            Asking.done(server);
                                        })));
        assertEquals(List.of("103", STYLE, "103", STYLE + ", " + SCRIPT, "answer"), seen);
    }

    @EngineTest
    void hints_onTheWire(EngineKind engine) {
        Serving.run(
                engine,
                HintsAndTrailersTest::hints,
                port -> {
                    String head = " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
                    String answer = Wire.exchange(port, "GET /" + head);
                    String first = "HTTP/1.1 103 Early Hints\r\nLink: " + STYLE + "\r\n\r\n";
                    assertTrue(answer.startsWith(first + "HTTP/1.1 103 Early"), answer);
                    assertTrue(answer.contains("\r\nX-Trace: 7\r\n\r\nHTTP/1.1 200 OK"), answer);
                    assertEquals(3, Wire.responses(answer).size());
                    String old = Wire.exchange(port, "GET / HTTP/1.0\r\n\r\n");
                    assertTrue(old.startsWith("HTTP/1.1 200"), old);
                    assertFalse(old.contains("103"), old);
                });
    }

    @EveryEngine
    void hintsThatCannotBe_areRefusedAtTheCall(EngineKind engine) {
        List<String> refused = new ArrayList<>();
        Asking.run(
                engine,
                (request, response) -> {
                    for (String link :
                            List.of("", "no target", "<a>\r\nX: y", "<a> <b>", "<a b>")) {
                        refused.add(
                                assertThrows(
                                                IllegalArgumentException.class,
                                                () -> response.writeEarlyHints(link))
                                        .getMessage()
                                        .substring(0, 21));
                    }
                    assertThrows(
                            IllegalArgumentException.class,
                            () -> response.writeEarlyHints(List.of(STYLE), Map.of("a b", "c")));
                    response.flushHead();
                    String late =
                            assertThrows(
                                            IllegalStateException.class,
                                            () -> response.writeEarlyHints(STYLE))
                                    .getMessage();
                    refused.add(late.substring(0, 21));
                    response.end();
                },
                (reactor, server, url) ->
                        Http.of(reactor)
                                .get(
                                        url,
                                        Asking.text((err, text) -> {
                                            refused.add("'" + text + "'");
                                            Asking.done(server);
                                        })));
        List<String> wanted = new ArrayList<>(Collections.nCopies(5, "ERR_INVALID_ARG_VALUE"));
        wanted.addAll(List.of("ERR_HTTP_HEADERS_SENT", "''"));
        assertEquals(wanted, refused);
    }

    private static void tellTrailers(IncomingMessage request, ServerResponse response) {
        request.text(
                1000,
                StandardCharsets.UTF_8,
                (err, text) -> {
                    String length = request.header("Content-Length");
                    response.end(text + "|" + length + "|" + request.trailers().get("Sum"));
                });
    }

    @EveryEngine
    void trailers_goBehindContentOfAllForms(EngineKind engine) {
        List<String> seen = new ArrayList<>();
        Asking.run(
                engine,
                HintsAndTrailersTest::tellTrailers,
                (reactor, server, url) -> {
                    RequestOptions post =
                            RequestOptions.post(url)
                                    .header("Trailer", "Sum")
                                    .trailers(fields -> fields.set("Sum", "" + seen.size()));
                    List<RequestOptions> all =
                            List.of(
                                    post.body("whole"),
                                    post.body(out -> {
                                        out.write("in ");
                                        reactor.setTimeout(2, () -> out.end("pieces"));
                                    }),
                                    post);
                    askInARow(Http.of(reactor), all, 0, seen, server);
                });
        assertEquals(List.of("whole|null|0", "in pieces|null|1", "|null|2"), seen);
    }

    private static void askInARow(
            Http http, List<RequestOptions> all, int at, List<String> seen, HttpServer server) {
        if (at == all.size()) {
            Asking.done(server);
            return;
        }
        http.request(
                all.get(at),
                Asking.text((err, text) -> {
                    seen.add(err == null ? text : err.code());
                    askInARow(http, all, at + 1, seen, server);
                }));
    }

    @EveryEngine
    void trailersThatCannotBe_endTheRequest(EngineKind engine) {
        List<String> seen = new ArrayList<>();
        Asking.run(
                engine,
                HintsAndTrailersTest::tellTrailers,
                (reactor, server, url) -> {
                    RequestOptions post = RequestOptions.post(url).body("content");
                    List<RequestOptions> all =
                            List.of(
                                    post.trailers(fields -> fields.set("Sum", "a\r\nb")),
                                    post.trailers(fields -> {
                                        throw new IOException("no sum");
                                    }));
                    askInARow(Http.of(reactor), all, 0, seen, server);
                });
        assertEquals(
                List.of("ERR_HTTP_INVALID_HEADER_VALUE", "ERR_HTTP_INVALID_HEADER_VALUE"), seen);
    }

    @EveryEngine
    void namesThatNoTrailerMayHave_areRefusedAtTheCall(EngineKind engine) {
        List<String> forbidden =
                List.of("Content-Length", "transfer-encoding", "Host", "Set-Cookie", "If-Match");
        List<String> seen = new ArrayList<>();
        Asking.run(
                engine,
                (request, response) -> {
                    for (String name : forbidden) {
                        seen.add(refusal(() -> response.trailers().set(name, "1")));
                    }
                    seen.add(refusal(() -> response.trailers().add("Location", "/")));
                    response.trailers().set("ETag", "'7'");
                    response.end();
                },
                (reactor, server, url) ->
                        Http.of(reactor)
                                .request(
                                        RequestOptions.post(url)
                                                .body("x")
                                                .trailers(fields -> {
                                                    seen.add(refusal(() -> fields.set("TE", "1")));
                                                    fields.set("Sum", "1");
                                                }),
                                        (err, response) ->
                                                response.text(
                                                        9,
                                                        StandardCharsets.UTF_8,
                                                        (e, text) -> {
                                                            seen.add(
                                                                    response.trailers()
                                                                            .get("ETag"));
                                                            Asking.done(server);
                                                        })));
        List<String> wanted = new ArrayList<>();
        forbidden.forEach(name -> wanted.add(refusalOf(name)));
        wanted.addAll(List.of(refusalOf("Location"), refusalOf("TE"), "'7'"));
        assertEquals(wanted.stream().sorted().toList(), seen.stream().sorted().toList());
    }

    private static String refusalOf(String name) {
        return "ERR_HTTP_TRAILER_INVALID: "
                + name
                + " has no place behind the content (RFC 9110, 6.5.1): set it as a header";
    }

    private static String refusal(Executable call) {
        return assertThrows(IllegalArgumentException.class, call).getMessage();
    }

    @EveryEngine
    void requestsWhoseTrailersAreRefused_endWithTheReason(EngineKind engine) {
        List<String> seen = new ArrayList<>();
        Asking.run(
                engine,
                HintsAndTrailersTest::tellTrailers,
                (reactor, server, url) ->
                        Http.of(reactor)
                                .request(
                                        RequestOptions.post(url)
                                                .body("x")
                                                .trailers(fields -> fields.set("Host", "h")),
                                        (err, response) -> {
                                            seen.add(err.code());
                                            seen.add(
                                                    ""
                                                            + err.getMessage()
                                                                    .contains(refusalOf("Host")));
                                            Asking.done(server);
                                        }));
        assertEquals(List.of("ERR_HTTP_INVALID_HEADER_VALUE", "true"), seen);
    }

    @Test
    void trailersBehindALength_areRefusedAtTheCall() {
        RequestOptions post = RequestOptions.post("http://h/").header("Content-Length", "1");
        String why =
                assertThrows(IllegalArgumentException.class, () -> post.trailers(fields -> {}))
                        .getMessage();
        assertTrue(why.startsWith("ERR_HTTP_TRAILER_INVALID"), why);
    }

    @EngineTest
    void nodesServer_givesHintsAndGetsTrailers(EngineKind engine) throws Exception {
        String program =
                """
                const server = require('http').createServer((req, res) => {
                    res.writeProcessing();
                    res.writeEarlyHints({link: '</style.css>; rel=preload; as=style'});
                    let body = '';
                    req.on('data', d => body += d);
                    req.on('end', () => res.end(body + ' ' + JSON.stringify(req.trailers)));
                });
                server.listen(0, '127.0.0.1', () => console.log(server.address().port));
                """;
        List<String> seen = new ArrayList<>();
        try (Node node = new Node(program)) {
            String url = "http://127.0.0.1:" + node.line();
            Reactors.run(
                    engine,
                    reactor -> {
                        HttpClient client =
                                Http.of(reactor).createClient(HttpClientOptions.defaults());
                        client.request(
                                RequestOptions.post(url)
                                        .onInformation(head ->
                                                seen.add(head.status() + " " + head.header("Link")))
                                        .trailers(fields -> fields.set("Sum", "7"))
                                        .body("content"),
                                Asking.text((err, text) -> {
                                    seen.add(err == null ? text : err.code());
                                    client.close();
                                }));
                    });
        }
        assertEquals(List.of("102 null", "103 " + STYLE, "content {\"sum\":\"7\"}"), seen);
    }

    @EngineTest
    void nodesClient_hearsHintsAndSendsTrailers(EngineKind engine) throws Exception {
        String program =
                """
                const http = require('http');
                const req = http.request(process.argv[1], {method: 'POST'}, res => {
                    let body = '';
                    res.on('data', d => body += d);
                    res.on('end', () => console.log(body));
                });
                req.on('information', info => console.log(info.statusCode, info.headers.link));
                req.setHeader('Trailer', 'Sum');
                req.write('content');
                req.addTrailers({Sum: '7'});
                req.end();
                """;
        Serving.run(
                engine,
                (request, response) -> {
                    response.writeEarlyHints(STYLE);
                    tellTrailers(request, response);
                },
                port -> {
                    try (Node node = new Node(program, "http://127.0.0.1:" + port)) {
                        assertEquals("103 " + STYLE + "\ncontent|null|7\n", node.rest());
                    }
                });
    }
}
