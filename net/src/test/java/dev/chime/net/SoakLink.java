package dev.chime.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.chime.net.testing.Content;
import dev.chime.net.testing.Peers;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;

/** One connection of the soak: its two sides' halves, and the client that is no code of ours. */
final class SoakLink {
    static final int GREETING_BYTES = 4;

    final SoakSide.Half client = new SoakSide.Half();
    final SoakSide.Half server = new SoakSide.Half();
    final int id;
    final long seed;

    SoakLink(int id, long seed) {
        this.id = id;
        this.seed = seed;
    }

    /** What a client says first. */
    byte[] greeting() {
        return ByteBuffer.allocate(GREETING_BYTES).putInt(id).array();
    }

    /** Connects, then uses the connection until its end. */
    void foreign(int port) throws IOException {
        try (java.net.Socket socket = Peers.connect(port)) {
            socket.getOutputStream().write(greeting());
            use(socket, new SplittableRandom(seed + 1));
        } catch (SocketException e) {
            assertTrue(server.broken, () -> "nobody broke off, but " + e.getMessage());
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
                    client.accept(count);
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
