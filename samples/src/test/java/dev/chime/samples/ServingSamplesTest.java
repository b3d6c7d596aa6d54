package dev.chime.samples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.reactor.EngineKind;
import dev.chime.reactor.testing.EngineTest;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;

/** The samples that serve several peers at a time: chat and proxy. */
class ServingSamplesTest {
    private static final int PATIENCE_MILLIS = 30_000;

    @TempDir Path folder;

    private static Socket connect(int port) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(PATIENCE_MILLIS);
        return socket;
    }

    /** One who chats. */
    private static final class Guest implements AutoCloseable {
        private final Socket socket;
        private final BufferedReader in;

        Guest(int port) throws IOException {
            socket = connect(port);
            in = new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8));
            assertEquals("Your name?", in.readLine());
        }

        Guest say(String line) throws IOException {
            socket.getOutputStream().write((line + "\n").getBytes(UTF_8));
            return this;
        }

        void hears(String... lines) throws IOException {
            for (String line : lines) {
                assertEquals(line, in.readLine());
            }
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    @EngineTest
    void chat_passesLinesOn_andDropsWhoDoesNotRead(EngineKind engine) throws Exception {
        try (Sample chat = Sample.start(folder, engine, "chat", "--port", "0")) {
            int port = chat.awaitPort("chat on");
            try (Guest ann = new Guest(port);
                    Guest bob = new Guest(port);
                    Guest slow = new Guest(port)) {
                ann.say("ann").hears("Here: ");
                bob.say("ann").hears("Taken, empty, or longer than 20. Your name?");
                bob.say("b\u00f6b\r").hears("Here: ann");
                ann.hears("* b\u00f6b has come");
                slow.say("slow").hears("Here: ann, b\u00f6b");
                ann.hears("* slow has come");
                bob.hears("* slow has come");

                bob.say("hello\u001b[2J \u20ac");
                ann.hears("b\u00f6b: hello[2J \u20ac");
                slow.hears("b\u00f6b: hello[2J \u20ac");

                // Ann and bob read, the third does not: it has to go, they hear everything.
                String line = "x".repeat(900);
                boolean gone = false;
                for (int i = 0; !gone; i++) {
                    ann.say(line + i);
                    String heard = bob.in.readLine();
                    if (heard.startsWith("* slow has left")) {
                        assertEquals("* slow has left (ERR_BUFFER_FULL)", heard);
                        heard = bob.in.readLine();
                        gone = true;
                    }
                    assertEquals("ann: " + line + i, heard);
                    assertTrue(i < 100_000, "nobody drops who does not read");
                }
                ann.hears("* slow has left (ERR_BUFFER_FULL)");

                bob.say("y".repeat(1000));
                ann.hears("b\u00f6b: " + "y".repeat(1000));
                bob.say("z".repeat(1001));
                bob.hears("A line has at most 1000 characters.", null);
                bob.socket.close();
                ann.hears("* b\u00f6b has left");
            }
        }
    }

    @EngineTest
    void proxy_passesBothDirectionsOn_eachWithAnEndOfItsOwn(EngineKind engine) throws Exception {
        byte[] request = new byte[3 << 20];
        byte[] response = new byte[5 << 20];
        new Random(1).nextBytes(request);
        new Random(2).nextBytes(response);
        try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
                Sample proxy = start(engine, server.getLocalPort())) {
            server.setSoTimeout(PATIENCE_MILLIS);
            try (Socket client = connect(proxy.awaitPort("proxy on"));
                    Socket behind = server.accept()) {
                behind.setSoTimeout(PATIENCE_MILLIS);
                Thread sender = Thread.ofPlatform().start(() -> send(client, request));
                assertArrayEquals(request, behind.getInputStream().readAllBytes());
                sender.join();
                // The client has ended its side, the answer still comes.
                Thread answerer = Thread.ofPlatform().start(() -> send(behind, response));
                assertArrayEquals(response, client.getInputStream().readAllBytes());
                answerer.join();
            }
        }
    }

    private Sample start(EngineKind engine, int port) throws IOException {
        return Sample.start(folder, engine, "proxy", "--port", "0", "--to", "127.0.0.1:" + port);
    }

    private static void send(Socket socket, byte[] bytes) {
        try {
            socket.getOutputStream().write(bytes);
            socket.shutdownOutput();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @EngineTest
    void proxy_takesNoFasterThanTheOtherSideReads(EngineKind engine) throws Exception {
        try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
                Sample proxy = start(engine, server.getLocalPort())) {
            server.setSoTimeout(PATIENCE_MILLIS);
            try (SocketChannel client =
                            SocketChannel.open(
                                    new InetSocketAddress(
                                            InetAddress.getLoopbackAddress(),
                                            proxy.awaitPort("proxy on")));
                    Socket behind = server.accept()) {
                client.configureBlocking(false);
                ByteBuffer piece = ByteBuffer.allocate(1 << 20);
                long sent = 0;
                for (int idle = 0; idle < 50 && sent < 1L << 30; ) {
                    int n = client.write(piece.clear());
                    sent += n;
                    idle = n == 0 ? idle + 1 : 0;
                    if (n == 0) {
                        Thread.sleep(10); // for half a second nothing more is taken
                    }
                }
                assertTrue(sent < 1L << 30, sent + " bytes were taken, and read by nobody");
                client.shutdownOutput();
                long read = 0;
                byte[] bytes = new byte[1 << 16];
                for (int n = behind.getInputStream().read(bytes);
                        n >= 0;
                        n = behind.getInputStream().read(bytes)) {
                    read += n;
                }
                assertEquals(sent, read);
            }
        }
    }

    @EngineTest
    void proxy_withNobodyBehindIt_resetsTheClient_andSaysWhy(EngineKind engine) throws Exception {
        int port;
        try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = closed.getLocalPort();
        }
        try (Sample proxy = start(engine, port);
                Socket client = connect(proxy.awaitPort("proxy on"))) {
            assertThrows(SocketException.class, () -> client.getInputStream().read());
            proxy.awaitLog("connect ECONNREFUSED 127.0.0.1:" + port);
        }
    }
}
