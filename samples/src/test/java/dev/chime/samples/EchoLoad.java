package dev.chime.samples;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;

/** Many connections to an echo server from one thread; every byte that comes back is checked. */
final class EchoLoad {
    private static final long PATIENCE_MILLIS = 30_000;

    private final int messageBytes;
    private final long total;
    private long checked;

    /** One connection: what it sends at position p is a function of p and of its number. */
    private static final class Connection {
        final int number;
        final ByteBuffer out;
        final ByteBuffer in;
        long sent;
        long received;

        Connection(int number, int messageBytes) {
            this.number = number;
            out = ByteBuffer.allocate(messageBytes).limit(0);
            in = ByteBuffer.allocate(messageBytes);
        }

        byte at(long position) {
            return (byte) (position * 31 + position / 251 + number);
        }
    }

    private EchoLoad(int messageBytes, long total) {
        this.messageBytes = messageBytes;
        this.total = total;
    }

    /** Sends {@code messages} on each connection, one after the answer to the other. */
    static long run(int port, int connections, int messages, int messageBytes) throws IOException {
        EchoLoad load = new EchoLoad(messageBytes, (long) messages * messageBytes);
        try (Selector selector = Selector.open()) {
            InetSocketAddress server =
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
            for (int i = 0; i < connections; i++) {
                SocketChannel channel = SocketChannel.open(server);
                channel.configureBlocking(false);
                channel.register(selector, SelectionKey.OP_WRITE, new Connection(i, messageBytes));
            }
            load.loop(selector, connections);
        }
        return load.checked;
    }

    private void loop(Selector selector, int connections) throws IOException {
        int open = connections;
        while (open > 0) {
            if (selector.select(PATIENCE_MILLIS) == 0) {
                throw new AssertionError(open + " connections are stuck, " + checked + " bytes in");
            }
            for (SelectionKey key : selector.selectedKeys()) {
                if (!turn(key)) {
                    key.channel().close();
                    open--;
                }
            }
            selector.selectedKeys().clear();
        }
    }

    private boolean turn(SelectionKey key) throws IOException {
        SocketChannel channel = (SocketChannel) key.channel();
        Connection connection = (Connection) key.attachment();
        if (key.isReadable() && !read(channel, connection)) {
            return false;
        }
        if (connection.received == connection.sent && !connection.out.hasRemaining()) {
            connection.out.clear();
            for (int i = 0; i < messageBytes; i++) {
                connection.out.put(connection.at(connection.sent + i));
            }
            connection.out.flip();
        }
        if (connection.out.hasRemaining()) {
            connection.sent += channel.write(connection.out);
        }
        key.interestOps(
                connection.out.hasRemaining()
                        ? SelectionKey.OP_READ | SelectionKey.OP_WRITE
                        : SelectionKey.OP_READ);
        return true;
    }

    private boolean read(SocketChannel channel, Connection connection) throws IOException {
        connection.in.clear();
        if (channel.read(connection.in) < 0) {
            throw new AssertionError("the server ended connection " + connection.number);
        }
        connection.in.flip();
        while (connection.in.hasRemaining()) {
            byte got = connection.in.get();
            if (got != connection.at(connection.received)) {
                throw new AssertionError(
                        "connection " + connection.number + " at byte " + connection.received);
            }
            connection.received++;
            checked++;
        }
        return connection.received < total;
    }
}
