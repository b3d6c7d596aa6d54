package dev.chime.net.dns;

import dev.chime.net.Net;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Operation;
import dev.chime.reactor.ReactorOptions;
import dev.chime.reactor.testing.Reactors;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** A loop with a scripted name server and a {@link Dns} that asks it; notes what comes of that. */
final class Resolves {
    /** What a test asks. */
    @FunctionalInterface
    interface Body {
        void run(Resolves resolves) throws Exception;
    }

    private final List<String> results = new ArrayList<>();
    private Net net;
    private NameServer server;
    private Dns dns;

    /** Runs a loop with a server that is asked with patience. */
    static Resolves run(EngineKind engine, NameServer.Script script, Body body) {
        return run(Reactors.options(engine), UnaryOperator.identity(), script, body);
    }

    /** Runs a loop with other options of its {@link Dns}. */
    static Resolves run(
            ReactorOptions engine,
            UnaryOperator<DnsOptions> options,
            NameServer.Script script,
            Body body) {
        Resolves resolves = new Resolves();
        Reactors.run(
                engine,
                reactor ->
                        NameServer.start(
                                reactor,
                                script,
                                server -> {
                                    resolves.net = Net.of(reactor);
                                    resolves.server = server;
                                    DnsOptions asked =
                                            DnsOptions.defaults()
                                                    .servers(server.address())
                                                    .timeout(Duration.ofSeconds(30));
                                    resolves.dns = Dns.of(resolves.net, options.apply(asked));
                                    body.run(resolves);
                                }));
        return resolves;
    }

    Net net() {
        return net;
    }

    Dns dns() {
        return dns;
    }

    NameServer server() {
        return server;
    }

    /** What came, in order: the records, or the error's message. */
    List<String> results() {
        return results;
    }

    /** Asks, notes the outcome, then goes on. */
    Operation resolve(String name, RecordType<?> type, Runnable then) {
        boolean[] inside = {true};
        Operation operation =
                dns.resolve(
                        name,
                        type,
                        (err, records) -> {
                            if (inside[0]) {
                                throw new AssertionError("called inside the call");
                            }
                            results.add(
                                    err != null
                                            ? err.getMessage()
                                            : records.stream().map(Resolves::text).toList() + "");
                            then.run();
                        });
        inside[0] = false;
        return operation;
    }

    Operation resolve(String name, RecordType<?> type) {
        return resolve(name, type, () -> {});
    }

    /** Without the type's name, which is the same for all. */
    private static String text(DnsRecord record) {
        return record.toString().replaceFirst("^\\w+", "").replace("=/", "=");
    }
}
