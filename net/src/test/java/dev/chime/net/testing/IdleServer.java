package dev.chime.net.testing;

import dev.chime.net.ListenOptions;
import dev.chime.net.Net;
import dev.chime.net.Server;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.ReactorOptions;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.RejectedExecutionException;

/**
 * An echo server for a JVM of its own that tells what its connections cost. It prints its port;
 * then for each {@code ?} that it reads a line with the connections, the bytes of the heap that are
 * used behind a collection, those of native memory, the pieces of it that are in use, and those
 * that are resident; and ends when its input ends.
 */
public final class IdleServer {
    private IdleServer() {}

    /** Serves on the engine that the first argument names. */
    public static void main(String[] arguments) {
        ReactorOptions options = ReactorOptions.defaults().engine(EngineKind.valueOf(arguments[0]));
        Reactor.run(
                options,
                reactor ->
                        Net.of(reactor)
                                .createServer(Servers::echo)
                                .listen(
                                        ListenOptions.port(0).host(Peers.LOCAL).backlog(4096),
                                        (err, server) -> {
                                            if (err != null) {
                                                throw err;
                                            }
                                            System.out.println(server.address().getPort());
                                            answer(reactor, server);
                                        }));
    }

    private static void answer(Reactor reactor, Server server) {
        Thread.ofPlatform()
                .daemon()
                .start(() -> {
                    try {
                        while (System.in.read() >= 0) {
                            reactor.execute(() -> System.out.println(costs(reactor, server)));
                        }
                        reactor.execute(reactor::stop);
                    } catch (IOException | RejectedExecutionException e) {
                        throw new IllegalStateException(e);
                    }
                });
    }

    private static String costs(Reactor reactor, Server server) {
        System.gc();
        long heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
        return server.connections()
                + " "
                + heap
                + " "
                + Inside.mappedBytes(reactor)
                + " "
                + Inside.chunksInUse(reactor)
                + " "
                + residentBytes();
    }

    private static long residentBytes() {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
                if (line.startsWith("VmRSS:")) {
                    return Long.parseLong(line.replaceAll("\\D", "")) << 10;
                }
            }
            throw new IllegalStateException("/proc/self/status has no VmRSS");
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
