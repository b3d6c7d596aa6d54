package dev.chime.net.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.net.testing.Content;
import dev.chime.net.testing.Mute;
import dev.chime.net.testing.Peers;
import dev.chime.reactor.AbortController;
import dev.chime.reactor.AbortSignal;
import dev.chime.reactor.Callback;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Operation;
import dev.chime.reactor.SignalCensus;
import dev.chime.reactor.stream.Writable;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.EveryEngine;
import dev.chime.reactor.testing.Reactors;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Our client against our server: connections kept, content both ways, early ends. */
class ClientTest {
    private static final long MUCH = 8 << 20;

    @EveryEngine
    void requestsInARow_shareAConnection(EngineKind engine) {
        List<String> texts = new ArrayList<>();
        TreeSet<String> from = new TreeSet<>();
        Asking.run(
                engine,
                (request, response) -> {
                    from.add(String.valueOf(request.remoteAddress()));
                    response.end(request.method() + request.target());
                },
                (reactor, server, url) -> {
                    HttpClient client = Http.of(reactor).createClient(HttpClientOptions.defaults());
                    askInARow(
                            client,
                            url,
                            5,
                            texts,
                            () -> {
                                assertEquals(1, client.idleConnections());
                                Asking.done(server, client);
                            });
                });
        assertEquals(List.of("GET/5?x", "GET/4?x", "GET/3?x", "GET/2?x", "GET/1?x"), texts);
        assertEquals(1, from.size());
    }

    private static void askInARow(
            HttpClient client, String url, int left, List<String> texts, Runnable then) {
        if (left == 0) {
            then.run();
            return;
        }
        client.get(
                url + "/" + left + "?x",
                Asking.text((err, text) -> {
                    assertNull(err);
                    texts.add(text);
                    askInARow(client, url, left - 1, texts, then);
                }));
    }

    @EngineTest
    void requestsAtOnce_waitForOneOfTheConnections(EngineKind engine) {
        int[] most = {0};
        List<String> texts = new ArrayList<>();
        HttpServer[] serving = new HttpServer[1];
        Asking.run(
                engine,
                (request, response) -> {
                    most[0] = Math.max(most[0], serving[0].connections());
                    request.reactor().setTimeout(5, () -> response.end(request.target()));
                },
                (reactor, server, url) -> {
                    serving[0] = server;
                    HttpClient client =
                            Http.of(reactor)
                                    .createClient(
                                            HttpClientOptions.defaults()
                                                    .maxConnectionsPerOrigin(2));
                    for (int i = 0; i < 9; i++) {
                        client.get(
                                url + "/" + i,
                                Asking.text((err, text) -> {
                                    assertNull(err);
                                    texts.add(text);
                                    if (texts.size() == 9) {
                                        Asking.done(server, client);
                                    }
                                }));
                    }
                });
        assertEquals(9, new TreeSet<>(texts).size());
        assertEquals(2, most[0]);
    }

    @EngineTest
    void contentInAllForms_comesBack(EngineKind engine) {
        List<String> texts = new ArrayList<>();
        Asking.run(
                engine,
                (request, response) -> {
                    String length = request.header("Content-Length");
                    response.header("X-Framing", length == null ? "chunks" : length);
                    request.body().pipe(response.body());
                },
                (reactor, server, url) -> {
                    HttpClient client = Http.of(reactor).createClient(HttpClientOptions.defaults());
                    List<RequestOptions> requests =
                            List.of(
                                    RequestOptions.post(url).body("whole"),
                                    RequestOptions.post(url),
                                    RequestOptions.post(url).body(new byte[50_000]),
                                    RequestOptions.post(url).body(body -> body.end("chunked")),
                                    RequestOptions.post(url)
                                            .header("Content-Length", "5")
                                            .body(body -> body.end("known")),
                                    RequestOptions.of("PUT", url)
                                            .header("Expect", "100-continue")
                                            .body(body -> body.end("expected")));
                    for (RequestOptions request : requests) {
                        client.request(
                                request,
                                (err, response) -> {
                                    assertNull(err);
                                    String framing = response.header("X-Framing");
                                    Asking.text(
                                                    (e, text) -> {
                                                        assertNull(e);
                                                        texts.add(framing + " " + text.strip());
                                                        if (texts.size() == requests.size()) {
                                                            Asking.done(server, client);
                                                        }
                                                    })
                                            .call(null, response);
                                });
                    }
                });
        assertEquals(
                new TreeSet<>(
                        List.of(
                                "5 whole",
                                "0 ",
                                "50000 " + "\0".repeat(50_000),
                                "chunks chunked",
                                "5 known",
                                "chunks expected")),
                new TreeSet<>(texts));
    }

