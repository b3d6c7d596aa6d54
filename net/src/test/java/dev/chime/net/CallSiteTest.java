package dev.chime.net;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.chime.reactor.ActiveResource;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.testing.ChildJvm;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.Reactors;
import dev.chime.reactor.testing.Stacks;
import java.util.List;

/** Trace mode: errors and open sockets know the call that they come from. */
class CallSiteTest {
    @EngineTest
    void inTraceMode_errorsAndSocketsComeFromTheirCalls(EngineKind engine) throws Exception {
        assertEquals(
                List.of(
                        "connect: connect < connectsToNobody",
                        "dropped write: destroy < destroys",
                        "listen: listen < listensAgain",
                        "open Server: listen < listens",
                        "open Socket: connect < connects",
                        "open Socket: listen < listens",
                        "reset: onData < waitsForData",
                        "exit 0"),
                ChildJvm.run(
                        List.of(),
                        List.of(
                                "-Dchime.trace=true",
                                "-Dchime.poison=true",
                                "-Dchime.stallMillis=0",
                                "-ea"),
                        List.of(Net.class),
                        Program.class,
                        engine.name()));
    }

    /** Fails in many ways. */
    static final class Program {
        private static final Stacks STACKS = new Stacks();
        private static Socket accepted;
        private static int ready;

        private Program() {}

        /** Takes the engine. */
        public static void main(String[] arguments) {
            Reactors.run(
                    EngineKind.valueOf(arguments[0]), reactor -> listens(reactor, Net.of(reactor)));
            STACKS.print();
        }

        private static void listens(Reactor reactor, Net net) {
            Server server = net.createServer(peer -> served(reactor, peer));
            server.listen(
                    0,
                    "127.0.0.1",
                    (err, listening) -> {
                        listensAgain(net, server.address().getPort());
                        connects(reactor, net, server);
                    });
        }

        private static void listensAgain(Net net, int port) {
            net.createServer(peer -> {})
                    .listen(port, "127.0.0.1", (err, listening) -> STACKS.note("listen", err));
        }

        private static void connects(Reactor reactor, Net net, Server server) {
            net.connect(
                    server.address().getPort(),
                    "127.0.0.1",
                    (err, socket) -> {
                        socket.write("unread");
                        socket.flush(sent -> ready(reactor));
                        waitsForData(net, server, socket);
                    });
        }

        private static void waitsForData(Net net, Server server, Socket socket) {
            socket.onData(data -> {});
            socket.onClose(err -> {
                STACKS.note("reset", err);
                server.close(closed -> connectsToNobody(net, server.address().getPort()));
            });
        }

        /** When both ends are open; the one that closes with unread data resets the other. */
        private static void ready(Reactor reactor) {
            if (++ready < 2) {
                return;
            }
            for (ActiveResource resource : reactor.activeResources()) {
                if (resource.kind().startsWith("S")) {
                    STACKS.note("open " + resource.kind(), resource.creation());
                }
            }
            destroys(accepted);
        }

        private static void served(Reactor reactor, Socket peer) {
            accepted = peer;
            ready(reactor);
        }

        private static void destroys(Socket peer) {
            peer.write("dropped");
            peer.flush(err -> STACKS.note("dropped write", err));
            peer.destroy();
        }

        private static void connectsToNobody(Net net, int port) {
            net.connect(port, "127.0.0.1", (err, socket) -> STACKS.note("connect", err));
        }
    }
}
