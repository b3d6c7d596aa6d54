package dev.chime.net;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.chime.reactor.EngineKind;
import dev.chime.reactor.testing.EngineTest;
import dev.chime.reactor.testing.Reactors;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/** UDP with peers that are no code of ours. */
class UdpPeersTest {
    private static final String HOST = "127.0.0.1";

    /** A program that speaks to the socket's port until the datagram "bye" has come. */
    private static void withProgram(EngineKind engine, List<String> heard, String... command) {
        Reactors.run(
                engine,
                reactor ->
                        Net.of(reactor)
                                .createUdp()
                                .bind(
                                        0,
                                        HOST,
                                        (err, udp) -> {
                                            assertNull(err);
                                            String port = Integer.toString(udp.address().getPort());
                                            Process program = start(command, port);
                                            udp.onClose(() -> {
                                                program.descendants()
                                                        .forEach(ProcessHandle::destroyForcibly);
                                                program.destroyForcibly();
                                            });
                                            udp.onMessage((data, from, truncated) -> {
                                                String text = data.toString(UTF_8).strip();
                                                heard.add(text);
                                                if (text.equals("bye")) {
                                                    udp.close();
                                                } else {
                                                    udp.sendTo(
                                                            "bye\n",
                                                            from,
                                                            sent -> assertNull(sent));
                                                }
                                            });
                                        }));
    }

    /** Starts a program that has PORT among its arguments; skips the test when there is none. */
    private static Process start(String[] command, String port) {
        List<String> words = new ArrayList<>();
        for (String word : command) {
            words.add(word.replace("PORT", port));
        }
        try {
            return new ProcessBuilder(words).redirectErrorStream(true).start();
        } catch (IOException e) {
            assumeTrue(false, e.getMessage());
            throw new AssertionError("an assumption that fails throws", e);
        }
    }

    @EngineTest
    void node_isAnsweredAndAnswers(EngineKind engine) {
        List<String> heard = new ArrayList<>();
        String script =
                "const s = require('dgram').createSocket('udp4');"
                        + "s.on('message', m => s.send(m, PORT, '127.0.0.1', () => s.close()));"
                        + "s.send('hello from node', PORT, '127.0.0.1');";
        withProgram(engine, heard, "node", "-e", script);
        assertEquals(List.of("hello from node", "bye"), heard);
    }

    @EngineTest
    void socat_isAnsweredAndAnswers(EngineKind engine) {
        List<String> heard = new ArrayList<>();
        String echo = "SYSTEM:echo hello from socat; read line; echo $line";
        withProgram(engine, heard, "socat", "UDP4:127.0.0.1:PORT", echo);
        assertEquals(List.of("hello from socat", "bye"), heard);
    }

    @EngineTest
    void netcat_isAnsweredAndAnswers(EngineKind engine) {
        List<String> heard = new ArrayList<>();
        withProgram(
                engine,
                heard,
                "bash",
                "-c",
                "coproc nc -u 127.0.0.1 PORT; echo hello from nc >&${COPROC[1]};"
                        + " read line <&${COPROC[0]}; echo $line >&${COPROC[1]}; wait");
        assertEquals(List.of("hello from nc", "bye"), heard);
    }

    @EngineTest
    void floodFromAThread_leavesTimersTheirTurn_andEveryDatagramIsWhole(EngineKind engine)
            throws Exception {
        int[] seen = {0};
        int[] turns = {0};
        DatagramSocket theirs = new DatagramSocket(0, InetAddress.getByName(HOST));
        Thread[] flood = {null};
        try {
            Reactors.run(
                    engine,
                    reactor ->
                            Net.of(reactor)
                                    .createUdp()
                                    .bind(
                                            0,
                                            HOST,
                                            (err, udp) -> {
                                                udp.onMessage((data, from, truncated) -> {
                                                    assertEquals(100, data.length());
                                                    assertEquals(42, data.get(99));
                                                    assertEquals(
                                                            theirs.getLocalPort(), from.getPort());
                                                    seen[0]++;
                                                });
                                                reactor.setInterval(
                                                        1,
                                                        () -> {
                                                            if (++turns[0] == 50) {
                                                                udp.close();
                                                                reactor.stop();
                                                            }
                                                        });
                                                flood[0] = flood(theirs, udp.address());
                                            }));
        } finally {
            theirs.close();
        }
        flood[0].join();
        assertTrue(seen[0] > 0);
        assertEquals(50, turns[0]);
    }

    private static Thread flood(DatagramSocket from, InetSocketAddress to) {
        byte[] bytes = new byte[100];
        bytes[99] = 42;
        return Thread.ofPlatform()
                .name("flood")
                .start(() -> {
                    try {
                        while (true) {
                            from.send(new DatagramPacket(bytes, bytes.length, to));
                        }
                    } catch (IOException e) {
                        // The test has closed the socket: enough.
                    }
                });
    }
}
