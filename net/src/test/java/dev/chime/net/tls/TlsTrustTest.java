package dev.chime.net.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.net.testing.Peers;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.testing.EveryEngine;
import dev.chime.reactor.testing.Reactors;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Test;

/** Who is believed, who is not, and by which code it is said. */
class TlsTrustTest {
    /** What each side of one handshake heard: a code, or the peer's name. */
    private record Outcome(String client, String server, ReactorException clientError) {}

    private static Outcome shake(EngineKind engine, TlsOptions server, TlsOptions client) {
        String[] said = {"nothing", "nothing"};
        ReactorException[] error = new ReactorException[1];
        Reactors.run(
                engine,
                reactor -> {
                    TlsServer[] listening = new TlsServer[1];
                    TlsPeers.listen(
                            reactor,
                            server,
                            socket -> {
                                said[1] = peer(socket);
                                TlsPeers.close(listening[0]);
                                socket.onClose(err -> {
                                    if (err != null) {
                                        said[1] = err.code();
                                    }
                                });
                                socket.resume();
                                socket.end();
                            },
                            (started, port) -> {
                                listening[0] = started;
                                started.onClientError((err, socket) -> {
                                    said[1] = err.code();
                                    TlsPeers.close(started);
                                });
                                Tls.of(reactor)
                                        .connect(
                                                TlsPeers.where(port),
                                                client,
                                                (err, socket) -> {
                                                    error[0] = err;
                                                    said[0] =
                                                            err == null ? peer(socket) : err.code();
                                                    if (socket != null) {
                                                        socket.onClose(e -> {
                                                            if (e != null) {
                                                                said[0] = e.code();
                                                            }
                                                        });
                                                        socket.resume();
                                                    }
                                                });
                            });
                });
        return new Outcome(said[0], said[1], error[0]);
    }

    private static String peer(TlsSocket socket) {
        return socket.peerCertificates().isEmpty()
                ? "nobody"
                : socket.peerCertificates().getFirst().getSubjectX500Principal().getName();
    }

    private static TlsOptions server(Authority.Issued issued) {
        return TlsOptions.of(TlsContext.of(issued.identity()));
    }

    private static void refused(EngineKind engine, String code, TlsOptions server) {
        refused(engine, code, server, TlsPeers.client());
    }

    private static void refused(
            EngineKind engine, String code, TlsOptions server, TlsOptions client) {
        Outcome outcome = shake(engine, server, client);
        assertEquals(code, outcome.client());
        assertInstanceOf(SSLException.class, outcome.clientError().getCause());
        assertTrue(
                outcome.server().startsWith("ERR_SSL_") && outcome.server().contains("ALERT"),
                outcome.server());
    }

    @EveryEngine
    void aServerWhoIsWhomItHasToBe(EngineKind engine) {
        assertEquals("CN=localhost", shake(engine, TlsPeers.server(), TlsPeers.client()).client());
        assertEquals(
                "CN=localhost",
                shake(engine, TlsPeers.server(), TlsPeers.client().serverName(Peers.LOCAL))
                        .client(),
                "by its address");
        Authority between = Authority.ROOT.intermediate("between");
        Authority.Issued far = between.issue("far", "localhost");
        assertEquals("CN=far", shake(engine, server(far), TlsPeers.client()).client());
        Authority.Issued rsa = Authority.ROOT.issueRsa("rsa", "localhost");
        assertEquals("CN=rsa", shake(engine, server(rsa), TlsPeers.client()).client());
    }

    @EveryEngine
    void serversWhoAreNotBelieved(EngineKind engine) {
        refused(
                engine,
                "DEPTH_ZERO_SELF_SIGNED_CERT",
                server(Authority.selfSigned("self", "localhost")));
        Authority stranger = new Authority("stranger");
        refused(engine, "SELF_SIGNED_CERT_IN_CHAIN", server(stranger.issue("x", "localhost")));
        refused(
                engine,
                "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
                server(stranger.issue("x", "localhost").alone()));
        refused(
                engine,
                "CERT_HAS_EXPIRED",
                server(
                        Authority.ROOT.issueFor(
                                Duration.ofDays(-2), Duration.ofDays(-1), "old", "localhost")));
        refused(
                engine,
                "CERT_NOT_YET_VALID",
                server(
                        Authority.ROOT.issueFor(
                                Duration.ofDays(1), Duration.ofDays(2), "young", "localhost")));
        refused(
                engine,
                "ERR_TLS_CERT_ALTNAME_INVALID",
                server(Authority.ROOT.issue("other", "example.org")));
        refused(
                engine,
                "ERR_TLS_CERT_ALTNAME_INVALID",
                TlsPeers.server(),
                TlsPeers.client().serverName("127.0.0.2"));
    }

