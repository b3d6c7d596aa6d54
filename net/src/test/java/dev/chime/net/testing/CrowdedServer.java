package dev.chime.net.testing;

import dev.chime.net.Drop;
import dev.chime.net.Server;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Errno;
import dev.chime.reactor.ErrnoException;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.ReactorOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import org.slf4j.LoggerFactory;

/**
 * An echo server for a JVM of its own with few descriptors. It prints its port, then for each
 * {@code ?} that it reads the processor time of its loop in milliseconds, for each {@code #} how
 * many connections it has dropped, and ends when its input ends.
 */
public final class CrowdedServer {
    private static int droppedHere;

    private CrowdedServer() {}

    /** Serves on the engine that the first argument names. */
    public static void main(String[] arguments) {
        ReactorOptions options = ReactorOptions.defaults().engine(EngineKind.valueOf(arguments[0]));
        Reactor.run(options, reactor -> {}); // the classes of a reactor's end
        Reactor.run(
                options,
                reactor ->
                        Servers.listen(
                                reactor,
                                Servers::echo,
                                (server, port) -> {
                                    server.onDrop(CrowdedServer::count);
                                    warmUp(reactor, port);
                                }));
    }

    /** Loads every class that it will need: a class file takes a descriptor as well. */
    private static void warmUp(Reactor reactor, int port) {
        String example = ErrnoException.socket(Errno.EMFILE.number(), "accept", null).getMessage();
        LoggerFactory.getLogger(Server.class).warn("an example, not an error: {}", example);
        print(loopMillis());
        Servers.connect(
                reactor,
                port,
                socket -> {
                    socket.onData(data -> socket.end())
                            .onClose(err ->
                                    reactor.setTimeout(
                                            1,
                                            () -> {
                                                print(port);
                                                answer(reactor);
                                            }));
                    socket.write("x");
                });
    }

    private static void count(Drop drop) {
        if (drop.reason() != Drop.Reason.NO_DESCRIPTOR) {
            throw new IllegalStateException("dropped for another reason: " + drop);
        }
        droppedHere++;
    }

    private static void print(long number) {
        System.out.println(number);
    }

    private static long loopMillis() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() / 1_000_000;
    }

    private static void answer(Reactor reactor) {
        Thread.ofPlatform()
                .daemon()
                .start(() -> {
                    try {
                        for (int c = System.in.read(); c >= 0; c = System.in.read()) {
                            boolean time = c == '?';
                            reactor.execute(() -> print(time ? loopMillis() : droppedHere));
                        }
                        reactor.execute(reactor::stop);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                });
        reactor.execute(() -> {});
    }
}
