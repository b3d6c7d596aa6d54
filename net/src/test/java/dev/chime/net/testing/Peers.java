package dev.chime.net.testing;

import dev.chime.reactor.Reactor;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * Threads with the JDK's own blocking sockets, for a peer that shares no code with ours. A peer
 * that fails stops the loop; closing waits for all and throws what they threw.
 */
public final class Peers implements AutoCloseable {
    /** The loopback address of IPv4. */
    public static final String LOCAL = "127.0.0.1";

    private static final int PATIENCE_SECONDS = 60;
    private static final int READ_PATIENCE_MILLIS = 30_000;

    /** What a peer does. */
    @FunctionalInterface
    public interface Task {
        /** Runs on the peer's thread. */
        void run() throws Exception;
    }

    private final List<Thread> threads = new ArrayList<>();
    private final List<Throwable> failures = new ArrayList<>();

    /** Starts a peer of a loop; any thread. */
    public void start(Reactor reactor, Task task) {
        synchronized (threads) {
            threads.add(
                    Thread.ofPlatform()
                            .daemon()
                            .name("peer-" + threads.size())
                            .start(() -> run(reactor, task)));
        }
    }

    private void run(Reactor reactor, Task task) {
        try {
            task.run();
        } catch (Throwable t) {
            synchronized (failures) {
                failures.add(t);
            }
            try {
                reactor.execute(reactor::stop);
            } catch (RejectedExecutionException e) {
                t.addSuppressed(e);
            }
        }
    }

    @Override
    public void close() {
        List<Thread> started;
        synchronized (threads) {
            started = List.copyOf(threads);
        }
        started.forEach(Peers::join);
        synchronized (failures) {
            if (!failures.isEmpty()) {
                AssertionError error = new AssertionError("a peer failed", failures.getFirst());
                failures.stream().skip(1).forEach(error::addSuppressed);
                throw error;
            }
        }
    }

    private static void join(Thread thread) {
        try {
            if (!thread.join(Duration.ofSeconds(PATIENCE_SECONDS))) {
                AssertionError hung = new AssertionError(thread.getName() + " does not end");
                hung.setStackTrace(thread.getStackTrace());
                thread.interrupt();
                throw hung;
            }
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted while " + thread.getName() + " runs", e);
        }
    }

    /** Connects to a port of 127.0.0.1; reads of it do not wait for ever. */
    public static Socket connect(int port) throws IOException {
        return connect(LOCAL, port);
    }

    /** Connects to an address; reads of it do not wait for ever. */
    public static Socket connect(String host, int port) throws IOException {
        Socket socket = new Socket();
        try {
            socket.setSoTimeout(READ_PATIENCE_MILLIS);
            socket.setTcpNoDelay(true);
            socket.connect(
                    new InetSocketAddress(InetAddress.ofLiteral(host), port), READ_PATIENCE_MILLIS);
            return socket;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    /** A server on 127.0.0.1 for one connection or several. */
    public static ServerSocket listen() throws IOException {
        ServerSocket server = new ServerSocket(0, 511, InetAddress.ofLiteral(LOCAL));
        server.setSoTimeout(READ_PATIENCE_MILLIS);
        return server;
    }

    /** The next connection of a server; reads of it do not wait for ever. */
    public static Socket accept(ServerSocket server) throws IOException {
        Socket socket = server.accept();
        socket.setSoTimeout(READ_PATIENCE_MILLIS);
        socket.setTcpNoDelay(true);
        return socket;
    }

    /** A port of 127.0.0.1 on which nobody listens. */
    public static int freePort() throws IOException {
        try (ServerSocket server = listen()) {
            return server.getLocalPort();
        }
    }

    /** Closes with a reset instead of an end. */
    public static void reset(Socket socket) throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    /** Reads until {@code content} has come {@code count} bytes further. */
    public static void read(Socket socket, Content content, long count) throws IOException {
        InputStream in = socket.getInputStream();
        byte[] bytes = new byte[64 << 10];
        for (long left = count; left > 0; ) {
            int n = in.read(bytes, 0, (int) Math.min(left, bytes.length));
            if (n < 0) {
                throw new EOFException(left + " of " + count + " bytes are missing");
            }
            content.check(bytes, n);
            left -= n;
        }
    }

    /** Reads to the end; returns how many bytes came. */
    public static long readToEnd(Socket socket, Content content) throws IOException {
        InputStream in = socket.getInputStream();
        byte[] bytes = new byte[64 << 10];
        long total = 0;
        for (int n = in.read(bytes); n >= 0; n = in.read(bytes)) {
            content.check(bytes, n);
            total += n;
        }
        return total;
    }

    /** Waits for the other side's signal. */
    public static void await(CountDownLatch latch) throws InterruptedException {
        if (!latch.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("the signal does not come");
        }
    }
}
