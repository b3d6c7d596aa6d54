package dev.chime.net.tls;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.net.ConnectOptions;
import dev.chime.net.Net;
import dev.chime.net.NetOptions;
import dev.chime.net.Socket;
import dev.chime.net.testing.Content;
import dev.chime.net.testing.Peers;
import dev.chime.net.testing.Servers;
import dev.chime.reactor.AbortController;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.EveryEngine;
import dev.chime.reactor.testing.Reactors;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Clients, and streams that become secure on their way. */
class TlsConnectTest {
    /** A server that never answers: each way to lose patience. */
    @EveryEngine
    void aServerWhoSaysNothing_isLeft(EngineKind engine) {
        List<String> codes = new ArrayList<>();
        Reactors.run(
                engine,
                reactor ->
                        Servers.listen(
                                reactor,
                                socket -> socket.resume(),
                                (server, port) -> {
                                    Tls tls = Tls.of(reactor);
                                    TlsOptions client = TlsPeers.client();
                                    AbortController controller = new AbortController(reactor);
                                    tls.connect(
                                            TlsPeers.where(port),
                                            client.handshakeTimeout(Duration.ofMillis(30)),
                                            (err, socket) -> codes.add("a " + err.code()));
                                    tls.connect(
                                                    TlsPeers.where(port),
                                                    client,
                                                    (err, socket) -> codes.add("b " + err.code()))
                                            .deadline(Duration.ofMillis(60));
                                    tls.connect(
                                                    TlsPeers.where(port),
                                                    client,
                                                    (err, socket) -> codes.add("c " + err.code()))
                                            .abortOn(controller.signal());
                                    tls.connect(
                                                    TlsPeers.where(port),
                                                    client,
                                                    (err, socket) -> codes.add("d " + err.code()))
                                            .cancel();
                                    reactor.setTimeout(60, controller::abort);
                                    reactor.setTimeout(100, () -> Servers.close(server));
                                }));
        assertEquals(
                List.of("a ERR_TLS_HANDSHAKE_TIMEOUT", "b ETIMEDOUT", "c ECANCELED", "d ECANCELED"),
                codes.stream().sorted().toList());
    }

    @EveryEngine
    void nobodyThere_isTheSocketsError(EngineKind engine) {
        List<String> codes = new ArrayList<>();
        Reactors.run(
                engine,
                reactor ->
                        Servers.listen(
                                reactor,
                                socket -> {},
                                (server, port) ->
                                        server.close(closed ->
                                                Tls.of(reactor)
                                                        .connect(
                                                                TlsPeers.where(port),
                                                                TlsPeers.client(),
                                                                (err, socket) ->
                                                                        codes.add(err.code())))));
        assertEquals(List.of("ECONNREFUSED"), codes);
    }

    @EveryEngine
    void whatHasBeenDelivered_isCountedByTheTransport(EngineKind engine) {
        List<Boolean> more = new ArrayList<>();
        Reactors.run(
                engine,
                reactor ->
                        TlsPeers.once(
                                reactor,
                                TlsPeers.server(),
                                socket -> socket.pipe(socket),
                                (server, port) ->
                                        Servers.connect(
                                                reactor,
                                                port,
                                                transport ->
                                                        Tls.of(reactor)
                                                                .wrap(
                                                                        transport,
                                                                        TlsPeers.client(),
                                                                        (err, socket) ->
                                                                                compare(
                                                                                        transport,
                                                                                        socket,
                                                                                        more)))));
        assertEquals(List.of(true), more);
    }

    private static void compare(Socket transport, TlsSocket socket, List<Boolean> more) {
        socket.write("hello");
        socket.onData(data -> {
            assertEquals(transport.bytesDelivered(), socket.bytesDelivered());
            more.add(socket.bytesDelivered() > socket.bytesWritten());
            socket.end();
        });
    }

    /** The host that is connected to is whom the server must be, and is asked for. */
    @EveryEngine
    void theHostsName_isWhatIsChecked(EngineKind engine) {
        List<String> outcomes = new ArrayList<>();
        TlsContext context = TlsContext.of(Authority.ROOT.issue("here", "here.test").identity());
        NetOptions names =
                NetOptions.defaults()
                        .resolver((host, callback) -> {
                            callback.call(null, List.of(InetAddress.ofLiteral(Peers.LOCAL)));
                            return null;
                        });
        TlsOptions client = TlsOptions.of(TlsContext.of(Authority.ROOT.trust()));
        Reactors.run(
                engine,
                reactor ->
                        TlsPeers.listen(
                                reactor,
                                TlsOptions.of(context),
                                socket -> {
                                    outcomes.add("asked for " + socket.serverName());
                                    socket.pipe(socket);
                                },
                                (server, port) -> {
                                    Tls tls = Tls.of(Net.of(reactor, names));
                                    tls.connect(
                                            ConnectOptions.port(port).host("here.test"),
                                            client,
                                            (err, socket) -> {
                                                assertNull(err);
                                                socket.onClose(closed ->
                                                        tls.connect(
                                                                ConnectOptions.port(port)
                                                                        .host("there.test"),
                                                                client,
                                                                (wrong, none) -> {
                                                                    outcomes.add(wrong.code());
                                                                    TlsPeers.close(server);
                                                                }));
                                                socket.resume();
                                                socket.end();
                                            });
                                }));
        assertEquals(List.of("asked for here.test", "ERR_TLS_CERT_ALTNAME_INVALID"), outcomes);
    }

