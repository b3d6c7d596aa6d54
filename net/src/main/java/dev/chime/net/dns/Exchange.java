package dev.chime.net.dns;

import dev.chime.net.ConnectOptions;
import dev.chime.net.Net;
import dev.chime.net.Socket;
import dev.chime.net.Udp;
import dev.chime.net.UdpOptions;
import dev.chime.reactor.Buffer;
import dev.chime.reactor.Operation;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.Timer;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One try with one server: a datagram there and one back, or over TCP when it was too long.
 *
 * <p>Each try has a socket, and so a port, and an id of its own (RFC 5452). What comes from
 * elsewhere, has another id or answers another question is dropped, and the wait goes on.
 */
final class Exchange {
    private static final int LENGTH_BYTES = 2;

    private final Net net;
    private final InetSocketAddress server;
    private final Question question;
    private final int id;
    private final byte[] query;
    private final Consumer<Answer> done;
    private @Nullable Timer limit;
    private @Nullable Udp udp;
    private @Nullable Operation connecting;
    private @Nullable Socket tcp;
    private byte[] received = new byte[512];
    private int bytes;
    private boolean ended;

    /** Will call {@code done} once, unless it is {@link #cancel cancelled}. */
    Exchange(
            Net net,
            InetSocketAddress server,
            Question question,
            int id,
            boolean edns,
            Consumer<Answer> done) {
        this.net = net;
        this.server = server;
        this.question = question;
        this.id = id;
        this.done = done;
        query = Wire.write(question, id, edns);
    }

    void start(Duration timeout, boolean overTcp) {
        limit =
                net.reactor()
                        .setTimeout(timeout, () -> end(Answer.failed("ETIMEOUT", null)))
                        .unref();
        if (overTcp) {
            connect();
        } else {
            send();
        }
    }

    /** Ends at once, and calls nobody. */
    void cancel() {
        if (ended) {
            return;
        }
        ended = true;
        net.reactor().clearTimeout(limit);
        if (udp != null) {
            udp.destroy();
        }
        if (connecting != null) {
            connecting.cancel();
        }
        if (tcp != null) {
            tcp.destroy();
        }
    }

    private void end(Answer answer) {
        if (!ended) {
            cancel();
            done.accept(answer);
        }
    }

    private void failed(ReactorException error) {
        end(Answer.failed(error.code(), null));
    }

    // ---- UDP

    private void send() {
        boolean ip6 = server.getAddress() instanceof Inet6Address;
        Udp socket = net.createUdp(ip6 ? UdpOptions.ip6() : UdpOptions.ip4());
        udp = socket;
        socket.onMessage((data, from, truncated) -> message(data, from));
        socket.onError(this::told);
        socket.connect(
                server,
                (err, connected) -> {
                    if (err != null) {
                        failed(err);
                    } else if (!ended) {
                        connected.sendToPeer(query, this::told);
                    }
                });
    }

    /** Hears of a send that failed, or of a server that refused it. */
    private void told(@Nullable ReactorException err) {
        if (err != null) {
            failed(err);
        }
    }

    private void message(Buffer data, InetSocketAddress from) {
        // The kernel filters, too, but not what came between bind and connect.
        if (ended || tcp != null || connecting != null || !isServer(from)) {
            return;
        }
        byte[] message = data.toArray();
        Wire.Reply reply = Wire.isFor(message, id) ? Wire.read(message, question) : null;
        if (reply == null) {
            return;
        }
        if (reply.truncated()) {
            connect();
        } else {
            end(reply.answer());
        }
    }

    private boolean isServer(InetSocketAddress from) {
        return from.getPort() == server.getPort() && from.getAddress().equals(server.getAddress());
    }

    // ---- TCP: each message behind its length (RFC 1035, section 4.2.2)

    private void connect() {
        ConnectOptions to =
                ConnectOptions.port(server.getPort()).host(server.getAddress().getHostAddress());
        connecting = net.connect(to, this::connected);
    }

    private void connected(@Nullable ReactorException err, @Nullable Socket socket) {
        connecting = null;
        if (socket == null) {
            failed(err == null ? new ReactorException("ECANCELED", "connect ECANCELED") : err);
        } else if (ended) {
            socket.destroy(); // the cancel came too late
        } else {
            tcp = socket;
            socket.onData(this::data);
            socket.onClose(failure -> closed(failure));
            byte[] message = new byte[LENGTH_BYTES + query.length];
            message[0] = (byte) (query.length >> 8);
            message[1] = (byte) query.length;
            System.arraycopy(query, 0, message, LENGTH_BYTES, query.length);
            socket.write(message);
        }
    }

    private void closed(@Nullable ReactorException failure) {
        if (failure != null) {
            failed(failure);
        } else {
            end(Answer.failed("EBADRESP", "the server closed the connection"));
        }
    }

    private void data(Buffer data) {
        int length = data.length();
        if (received.length < bytes + length) {
            received = Arrays.copyOf(received, Math.max(2 * received.length, bytes + length));
        }
        data.get(0, received, bytes, length);
        bytes += length;
        if (bytes < LENGTH_BYTES) {
            return;
        }
        int end = LENGTH_BYTES + ((received[0] & 0xff) << 8 | (received[1] & 0xff));
        if (bytes >= end) {
            message(Arrays.copyOfRange(received, LENGTH_BYTES, end));
        }
    }

    private void message(byte[] message) {
        Wire.Reply reply = Wire.isFor(message, id) ? Wire.read(message, question) : null;
        end(
                reply == null
                        ? Answer.failed("EBADRESP", "it answers another question")
                        : reply.answer());
    }
}
