package dev.chime.samples;

import dev.chime.net.ConnectOptions;
import dev.chime.net.ListenOptions;
import dev.chime.net.Net;
import dev.chime.net.Server;
import dev.chime.net.Socket;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.ReactorException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What an idle connection costs a server. The clients are a process of their own, this sample with
 * {@code --port}, which the server starts.
 */
final class LabIdle {
    private static final String LOCAL = "127.0.0.1";

    /** Connections that come first, so that what is measured is not what the first one costs. */
    private static final int FIRST = 200;

    private static final int CONNECTS_AT_ONCE = 64;

    /** What the process has at one moment. */
    private record Costs(long heap, long mapped, long resident) {
        static Costs now(Reactor reactor) throws IOException {
            System.gc();
            return new Costs(
                    ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed(),
                    reactor.memory().mappedBytes(),
                    residentBytes());
        }
    }

    private final Reactor reactor;
    private final int connections;
    private @Nullable Server server;
    private @Nullable Costs before;
    private @Nullable Process clients;
    private int connected;

    private LabIdle(Reactor reactor, int connections) {
        this.reactor = reactor;
        this.connections = connections;
    }

    static int run(Arguments arguments) {
        arguments.allow("connections", "port");
        arguments.noWords();
        int connections = arguments.number("connections", FIRST + 1, 1 << 20);
        if (arguments.textOrNull("port") == null) {
            Reactor.run(reactor -> new LabIdle(reactor, connections).serve());
        } else {
            int port = arguments.number("port", 1, 65535);
            Reactor.run(reactor -> new LabIdle(reactor, connections).connect(port));
        }
        return 0;
    }

    // ---- the server

    private void serve() {
        server =
                Net.of(reactor)
                        .createServer(socket -> {
                            socket.pipe(socket);
                            socket.onClose(err -> gone());
                        });
        server.listen(
                ListenOptions.port(0).host(LOCAL).backlog(4096),
                (err, listening) -> {
                    if (err != null || listening.address() == null) {
                        throw err == null ? new IOException("no address") : err;
                    }
                    startClients(listening.address().getPort());
                    reactor.setTimeout(1, this::look);
                });
    }

    private void startClients(int port) throws IOException {
        List<String> command =
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Main.class.getName(),
                        "lab-idle",
                        "--connections",
                        Integer.toString(connections),
                        "--port",
                        Integer.toString(port));
        clients = new ProcessBuilder(command).inheritIO().start();
    }

    /** The clients say a byte each and wait for it, so these have been used once and are idle. */
    private void look() throws IOException {
        Server serving = server;
        if (serving == null) {
            return;
        }
        if (before == null && serving.connections() >= FIRST) {
            before = Costs.now(reactor);
            connected = serving.connections();
        }
        if (before != null && serving.connections() == connections) {
            print(before, Costs.now(reactor), connections - connected);
            close();
            return;
        }
        reactor.setTimeout(1, this::look);
    }

    private void print(Costs first, Costs last, int more) {
        System.out.printf(
                Locale.ROOT,
                "{\"connections\":%d,\"resident_bytes_each\":%d,\"heap_bytes_each\":%d,"
                        + "\"native_bytes_each\":%d}%n",
                connections,
                (last.resident() - first.resident()) / more,
                (last.heap() - first.heap()) / more,
                (last.mapped() - first.mapped()) / more);
    }

    private void gone() {
        if (server != null) {
            System.err.println("the clients have gone before all were connected");
            close();
        }
    }

    private void close() {
        Process started = clients;
        server = null;
        if (started != null) {
            started.destroy();
        }
        reactor.stop();
    }

    private static long residentBytes() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("\\D", "")) << 10;
            }
        }
        throw new IOException("/proc/self/status has no VmRSS");
    }

    // ---- the clients

    private void connect(int port) {
        for (int i = 0; i < Math.min(CONNECTS_AT_ONCE, connections); i++) {
            next(port);
        }
    }

    private void next(int port) {
        if (connected < connections) {
            connected++;
            Net.of(reactor)
                    .connect(
                            ConnectOptions.port(port).host(LOCAL),
                            (err, socket) -> talk(err, socket, port));
        }
    }

    private void talk(@Nullable ReactorException err, Socket socket, int port)
            throws ReactorException {
        if (err != null) {
            throw err;
        }
        socket.onClose(gone -> reactor.stop());
        socket.onData(data -> next(port));
        socket.write(new byte[] {1});
    }
}
