package dev.chime.net.testing;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * A proxy of the JDK's blocking sockets: it answers each head as the test says, and after a 200 to
 * CONNECT it passes bytes on, both ways. Closing it cuts everything.
 */
public final class ConnectProxy implements AutoCloseable {
    /** What opens a tunnel. */
    public static final String OPEN = "HTTP/1.1 200 Connection established\r\n\r\n";

    private final ServerSocket server = Peers.listen();
    private final UnaryOperator<String> answers;
    private final List<String> heads = new ArrayList<>();
    private final List<Socket> sockets = new ArrayList<>();

    /** Starts one; {@code answers} gets a head, and gives what is sent for it. */
    public ConnectProxy(UnaryOperator<String> answers) throws IOException {
        this.answers = answers;
        start(this::serve);
    }

    /** Its place as a URL; {@code user} is in front of it, or empty. */
    public URI url(String user) {
        return URI.create("http://" + user + "127.0.0.1:" + server.getLocalPort());
    }

    /** The heads that have come, in order. */
    public List<String> heads() {
        synchronized (heads) {
            return List.copyOf(heads);
        }
    }

    private static void start(Runnable task) {
        Thread.ofPlatform().daemon().name("proxy").start(task);
    }

    private void serve() {
        try {
            while (true) {
                Socket client = add(server.accept());
                start(() -> handle(client));
            }
        } catch (IOException e) {
            assert server.isClosed() : e;
        }
    }

    private Socket add(Socket socket) {
        synchronized (sockets) {
            sockets.add(socket);
        }
        return socket;
    }

    private void handle(Socket client) {
        try {
            while (true) {
                String head = head(client.getInputStream());
                if (head.isEmpty()) {
                    client.close();
                    return;
                }
                synchronized (heads) {
                    heads.add(head);
                }
                String answer = answers.apply(head);
                client.getOutputStream().write(answer.getBytes(StandardCharsets.ISO_8859_1));
                if (head.startsWith("CONNECT ") && answer.contains(" 200 ")) {
                    relay(client, head.split(" ")[1]);
                    return;
                }
            }
        } catch (IOException e) {
            close(client); // either side has gone
        }
    }

    private static String head(InputStream in) throws IOException {
        ByteArrayOutputStream read = new ByteArrayOutputStream();
        while (!read.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
            int b = in.read();
            if (b < 0) {
                return "";
            }
            read.write(b);
        }
        return read.toString(StandardCharsets.ISO_8859_1);
    }

    private void relay(Socket client, String place) throws IOException {
        int port = Integer.parseInt(place.substring(place.lastIndexOf(':') + 1));
        Socket origin = add(Peers.connect(port));
        start(() -> pass(origin, client));
        pass(client, origin);
    }

    private static void pass(Socket from, Socket to) {
        try {
            from.getInputStream().transferTo(to.getOutputStream());
            to.shutdownOutput();
        } catch (IOException e) {
            close(from);
            close(to);
        }
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Ends all connections that there are. */
    public void cut() {
        synchronized (sockets) {
            sockets.forEach(ConnectProxy::close);
            sockets.clear();
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        cut();
    }
}