    @EveryEngine
    void trustInOneCertificate_andItsEnd(EngineKind engine) {
        Authority.Issued self = Authority.selfSigned("self", "localhost");
        TlsOptions client =
                TlsOptions.of(TlsContext.of(TlsTrust.of(self.chain()))).serverName("localhost");
        assertEquals("CN=self", shake(engine, server(self), client).client());
        Authority.Issued old =
                Authority.ROOT.issueFor(
                        Duration.ofDays(-2), Duration.ofDays(-1), "old", "localhost");
        refused(
                engine,
                "CERT_HAS_EXPIRED",
                server(old),
                client.context(TlsContext.of(TlsTrust.of(old.chain()))));
    }

    @EveryEngine
    void pins(EngineKind engine) {
        String pin = TlsTrust.pin(Authority.SERVER.chain().getFirst());
        String other = TlsTrust.pin(Authority.CLIENT.chain().getFirst());
        TlsTrust trust = Authority.ROOT.trust();
        TlsOptions client = TlsPeers.client();
        TlsOptions good = client.context(TlsContext.of(trust.pinned(other, pin)));
        assertEquals("CN=localhost", shake(engine, TlsPeers.server(), good).client());
        TlsOptions bad = client.context(TlsContext.of(trust.pinned(other)));
        refused(engine, "ERR_TLS_CERT_PIN_MISMATCH", TlsPeers.server(), bad);
        assertThrows(IllegalArgumentException.class, () -> trust.pinned("sha256/abc"));
        assertThrows(IllegalArgumentException.class, trust::pinned);
    }

    @EveryEngine
    void unsafe_takesAnybody(EngineKind engine) {
        TlsOptions client =
                TlsOptions.of(TlsContext.of(TlsTrust.unsafeTrustAnybody())).serverName("x.example");
        assertEquals(
                "CN=self",
                shake(engine, server(Authority.selfSigned("self", "localhost")), client).client());
    }

    @EveryEngine
    void clientCertificates(EngineKind engine) {
        TlsContext context =
                TlsContext.of(Authority.SERVER.identity()).trust(Authority.ROOT.trust());
        TlsOptions requires = TlsOptions.of(context).clientAuth(ClientAuth.REQUIRE);
        TlsOptions requests = TlsOptions.of(context).clientAuth(ClientAuth.REQUEST);
        TlsOptions nobody = TlsPeers.client();
        TlsOptions known =
                nobody.context(
                        TlsContext.of(Authority.CLIENT.identity()).trust(Authority.ROOT.trust()));
        TlsOptions unknown =
                nobody.context(
                        TlsContext.of(Authority.selfSigned("liar").identity())
                                .trust(Authority.ROOT.trust()));
        assertEquals("CN=a client", shake(engine, requires, known).server());
        assertEquals("CN=a client", shake(engine, requests, known).server());
        assertEquals("nobody", shake(engine, requests, nobody).server());
        assertEquals("nobody", shake(engine, TlsPeers.server(), known).server(), "nobody asks");
        for (TlsProtocol version : TlsProtocol.values()) {
            Outcome none = shake(engine, requires, nobody.versions(version, version));
            assertEquals("ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE", none.server());
            assertTrue(none.client().startsWith("ERR_SSL_"), none.client());
            Outcome liar = shake(engine, requests, unknown.versions(version, version));
            assertEquals("DEPTH_ZERO_SELF_SIGNED_CERT", liar.server());
            assertTrue(liar.client().contains("ALERT"), liar.client());
        }
    }