    @EngineTest
    void muchContentBothWays_isWholeAndObeysBackpressure(EngineKind engine) {
        Content back = new Content(9);
        Asking.run(
                engine,
                (request, response) -> request.body().pipe(response.body()),
                (reactor, server, url) -> {
                    HttpClient client = Http.of(reactor).createClient(HttpClientOptions.defaults());
                    Content content = new Content(9);
                    RequestOptions request =
                            RequestOptions.post(url)
                                    .body(body -> {
                                        body.onDrain(() -> pour(body, content));
                                        pour(body, content);
                                    });
                    client.request(
                            request,
                            (err, response) -> {
                                assertNull(err);
                                response.body().onData(back::check);
                                response.body()
                                        .onEnd(() -> {
                                            Asking.done(server, client);
                                        });
                            });
                });
        assertEquals(MUCH, back.position());
    }

    private static void pour(Writable body, Content content) {
        while (content.position() < MUCH) {
            if (!body.write(content.take(50_000))) {
                assertTrue(body.queuedBytes() < 200_000);
                return;
            }
            if (content.position() + 50_000 > MUCH) {
                body.end(content.take((int) (MUCH - content.position())));
            }
        }
    }

    @EngineTest
    void answersWithoutContent_keepTheConnection(EngineKind engine) {
        List<String> seen = new ArrayList<>();
        TreeSet<String> from = new TreeSet<>();
        Asking.run(
                engine,
                (request, response) -> {
                    from.add(String.valueOf(request.remoteAddress()));
                    int status = Integer.parseInt(request.path().substring(1));
                    response.status(status).end(status == 200 ? "content" : "");
                },
                (reactor, server, url) -> {
                    HttpClient client = Http.of(reactor).createClient(HttpClientOptions.defaults());
                    client.request(
                            RequestOptions.of("HEAD", url + "/200"),
                            Asking.text((err, text) -> {
                                seen.add("HEAD " + text);
                                client.get(
                                        url + "/204",
                                        Asking.text((e, none) -> {
                                            seen.add("204 " + none);
                                            client.get(
                                                    url + "/304",
                                                    Asking.text((f, more) -> {
                                                        seen.add("304 " + more);
                                                        Asking.done(server, client);
                                                    }));
                                        }));
                            }));
                });
        assertEquals(List.of("HEAD ", "204 ", "304 "), seen);
        assertEquals(1, from.size());
    }

    // ---- early ends

    @EngineTest
    void earlyEnds_areHeardOnceByWhoIsWaiting(EngineKind engine) {
        List<String> seen = new ArrayList<>();
        Asking.run(
                engine,
                (request, response) -> {
                    if (request.path().equals("/half")) {
                        response.body().write("half");
                        response.flushHead();
                    }
                },
                (reactor, server, url) -> {
                    HttpClient client = Http.of(reactor).createClient(HttpClientOptions.defaults());
                    AbortController controller = new AbortController(reactor);
                    Runnable end =
                            () -> {
                                if (seen.size() == 6) {
                                    client.close();
                                    server.shutdown(Duration.ZERO, (err, report) -> {});
                                }
                            };
                    RequestOptions never = RequestOptions.get(url + "/never");
                    note(client, never.headTimeout(Duration.ofMillis(50)), "head", seen, end);
                    note(client, never.idleTimeout(Duration.ofMillis(50)), "idle", seen, end);
                    note(client, never.totalTimeout(Duration.ofMillis(50)), "total", seen, end);
                    note(client, never, "deadline", seen, end).deadline(Duration.ofMillis(50));
                    note(client, never, "abort", seen, end).abortOn(controller.signal());
                    reactor.setTimeout(50, controller::abort);
                    Operation[] half = new Operation[1];
                    half[0] =
                            client.get(
                                    url + "/half",
                                    (err, response) -> {
                                        assertNull(err);
                                        response.body().onData(data -> half[0].cancel());
                                        response.body()
                                                .onClose(e -> {
                                                    seen.add("half " + e.code());
                                                    end.run();
                                                });
                                    });
                });
        assertEquals(
                new TreeSet<>(
                        List.of(
                                "head ETIMEDOUT",
                                "idle ETIMEDOUT",
                                "total ETIMEDOUT",
                                "deadline ETIMEDOUT",
                                "abort ECANCELED",
                                "half ECANCELED")),
                new TreeSet<>(seen));
    }

