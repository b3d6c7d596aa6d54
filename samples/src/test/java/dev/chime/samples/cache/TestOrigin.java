package dev.chime.samples.cache;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A server of other hands, that writes down what it is asked. */
final class TestOrigin implements AutoCloseable {
    /** What was asked: method and target, and the fields. */
    record Asked(String line, com.sun.net.httpserver.Headers fields) {}

    final List<Asked> asked = new CopyOnWriteArrayList<>();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final HttpServer server;

    TestOrigin(HttpHandler handler) throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 100);
        server.setExecutor(threads);
        server.createContext(
                "/",
                exchange -> {
                    String line = exchange.getRequestMethod() + " " + exchange.getRequestURI();
                    asked.add(new Asked(line, exchange.getRequestHeaders()));
                    try (exchange) {
                        handler.handle(exchange);
                    }
                });
        server.start();
    }

    /** Answers whole: with a length, or in chunks if {@code length} is 0. */
    static void send(HttpExchange exchange, byte[] body, boolean chunked, String... fields)
            throws IOException {
        for (int i = 0; i < fields.length; i += 2) {
            exchange.getResponseHeaders().set(fields[i], fields[i + 1]);
        }
        exchange.sendResponseHeaders(200, chunked ? 0 : body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** How many requests came. */
    int count() {
        return asked.size();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.close();
    }
}
