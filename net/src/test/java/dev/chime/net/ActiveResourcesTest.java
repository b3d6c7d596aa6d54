package dev.chime.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.ActiveResource;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.testing.EveryEngine;
import dev.chime.reactor.testing.Reactors;
import java.util.ArrayList;
import java.util.List;

/** What keeps the loop alive, of servers and sockets. */
class ActiveResourcesTest {
    private static List<String> kinds(List<ActiveResource> resources) {
        return resources.stream().map(ActiveResource::kind).sorted().toList();
    }

    @EveryEngine
    void serversAndSockets_areThereWhileTheyAreOpenAndReferenced(EngineKind engine) {
        List<List<String>> seen = new ArrayList<>();
        List<String> dumps = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    Net net = Net.of(reactor);
                    Server[] server = new Server[1];
                    Socket[] client = new Socket[1];
                    server[0] =
                            net.createServer(peer -> {
                                peer.onData(data -> {});
                                reactor.setImmediate(() -> {
                                    seen.add(kinds(reactor.activeResources()));
                                    dumps.add(reactor.dump());
                                    peer.unref();
                                    seen.add(kinds(reactor.activeResources()));
                                    client[0].destroy();
                                    server[0].close(
                                            closed -> seen.add(kinds(reactor.activeResources())));
                                });
                            });
                    server[0].listen(
                            0,
                            "127.0.0.1",
                            (err, listening) ->
                                    net.connect(
                                            server[0].address().getPort(),
                                            "127.0.0.1",
                                            (failed, socket) -> client[0] = socket));
                });
        assertEquals(
                List.of(
                        List.of("Server", "Socket", "Socket"),
                        List.of("Server", "Socket"),
                        List.of()),
                seen);
        String dump = dumps.getFirst();
        assertTrue(dump.contains("ACCEPT   fd "), dump);
        assertTrue(dump.contains("RECV     fd "), dump);
        assertTrue(dump.contains("\nopen: 3\n  Server["), dump);
    }
}
