package dev.chime.net.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.net.testing.ConnectProxy;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.testing.EngineTest;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Which proxy a request goes through, and what each is told. */
class ProxiesTest {
    private static final String ANSWER = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nproxy";

    private static void assertProxies(Proxies proxies, Map<String, String> cases) {
        cases.forEach((url, proxy) -> assertEquals(proxy, "" + proxies.of(URI.create(url)), url));
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
        assertProxies(
                proxies,
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
                        "http://exact.test/", "http://plain:1"));
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

    @Test
    void hostsAskedDirectly_areKnownByPortAndAsAddresses() {
        String rules = "exact.test:443,[::1],[fe80::1]:8080,fe80::2";
        Map<String, String> cases =
                Map.of(
                        "https://exact.test/", "null",
                        "wss://exact.test/", "null",
                        "http://exact.test:443/", "null",
                        "ws://exact.test/", "http://p",
                        "wss://exact.test:444/", "http://p",
                        "http://[::1]:99/", "null",
                        "http://[fe80::1]:8080/", "null",
                        "http://[fe80::1]/", "http://p",
                        "http://[fe80::2]/", "null",
                        "http://[fe80::1:8080]/", "http://p");
        assertProxies(
                Proxies.environment(
                        Map.of(
                                "http_proxy", "http://p",
                                "https_proxy", "http://p",
                                "no_proxy", rules)),
                cases);
    }

    @Test
    void urlWithoutAHost_isRefused() {
        Proxies proxies = Proxies.all(URI.create("http://p"));
        for (URI url : List.of(URI.create("mailto:x"), URI.create("/x"), URI.create("http:/x"))) {
            String why =
                    assertThrows(IllegalArgumentException.class, () -> proxies.of(url))
                            .getMessage();
            assertTrue(why.startsWith("url is " + url + ": "), why);
            assertThrows(IllegalArgumentException.class, () -> Proxies.none().of(url));
        }
        assertThrows(IllegalArgumentException.class, () -> proxies.of(null));
    }

    /** What a CGI gets as HTTP_PROXY is a header of its client. */
    @Test
    void headerOfACgisClient_isNoProxy() {
        Map<String, String> cgi =
                Map.of(
                        "REQUEST_METHOD", "GET",
                        "HTTP_PROXY", "http://evil",
                        "HTTPS_PROXY", "http://ours");
        assertProxies(
                Proxies.environment(cgi),
                Map.of("http://a.test/", "null", "https://a.test/", "http://ours"));
        Map<String, String> lower =
                Map.of(
                        "REQUEST_METHOD",
                        "GET",
                        "HTTP_PROXY",
                        "http://evil",
                        "http_proxy",
                        "http://p");
        assertProxies(Proxies.environment(lower), Map.of("http://a.test/", "http://p"));
    }

    @Test
    void wrongProxies_areRefusedWithoutTheirPasswords() {
        for (String wrong :
                List.of(
                        "me:secret@host:3128",
                        "http:me:secret@host:3128",
                        "me:secret://x@host:3128",
                        "http://me:secret@host port",
                        "http://me:secret/@host",
                        "http://me:secret#@host",
                        "http://me:x@secret@host",
                        "socks5://me:secret@host")) {
            Throwable error =
                    assertThrows(
                            IllegalArgumentException.class,
                            () -> Proxies.environment(Map.of("http_proxy", wrong)),
                            wrong);
            assertNull(error.getCause(), wrong);
            String why = error.getMessage();
            assertFalse(why.contains("secret"), why);
            assertTrue(why.endsWith(": use http://host:port"), why);
        }
    }

    @EngineTest
    void proxyOfTheEnvironment_isAskedButForThoseWhoAreExempt(EngineKind engine) throws Exception {
        List<String> texts = new ArrayList<>();
        try (ConnectProxy proxy = new ConnectProxy(head -> ANSWER)) {
            ask(
                    engine,
                    Map.of("http_proxy", "" + proxy.url(""), "no_proxy", "localhost"),
                    List.of("DIRECT", "http://nowhere.invalid/"),
                    texts);
        }
        assertEquals(List.of("origin null", "proxy"), texts);
    }

    /** Redirects to the query, if there is one. */
    private static String redirecting(String head) {
        String[] url = head.split(" ")[1].split("\\?");
        return url.length == 1
                ? ANSWER
                : "HTTP/1.1 302 Found\r\nLocation: " + url[1] + "\r\nContent-Length: 0\r\n\r\n";
    }

    @EngineTest
    void proxyAuthorization_isForTheProxyOfTheRequestAlone(EngineKind engine) throws Exception {
        List<String> texts = new ArrayList<>();
        String refusal = "HTTP/1.1 502 Bad\r\nContent-Length: 0\r\n\r\n";
        try (ConnectProxy plain = new ConnectProxy(ProxiesTest::redirecting);
                ConnectProxy secure = new ConnectProxy(head -> refusal)) {
            Map<String, String> variables =
                    Map.of(
                            "http_proxy", "" + plain.url("me:x@"),
                            "https_proxy", "" + secure.url("you:x@"),
                            "no_proxy", "localhost");
            String moved = "http://nowhere.invalid/?";
            List<String> urls =
                    List.of(
                            "DIRECT",
                            moved + "DIRECT",
                            moved + "http://elsewhere.invalid/",
                            moved + "https://nowhere.invalid/");
            ask(engine, variables, urls, texts);
            assertEquals(4, plain.heads().size());
            for (String head : plain.heads()) {
                assertTrue(head.contains("\r\nProxy-Authorization: Bearer 7\r\n"), head);
                assertFalse(head.contains("Basic"), head);
            }
            assertEquals(1, secure.heads().size());
            String other = secure.heads().getFirst();
            assertFalse(other.contains("Bearer"), other);
            assertTrue(other.contains("\r\nProxy-Authorization: Basic eW91Ong=\r\n"), other);
        }
        assertEquals(List.of("ERR_PROXY_TUNNEL", "origin null", "origin null", "proxy"), texts);
    }

    /** Asks for each, with credentials for a proxy; DIRECT is the URL of a server. */
    private static void ask(
            EngineKind engine, Map<String, String> variables, List<String> urls, List<String> to) {
        HttpClientOptions options =
                HttpClientOptions.defaults().proxies(Proxies.environment(variables));
        Asking.run(
                engine,
                (request, response) ->
                        response.end("origin " + request.header("Proxy-Authorization")),
                (reactor, server, url) -> {
                    HttpClient client = Http.of(reactor).createClient(options);
                    String direct = url.replace("127.0.0.1", "localhost");
                    for (String each : urls) {
                        RequestOptions request =
                                RequestOptions.get(each.replace("DIRECT", direct))
                                        .header("Proxy-Authorization", "Bearer 7")
                                        .maxRedirects(1);
                        client.request(
                                request,
                                Asking.text((err, text) -> {
                                    to.add(err == null ? text : err.code());
                                    if (to.size() == urls.size()) {
                                        Asking.done(server, client);
                                    }
                                }));
                    }
                });
        to.sort(null);
    }
}
