package dev.chime.net.testing;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;

/** A server whose queue is full: the kernel does not answer those who connect. */
public final class Mute implements AutoCloseable {
    private static final int WAITING = 4;

    private final ServerSocket server;
    private final List<SocketChannel> waiting = new ArrayList<>();

    /** On a free port of 127.0.0.1. */
    public Mute() throws IOException {
        this(InetAddress.ofLiteral(Peers.LOCAL), 0);
    }

    /** On a port of an address. */
    public Mute(InetAddress address, int port) throws IOException {
        server = new ServerSocket(port, 1, address);
        for (int i = 0; i < WAITING; i++) {
            SocketChannel channel = SocketChannel.open();
            waiting.add(channel);
            channel.configureBlocking(false);
            channel.connect(server.getLocalSocketAddress());
        }
    }

    /** Its port. */
    public int port() {
        return server.getLocalPort();
    }

    /** Takes those who wait: whoever connects next is answered, at the kernel's next try. */
    public void speak() throws IOException {
        for (int i = 0; i < 2; i++) {
            server.accept().close(); // backlog of 1: two are connected
        }
    }

    @Override
    public void close() throws IOException {
        for (SocketChannel channel : waiting) {
            channel.close();
        }
        server.close();
    }
}
