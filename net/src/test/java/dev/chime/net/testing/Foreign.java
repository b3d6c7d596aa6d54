package dev.chime.net.testing;

import dev.chime.net.Socket;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.ReactorOptions;
import dev.chime.reactor.testing.Reactors;

/** One socket of ours, accepted from a client that is no code of ours. */
public final class Foreign {
    /** Our side. */
    @FunctionalInterface
    public interface Ours {
        /** Runs on the loop thread when the connection has come. */
        void connection(Reactor reactor, Socket socket) throws Exception;
    }

    /** The other side. */
    @FunctionalInterface
    public interface Theirs {
        /** Runs on a thread of its own; the socket is closed afterwards. */
        void use(java.net.Socket socket) throws Exception;
    }

    private Foreign() {}

    /** Runs both sides to their end. */
    public static void run(EngineKind engine, Ours ours, Theirs theirs) {
        run(Reactors.options(engine), ours, theirs);
    }

    /** Runs both sides to their end, ours with these options. */
    public static void run(ReactorOptions options, Ours ours, Theirs theirs) {
        try (Peers peers = new Peers()) {
            Reactors.run(
                    options,
                    reactor ->
                            Servers.once(
                                    reactor,
                                    socket -> ours.connection(reactor, socket),
                                    (server, port) ->
                                            peers.start(
                                                    reactor,
                                                    () -> {
                                                        try (var socket = Peers.connect(port)) {
                                                            theirs.use(socket);
                                                        }
                                                    })));
        }
    }
}