    @EveryEngine
    void versionsAndSuites_thatDoNotMeet(EngineKind engine) {
        TlsOptions old = TlsPeers.client().versions(TlsProtocol.TLS_1_2, TlsProtocol.TLS_1_2);
        TlsOptions recent = TlsPeers.server().versions(TlsProtocol.TLS_1_3, TlsProtocol.TLS_1_3);
        Outcome versions = shake(engine, recent, old);
        assertEquals("ERR_SSL_UNSUPPORTED_PROTOCOL", versions.server());
        assertEquals("ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION", versions.client());
        Outcome suites =
                shake(
                        engine,
                        TlsPeers.server().cipherSuites("TLS_AES_256_GCM_SHA384"),
                        TlsPeers.client().cipherSuites("TLS_AES_128_GCM_SHA256"));
        assertEquals("ERR_SSL_NO_SHARED_CIPHER", suites.server());
        assertEquals("ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE", suites.client());
    }

    @EveryEngine
    void alpn(EngineKind engine) {
        List<String> agreed = new ArrayList<>();
        TlsOptions server = TlsPeers.server().alpn("h2", "http/1.1");
        for (String[] offered : new String[][] {{"http/1.1", "h2"}, {"http/1.1"}, {}}) {
            Reactors.run(
                    engine,
                    reactor ->
                            TlsPeers.once(
                                    reactor,
                                    server,
                                    socket -> {
                                        agreed.add(String.valueOf(socket.alpn()));
                                        socket.end();
                                        socket.resume();
                                    },
                                    (started, port) ->
                                            TlsPeers.connect(
                                                    reactor,
                                                    port,
                                                    TlsPeers.client().alpn(offered),
                                                    socket -> {
                                                        agreed.add(String.valueOf(socket.alpn()));
                                                        socket.resume();
                                                    })));
        }
        agreed.sort(null);
        assertEquals(List.of("h2", "h2", "http/1.1", "http/1.1", "null", "null"), agreed);
        Outcome none = shake(engine, server, TlsPeers.client().alpn("smtp"));
        assertEquals("ERR_SSL_NO_APPLICATION_PROTOCOL", none.server());
        assertEquals("ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL", none.client());
    }

    @EveryEngine
    void theNameThatIsAskedFor_choosesTheCertificate(EngineKind engine) {
        TlsContext context =
                TlsContext.of(Authority.SERVER.identity())
                        .identity("a.example", Authority.ROOT.issue("a", "a.example").identity())
                        .identity(
                                "*.b.example", Authority.ROOT.issue("b", "*.b.example").identity());
        TlsOptions server = TlsOptions.of(context);
        TlsOptions client = TlsPeers.client();
        assertEquals("CN=a", shake(engine, server, client.serverName("a.example")).client());
        assertEquals("CN=a", shake(engine, server, client.serverName("A.Example")).client());
        assertEquals("CN=b", shake(engine, server, client.serverName("x.b.example")).client());
        assertEquals("CN=localhost", shake(engine, server, client).client());
        refused(engine, "ERR_TLS_CERT_ALTNAME_INVALID", server, client.serverName("x.y.b.example"));
    }

    @Test
    void namesAndOptionsThatAreNone() {
        TlsIdentity identity = Authority.SERVER.identity();
        TlsContext context = TlsContext.of(identity);
        for (String name : List.of("", "*", "*x", "a.*", "*.")) {
            assertThrows(
                    IllegalArgumentException.class, () -> context.identity(name, identity), name);
        }
        TlsOptions options = TlsOptions.of(context);
        assertThrows(IllegalArgumentException.class, () -> options.alpn(""));
        assertThrows(
                IllegalArgumentException.class,
                () -> options.versions(TlsProtocol.TLS_1_3, TlsProtocol.TLS_1_2));
        assertThrows(IllegalArgumentException.class, () -> options.handshakeTimeout(Duration.ZERO));
        assertThrows(IllegalArgumentException.class, () -> options.maxQueuedBytes(0));
        assertThrows(IllegalArgumentException.class, () -> context.sessions(0, 1));
        assertThrows(IllegalArgumentException.class, () -> TlsTrust.of(List.of()));
        assertFalse(identity.toString().contains("PRIVATE"));
    }
}