    @EveryEngine
    void reasonOfAnAbort_isTheCauseWhereverItIsAt(EngineKind engine) {
        Exception reason = new IllegalStateException("enough");
        List<Throwable> causes = new ArrayList<>();
        Asking.run(
                engine,
                (request, response) -> response.body().write("half"),
                (reactor, server, url) -> {
                    HttpClient client =
                            Http.of(reactor)
                                    .createClient(HttpClientOptions.defaults().maxConnections(2));
                    AbortController controller = new AbortController(reactor);
                    AbortSignal signal = controller.signal();
                    Runnable end =
                            () -> {
                                if (causes.size() == 4) {
                                    assertEquals(0, SignalCensus.listeners(signal));
                                    client.close();
                                    server.shutdown(Duration.ZERO, (err, report) -> {});
                                }
                            };
                    Callback<IncomingMessage> note =
                            (err, response) -> {
                                causes.add(err.getCause());
                                end.run();
                            };
                    client.get(
                                    url,
                                    (err, response) -> {
                                        response.body().onData(data -> {});
                                        response.body()
                                                .onClose(e -> {
                                                    causes.add(e.getCause());
                                                    end.run();
                                                });
                                        client.get(url, note).abortOn(signal); // connects
                                        client.get(url, note).abortOn(signal); // waits
                                        controller.abort(reason);
                                        client.get(url, note).abortOn(signal); // is too late
                                    })
                            .abortOn(signal);
                });
        assertEquals(4, causes.size());
        causes.forEach(cause -> assertSame(reason, cause));
    }

    private static Operation note(
            HttpClient client,
            RequestOptions request,
            String name,
            List<String> seen,
            Runnable then) {
        return client.request(
                request,
                (err, response) -> {
                    seen.add(name + " " + err.code());
                    then.run();
                });
    }

    @EngineTest
    void connectThatIsNotAnswered_timesOut(EngineKind engine) throws Exception {
        List<String> seen = new ArrayList<>();
        try (Mute mute = new Mute()) {
            Reactors.run(
                    engine,
                    reactor ->
                            note(
                                    Http.of(reactor).createClient(HttpClientOptions.defaults()),
                                    RequestOptions.get("http://127.0.0.1:" + mute.port())
                                            .connectTimeout(Duration.ofMillis(100)),
                                    "connect",
                                    seen,
                                    () -> {}));
        }
        assertEquals(List.of("connect ETIMEDOUT"), seen);
    }

    @EngineTest
    void whoDoesNotListen_isSaid(EngineKind engine) throws Exception {
        List<String> seen = new ArrayList<>();
        int free = Peers.freePort();
        Reactors.run(
                engine,
                reactor -> {
                    HttpClient client = Http.of(reactor).createClient(HttpClientOptions.defaults());
                    String url = "http://127.0.0.1:" + free;
                    note(client, RequestOptions.get(url), "refused", seen, () -> {});
                    note(
                            client,
                            RequestOptions.get("https://127.0.0.1:" + free),
                            "tls",
                            seen,
                            () -> {});
                    note(
                            client,
                            RequestOptions.post(url).body(body -> body.end("x")),
                            "unread",
                            seen,
                            () -> {});
                });
        assertEquals(
                new TreeSet<>(
                        List.of("refused ECONNREFUSED", "tls ECONNREFUSED", "unread ECONNREFUSED")),
                new TreeSet<>(seen));
    }

    @EngineTest
    void contentThatFails_endsTheRequest(EngineKind engine) {
        List<String> seen = new ArrayList<>();
        Asking.run(
                engine,
                (request, response) -> request.body().resume(),
                (reactor, server, url) -> {
                    HttpClient client = Http.of(reactor).createClient(HttpClientOptions.defaults());
                    Runnable end =
                            () -> {
                                if (seen.size() == 3) {
                                    client.close();
                                    server.shutdown(Duration.ZERO, (err, report) -> {});
                                }
                            };
                    RequestOptions post = RequestOptions.post(url);
                    BodyWriter throwing =
                            body -> {
                                throw new IllegalStateException("no content");
                            };
                    note(client, post.body(throwing), "throws", seen, end);
                    BodyWriter destroying = Writable::destroy;
                    note(client, post.body(destroying), "destroyed", seen, end);
                    BodyWriter more = body -> body.end("more");
                    RequestOptions three = post.header("Content-Length", "3").body(more);
                    note(client, three, "longer", seen, end);
                });
        assertEquals(
                new TreeSet<>(
                        List.of(
                                "throws ERR_HTTP_BODY_FAILED",
                                "destroyed ERR_STREAM_PREMATURE_CLOSE",
                                "longer ERR_HTTP_CONTENT_LENGTH_MISMATCH")),
                new TreeSet<>(seen));
    }

    @Test
    void requestsThatWouldBreakTheHead_areRefusedAtTheCall() {
        List<Runnable> calls =
                List.of(
                        () -> RequestOptions.of("G T", "http://a"),
                        () -> RequestOptions.of("GET\r\nX: y", "http://a"),
                        () -> RequestOptions.get("http://a/b c"),
                        () -> RequestOptions.get("ftp://a"),
                        () -> RequestOptions.get("/a"),
                        () -> RequestOptions.get("http://u:p@a"),
                        () -> RequestOptions.get("http://a").header("X", "a\r\nY: b"),
                        () -> RequestOptions.get("http://a").header("X Y", "a"),
                        () -> RequestOptions.get("http://a").header("Transfer-Encoding", "x"));
        for (Runnable call : calls) {
            assertThrows(IllegalArgumentException.class, call::run);
        }
    }
}