    @EveryEngine
    void aStreamBecomesSecure_onItsWay(EngineKind engine) {
        List<String> heard = new ArrayList<>();
        Reactors.run(
                engine,
                reactor ->
                        Servers.once(
                                reactor,
                                socket -> {
                                    socket.onData(data -> {
                                        heard.add(data.toString(UTF_8));
                                        socket.write("go ahead");
                                        Tls.of(reactor)
                                                .accept(
                                                        socket,
                                                        null,
                                                        TlsPeers.server(),
                                                        (err, secure) -> secure.pipe(secure));
                                    });
                                },
                                (server, port) ->
                                        Servers.connect(
                                                reactor,
                                                port,
                                                socket -> {
                                                    socket.onData(data -> {
                                                        heard.add(data.toString(UTF_8));
                                                        Tls.of(reactor)
                                                                .wrap(
                                                                        socket,
                                                                        TlsPeers.client(),
                                                                        (err, secure) -> {
                                                                            secure.onText(
                                                                                    UTF_8,
                                                                                    heard::add);
                                                                            secure.end("secret");
                                                                        });
                                                    });
                                                    socket.write("STARTTLS");
                                                })));
        assertEquals(List.of("STARTTLS", "go ahead", "secret"), heard);
    }

    /**
     * Both sides talk in the clear, much more than a socket takes at once, one asks and the other
     * agrees, and both go on securely: each hears every byte, in order.
     */
    @EveryEngine
    void muchBeforeAndMuchAfterStarttls_noByteIsLost(EngineKind engine) {
        int plain = 300_001;
        int all = 700_001;
        Content heardByServer = new Content(1);
        Content heardByClient = new Content(2);
        Reactors.run(
                engine,
                reactor ->
                        Servers.once(
                                reactor,
                                socket -> {
                                    Content said = new Content(2);
                                    socket.onData(data -> {
                                        heardByServer.check(data);
                                        if (heardByServer.position() == plain) {
                                            socket.write(said.take(plain));
                                            Tls.of(reactor)
                                                    .accept(
                                                            socket,
                                                            null,
                                                            TlsPeers.server(),
                                                            (err, secure) -> {
                                                                secure.onData(heardByServer::check);
                                                                TlsPeers.fill(
                                                                        secure, said, all, 9000);
                                                            });
                                        }
                                    });
                                },
                                (server, port) ->
                                        Servers.connect(
                                                reactor,
                                                port,
                                                socket -> {
                                                    Content said = new Content(1);
                                                    socket.write(said.take(plain));
                                                    socket.onData(data -> {
                                                        heardByClient.check(data);
                                                        if (heardByClient.position() == plain) {
                                                            goOn(
                                                                    reactor,
                                                                    socket,
                                                                    heardByClient,
                                                                    said,
                                                                    all);
                                                        }
                                                    });
                                                })));
        assertTrue(heardByServer.position() >= all, () -> "" + heardByServer.position());
        assertTrue(heardByClient.position() >= all, () -> "" + heardByClient.position());
    }

    private static void goOn(Reactor reactor, Socket socket, Content heard, Content said, int all) {
        Tls.of(reactor)
                .wrap(
                        socket,
                        TlsPeers.client(),
                        (err, secure) -> {
                            secure.onData(heard::check);
                            TlsPeers.fill(secure, said, all, 9000);
                        });
    }

    /** Header of a proxy and handshake in one piece. */
    @EngineTest
    void whatWasReadTooEarly_isNotLost(EngineKind engine) {
        List<String> heard = new ArrayList<>();
        Reactors.run(
                engine,
                reactor ->
                        Servers.once(
                                reactor,
                                socket -> {
                                    byte[] header = new byte[4];
                                    socket.onData(data -> {
                                        data.get(0, header, 0, 4);
                                        heard.add(new String(header, UTF_8));
                                        var head = data.slice(4, data.length() - 4);
                                        Tls.of(reactor)
                                                .accept(
                                                        socket,
                                                        head,
                                                        TlsPeers.server(),
                                                        (err, secure) -> secure.pipe(secure));
                                        head.release();
                                    });
                                },
                                (server, port) ->
                                        Servers.connect(
                                                reactor,
                                                port,
                                                socket -> {
                                                    socket.write("PROX");
                                                    Tls.of(reactor)
                                                            .wrap(
                                                                    socket,
                                                                    TlsPeers.client(),
                                                                    (err, secure) -> {
                                                                        secure.onText(
                                                                                UTF_8, heard::add);
                                                                        secure.end("secret");
                                                                    });
                                                })));
        assertEquals(List.of("PROX", "secret"), heard);
    }

    @EveryEngine
    void argumentsThatAreNone(EngineKind engine) {
        Reactors.run(
                engine,
                reactor -> {
                    Tls tls = Tls.of(reactor);
                    var nobody =
                            assertThrows(
                                    IllegalArgumentException.class,
                                    () -> tls.createServer(TlsOptions.client(), socket -> {}));
                    assertTrue(nobody.getMessage().contains("TlsIdentity"), nobody.getMessage());
                    assertThrows(
                            IllegalArgumentException.class,
                            () -> tls.connect(1, Peers.LOCAL, null));
                    var nameless =
                            assertThrows(
                                    IllegalArgumentException.class,
                                    () ->
                                            tls.connect(
                                                    ConnectOptions.path("@nowhere"),
                                                    TlsOptions.client(),
                                                    (err, socket) -> {}));
                    assertTrue(nameless.getMessage().contains("serverName"));
                    assertThrows(
                            IllegalArgumentException.class,
                            () -> tls.wrap(null, TlsOptions.client(), (err, socket) -> {}));
                });
    }
}
