package dev.chime.net;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.chime.net.testing.Content;
import dev.chime.net.testing.Journal;
import dev.chime.net.testing.Peers;
import dev.chime.net.testing.Servers;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.Reactors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/**
 * A peer of plain system calls, {@code peer.c}: half closes, resets, kills, slow readers and pieces
 * of random sizes, every byte checked on both sides. Left out where there is no C compiler.
 */
class RawPeerTest {
    private static final int BYTES = 3_000_000;
    private static final int PATIENCE_SECONDS = 30;

    @TempDir static Path folder;

    @BeforeAll
    static void compile() throws IOException, InterruptedException {
        Path source = folder.resolve("peer.c");
        try (var text = RawPeerTest.class.getResourceAsStream("peer.c")) {
            Files.copy(text, source);
        }
        try {
            Process compiler =
                    new ProcessBuilder(
                                    "gcc",
                                    "-O1",
                                    "-Wall",
                                    "-Werror",
                                    "-o",
                                    folder.resolve("peer").toString(),
                                    source.toString())
                            .redirectErrorStream(true)
                            .start();
            String said = new String(compiler.getInputStream().readAllBytes(), UTF_8);
            assertEquals(0, compiler.waitFor(), said);
        } catch (IOException e) {
            assumeTrue(false, "no gcc");
        }
    }

    /** What the two sides say of each other, and what the peer prints. */
    private static final class Meeting {
        final Content in = new Content(1);
        final Content out = new Content(2);
        Process peer;
        Journal journal;
        Socket socket;
        String said;
    }

    /** What our side does with the connection. */
    private interface Ours {
        void connected(Meeting meeting);
    }

    private static Meeting meet(EngineKind engine, Ours ours, String mode, int sends, int gets) {
        Meeting meeting = new Meeting();
        try (Peers peers = new Peers()) {
            Reactors.run(
                    engine,
                    reactor ->
                            Servers.once(
                                    reactor,
                                    socket -> {
                                        meeting.socket = socket;
                                        meeting.journal = Journal.reading(socket, meeting.in);
                                        ours.connected(meeting);
                                    },
                                    (server, port) -> {
                                        meeting.peer = start(mode, port, sends, gets);
                                        peers.start(reactor, () -> meeting.said = end(meeting));
                                    }));
        }
        return meeting;
    }

    private static Process start(String mode, int port, int sends, int gets) throws IOException {
        return new ProcessBuilder(
                        folder.resolve("peer").toString(), mode, "" + port, "" + sends, "" + gets)
                .redirectErrorStream(true)
                .start();
    }

    private static String end(Meeting meeting) throws IOException, InterruptedException {
        Process peer = meeting.peer;
        try (var out = peer.getInputStream()) {
            String said = new String(out.readAllBytes(), UTF_8).strip();
            assertTrue(peer.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS), "it ends");
            return peer.exitValue() + " " + said;
        } finally {
            peer.getOutputStream().close();
            peer.destroyForcibly();
        }
    }

    /** By its handle: the process would close the pipe that is read elsewhere. */
    private static void kill(Meeting meeting) {
        meeting.peer.toHandle().destroyForcibly();
    }

    /** Writes {@value #BYTES} bytes as the peer takes them, then ends. */
    private static void write(Meeting meeting) {
        Socket socket = meeting.socket;
        boolean below = true;
        while (below && meeting.out.position() < BYTES) {
            int bytes = (int) Math.min(10_000, BYTES - meeting.out.position());
            below = socket.write(meeting.out.take(bytes));
        }
        if (meeting.out.position() == BYTES) {
            socket.end();
        }
    }

    @EngineTest
    void halfClosed_getsAllThatWeSendAfterwards(EngineKind engine) {
        Meeting met =
                meet(
                        engine,
                        meeting -> {
                            meeting.socket.allowHalfOpen(true);
                            meeting.socket.onEnd(() -> write(meeting));
                            meeting.socket.onDrain(() -> write(meeting));
                        },
                        "half",
                        BYTES,
                        -1);
        assertEquals("0 sent " + BYTES + " received " + BYTES, met.said);
        assertEquals(BYTES, met.in.position());
        assertNull(met.journal.error());
        assertEquals(1, met.journal.count("end"));
    }

    @EngineTest
    void halfClosedByUs_theirsStillComes(EngineKind engine) {
        Meeting met =
                meet(
                        engine,
                        meeting -> {
                            meeting.socket.onDrain(() -> write(meeting));
                            write(meeting);
                        },
                        "late",
                        BYTES,
                        -1);
        assertEquals("0 sent " + BYTES + " received " + BYTES, met.said);
        assertEquals(BYTES, met.in.position());
        assertNull(met.journal.error());
    }

    @EngineTest
    void slowReader_getsEveryByte_andHoldsTheWriterBack(EngineKind engine) {
        long[] most = {0};
        Meeting met =
                meet(
                        engine,
                        meeting -> {
                            Socket socket = meeting.socket;
                            socket.allowHalfOpen(true).onEnd(() -> write(meeting));
                            socket.onDrain(() -> {
                                write(meeting);
                                most[0] = Math.max(most[0], socket.queuedBytes());
                            });
                        },
                        "slow",
                        10,
                        BYTES);
        assertEquals("0 sent 10 received " + BYTES, met.said);
        assertTrue(most[0] < SocketOptions.HIGH_WATER_MARK + 10_000, most[0] + " queued");
    }

    @EngineTest
    void reset_isECONNRESET_once_behindAPrefixOfTheData(EngineKind engine) {
        Meeting met = meet(engine, meeting -> {}, "reset", BYTES, 0);
        assertEquals("0 sent " + BYTES + " received 0", met.said);
        assertNotNull(met.journal.error());
        assertEquals("ECONNRESET", met.journal.error().code());
        assertEquals(1, met.journal.count("close ECONNRESET"));
        assertEquals(0, met.journal.count("end"));
        assertTrue(met.in.position() <= BYTES);
    }

    @EngineTest
    void killedInTheMiddle_leavesAPrefix_andOneClose(EngineKind engine) {
        Meeting met =
                meet(
                        engine,
                        meeting ->
                                meeting.socket.onData(data -> {
                                    meeting.in.check(data);
                                    if (meeting.in.position() > BYTES) {
                                        kill(meeting);
                                    }
                                }),
                        "forever",
                        -1,
                        0);
        assertEquals("137", met.said.strip()); // killed
        assertTrue(met.in.position() > BYTES);
        assertTrue(met.journal.events().getLast().startsWith("close"), met.journal.events() + "");
        assertTrue(met.socket.isClosed());
    }

    @EngineTest
    void killedWhileWeWrite_failsTheFlushes_andCloses(EngineKind engine) {
        String[] flushed = {null};
        Meeting met =
                meet(
                        engine,
                        meeting -> {
                            Socket socket = meeting.socket;
                            socket.onData(data -> {
                                socket.write(new byte[16 << 20]);
                                socket.flush(err -> flushed[0] = err == null ? "sent" : err.code());
                                kill(meeting);
                                socket.pause();
                            });
                        },
                        "forever",
                        -1,
                        0);
        assertEquals("137", met.said.strip());
        assertTrue(List.of("ECONNRESET", "EPIPE").contains(flushed[0]), flushed[0]);
        assertEquals(flushed[0], met.journal.error().code());
    }
}
