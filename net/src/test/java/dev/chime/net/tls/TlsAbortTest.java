package dev.chime.net.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.chime.net.Net;
import dev.chime.net.testing.Peers;
import dev.chime.reactor.AbortController;
import dev.chime.reactor.Callback;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.testing.EveryEngine;
import dev.chime.reactor.testing.Reactors;
import java.util.ArrayList;
import java.util.List;

/** What a signal has ended on the way to TLS says why. */
class TlsAbortTest {
    @EveryEngine
    void reasonOfAnAbort_isTheCauseAtEachStage(EngineKind engine) {
        Exception reason = new IllegalStateException("enough");
        List<ReactorException> errors = new ArrayList<>();
        Reactors.run(
                engine,
                reactor -> {
                    Net net = Net.of(reactor);
                    Tls tls = Tls.of(net);
                    AbortController now = new AbortController(reactor);
                    AbortController late = new AbortController(reactor);
                    net.createServer(socket -> socket.resume())
                            .listen(
                                    0,
                                    Peers.LOCAL,
                                    (failed, server) -> {
                                        int port = server.address().getPort();
                                        Callback<TlsSocket> note =
                                                (err, secure) -> {
                                                    errors.add(err);
                                                    if (errors.size() == 3) {
                                                        server.close(closed -> {});
                                                    }
                                                };
                                        net.connect(
                                                port,
                                                Peers.LOCAL,
                                                (err, socket) -> {
                                                    tls.wrap(socket, TlsPeers.client(), note)
                                                            .abortOn(now.signal());
                                                    tls.connect(
                                                                    TlsPeers.where(port),
                                                                    TlsPeers.client(),
                                                                    note)
                                                            .abortOn(now.signal());
                                                    tls.connect(
                                                                    TlsPeers.where(port),
                                                                    TlsPeers.client(),
                                                                    note)
                                                            .abortOn(late.signal());
                                                    now.abort(reason);
                                                    reactor.setTimeout(
                                                            50, () -> late.abort(reason));
                                                });
                                    });
                });
        assertEquals(3, errors.size());
        for (ReactorException error : errors) {
            assertEquals("ECANCELED", error.code());
            assertSame(reason, error.getCause(), error::toString);
        }
    }
}
