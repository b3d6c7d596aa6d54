package dev.chime.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.net.testing.Content;
import dev.chime.net.testing.Peers;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.util.SplittableRandom;
import java.util.function.IntConsumer;

/** One connection of the soak: its two sides' halves, and the client that is no code of ours. */
final class SoakLink {
    final SoakSide.Half client = new SoakSide.Half();
    final SoakSide.Half server = new SoakSide.Half();
    final long seed;
    volatile boolean hasClient;
    volatile boolean hasServer;

    SoakLink(long seed) {
        this.seed = seed;
    }

    /** Connects from a port that {@code announce} hears of before, then uses the connection. */
    void foreign(int port, IntConsumer announce) throws IOException {
        SplittableRandom random = new SplittableRandom(seed + 1);
        java.net.Socket socket = new java.net.Socket();
        try {
            socket.setSoTimeout(30_000);
            socket.bind(new InetSocketAddress(Peers.LOCAL, 0));
            announce.accept(socket.getLocalPort());
            socket.connect(new InetSocketAddress(Peers.LOCAL, port), 30_000);
            use(socket, random);
        } catch (SocketException e) {
            assertTrue(server.broken, "nobody broke off, but " + e.getMessage());
        } finally {
            socket.close();
        }
    }

    private void use(java.net.Socket socket, SplittableRandom random) throws IOException {
        Content out = new Content(seed);
        Content in = new Content(~seed);
        byte[] bytes = new byte[64 << 10];
        InputStream input = socket.getInputStream();
        for (int left = random.nextInt(1 << random.nextInt(8)); left > 0; left--) {
            switch (random.nextInt(8)) {
                case 0, 1, 2, 3 -> {
                    int count = random.nextInt(1 << random.nextInt(17));
                    client.accepted += count;
                    socket.getOutputStream().write(out.take(count));
                }
                case 4, 5, 6 -> {
                    int ready = input.available();
                    if (ready > 0) {
                        in.check(bytes, input.read(bytes, 0, Math.min(ready, bytes.length)));
                    }
                }
                default -> {
                    if (random.nextInt(30) == 0) {
                        client.broken = true;
                        Peers.reset(socket);
                        return;
                    }
                }
            }
        }
        socket.shutdownOutput();
        Peers.readToEnd(socket, in);
        if (!server.broken) {
            assertEquals(server.accepted, in.position(), "end before all data");
        }
    }
}
