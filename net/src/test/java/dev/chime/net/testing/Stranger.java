package dev.chime.net.testing;

import dev.chime.net.ConnectOptions;
import dev.chime.net.ListenOptions;
import dev.chime.net.Net;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.ReactorOptions;
import java.util.ArrayList;
import java.util.List;

/**
 * A JVM of its own, of a user without rights: it connects to the Unix socket that the second
 * argument names, listens on a port of the system's and in a folder that is not its own, and prints
 * what became of that, a line each.
 */
public final class Stranger {
    private Stranger() {}

    /** Runs on the engine that the first argument names. */
    public static void main(String[] arguments) {
        List<String> heard = new ArrayList<>();
        Reactor.run(
                ReactorOptions.defaults().engine(EngineKind.valueOf(arguments[0])),
                reactor -> {
                    Net net = Net.of(reactor);
                    String path = arguments[1];
                    net.connect(
                            ConnectOptions.path(path),
                            (err, none) -> {
                                note(heard, err);
                                listen(
                                        net,
                                        ListenOptions.port(80).host(Peers.LOCAL),
                                        heard,
                                        () ->
                                                listen(
                                                        net,
                                                        ListenOptions.path(path + "2"),
                                                        heard,
                                                        () -> {}));
                            });
                });
        heard.forEach(System.out::println);
    }

    private static void listen(Net net, ListenOptions options, List<String> heard, Runnable then) {
        net.createServer(socket -> {})
                .listen(
                        options,
                        (err, none) -> {
                            note(heard, err);
                            then.run();
                        });
    }

    private static void note(List<String> heard, ReactorException err) {
        heard.add(err == null ? "ok" : err.getMessage());
    }
}
