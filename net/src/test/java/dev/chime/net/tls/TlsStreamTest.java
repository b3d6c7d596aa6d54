package dev.chime.net.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.net.testing.Chopped;
import dev.chime.net.testing.Content;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.testing.EveryEngine;
import dev.chime.reactor.testing.Reactors;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;

/** TLS upon streams in memory that break it into pieces, cut it off and spoil it. */
class TlsStreamTest {
    private static final int MANY = 200_000;

    private static long seed() {
        return Long.getLong("chime.seed", 1);
    }

    /** Both ends of a connection over a pair of streams. */
    private interface Both {
        void ready(TlsSocket client, TlsSocket server) throws Exception;
    }

    private static void connect(
            Reactor reactor, Chopped[] ends, TlsProtocol version, List<String> codes, Both then) {
        TlsSocket[] sockets = new TlsSocket[2];
        Tls tls = Tls.of(reactor);
        tls.wrap(
                ends[0],
                TlsPeers.client().versions(version, version),
                (err, socket) -> {
                    codes.add(err == null ? "client" : err.code());
                    sockets[0] = socket;
                    if (sockets[1] != null && socket != null) {
                        then.ready(socket, sockets[1]);
                    }
                });
        tls.accept(
                ends[1],
                null,
                TlsPeers.server().versions(version, version),
                (err, socket) -> {
                    codes.add(err == null ? "server" : err.code());
                    sockets[1] = socket;
                    if (sockets[0] != null && socket != null) {
                        then.ready(sockets[0], socket);
                    }
                });
    }

    @EveryEngine
    void piecesOfAnySize_downToOneByte(EngineKind engine) {
        for (int largest : new int[] {1, 3, 700, 40_000}) {
            for (TlsProtocol version : TlsProtocol.values()) {
                int total = Math.min(MANY, 800 * largest);
                Content sent = new Content(2);
                Content back = new Content(2);
                List<String> codes = new ArrayList<>();
                Random random = new Random(seed() + largest);
                Reactors.run(
                        engine,
                        reactor -> {
                            Chopped[] ends =
                                    Chopped.pair(
                                            reactor,
                                            random,
                                            largest,
                                            (index, value) -> value & 255);
                            connect(
                                    reactor,
                                    ends,
                                    version,
                                    codes,
                                    (client, server) -> {
                                        server.pipe(server);
                                        client.onData(back::check);
                                        client.onClose(err -> assertNull(err));
                                        server.onClose(err -> assertNull(err));
                                        while (sent.position() < total) {
                                            client.write(sent.take(1 + random.nextInt(5000)));
                                        }
                                        client.end();
                                    });
                        });
                assertEquals(sent.position(), back.position());
                assertEquals(Set.of("client", "server"), Set.copyOf(codes), "seed " + seed());
            }
        }
    }

    @EveryEngine
    void aStreamThatBreaksOff_inTheHandshake_endsBothSidesOnce(EngineKind engine) {
        breakOff(engine, 47);
    }

    @Tag("slow")
    @EveryEngine
    void aStreamThatBreaksOff_atAnyByteOfTheHandshake(EngineKind engine) {
        breakOff(engine, 1);
    }

    private static void breakOff(EngineKind engine, int step) {
        for (TlsProtocol version : TlsProtocol.values()) {
            for (int at = 0; at < 1000; at += step) {
                int where = at;
                List<String> codes = new ArrayList<>();
                boolean[] secure = new boolean[1];
                Reactors.run(
                        engine,
                        reactor -> {
                            Chopped[] ends =
                                    Chopped.pair(
                                            reactor,
                                            new Random(where),
                                            2000,
                                            (index, value) -> index < where ? value & 255 : -1);
                            connect(
                                    reactor,
                                    ends,
                                    version,
                                    codes,
                                    (client, server) -> {
                                        secure[0] = true;
                                        client.destroy();
                                        server.destroy();
                                    });
                            reactor.setTimeout(5000, () -> ends[0].destroy()).unref();
                        });
                assertTrue(codes.size() <= 2, codes.toString());
                assertTrue(
                        secure[0] || codes.contains("ECONNRESET"),
                        "at %d of %s: %s".formatted(where, version, codes));
            }
        }
    }

    /** A bit that changes on the way is noticed, wherever it is, and nobody gets wrong bytes. */
    @EveryEngine
    void aSpoiltBit_endsTheConnection_withACode(EngineKind engine) {
        Set<String> seen = new TreeSet<>();
        Random random = new Random(seed());
        for (int round = 0; round < 24; round++) {
            TlsProtocol version = TlsProtocol.values()[round % 2];
            int where = random.nextInt(1500);
            int bit = 1 << random.nextInt(8);
            List<String> codes = new ArrayList<>();
            Content sent = new Content(round);
            Content heard = new Content(round);
            Reactors.run(
                    engine,
                    reactor -> {
                        Chopped[] ends =
                                Chopped.pair(
                                        reactor,
                                        random,
                                        900,
                                        (index, value) ->
                                                (index == where ? value ^ bit : value) & 255);
                        connect(
                                reactor,
                                ends,
                                version,
                                codes,
                                (client, server) -> {
                                    server.onData(heard::check);
                                    server.onClose(
                                            err -> codes.add(err == null ? "whole" : err.code()));
                                    client.onData(data -> {});
                                    client.end(sent.take(1200));
                                });
                        reactor.setTimeout(2000, () -> ends[0].destroy()).unref();
                    });
            assertTrue(
                    codes.stream().anyMatch(code -> code.startsWith("E")),
                    "round %d, byte %d: %s".formatted(round, where, codes));
            seen.addAll(codes);
        }
        assertTrue(seen.stream().anyMatch(c -> c.startsWith("ERR_SSL_")), seen.toString());
    }

    @EveryEngine
    void anEndWithoutCloseNotify_isAnError(EngineKind engine) {
        for (TlsProtocol version : TlsProtocol.values()) {
            List<String> codes = new ArrayList<>();
            Content heard = new Content(3);
            boolean[] cut = new boolean[1];
            Reactors.run(
                    engine,
                    reactor -> {
                        Chopped[] ends =
                                Chopped.pair(
                                        reactor,
                                        new Random(1),
                                        900,
                                        (index, value) -> cut[0] ? -1 : value & 255);
                        connect(
                                reactor,
                                ends,
                                version,
                                codes,
                                (client, server) -> {
                                    server.onData(heard::check);
                                    server.onClose(err -> {
                                        assertNotNull(err);
                                        codes.add(err.code());
                                    });
                                    client.write(
                                            new Content(3).take(5000),
                                            err -> {
                                                cut[0] = true;
                                                client.write("never comes");
                                            });
                                });
                    });
            assertEquals(5000, heard.position());
            assertTrue(codes.contains("ERR_SSL_UNEXPECTED_EOF_WHILE_READING"), codes.toString());
        }
    }

    @EveryEngine
    void tlsUponTls(EngineKind engine) {
        Content back = new Content(4);
        Reactors.run(
                engine,
                reactor -> {
                    Chopped[] ends =
                            Chopped.pair(
                                    reactor, new Random(4), 5000, (index, value) -> value & 255);
                    connect(
                            reactor,
                            ends,
                            TlsProtocol.TLS_1_3,
                            new ArrayList<>(),
                            (outerClient, outerServer) -> {
                                Tls tls = Tls.of(reactor);
                                tls.accept(
                                        outerServer,
                                        null,
                                        TlsPeers.server(),
                                        (err, server) -> server.pipe(server));
                                tls.wrap(
                                        outerClient,
                                        TlsPeers.client(),
                                        (err, client) -> {
                                            client.onData(back::check);
                                            client.onClose(error -> assertNull(error));
                                            client.end(new Content(4).take(MANY));
                                        });
                            });
                });
        assertEquals(MANY, back.position());
    }
}
