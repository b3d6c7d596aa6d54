package dev.chime.samples;

import dev.chime.net.ConnectOptions;
import dev.chime.net.Net;
import dev.chime.net.Socket;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.Timer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Load for an echo server on this host: a number of connections, a fixed number of messages under
 * way on each. An operation is a message that has come back; the CPU is that of the load.
 */
final class LabEcho {
    private static final int CHECK_CLOCK_MASK = 0xff;
    private static final int CHECK_CLOCK_MILLIS = 50;

    private final Reactor reactor;
    private final byte[] message;
    private final int inFlight;
    private final Measure measure;
    private final List<Socket> sockets = new ArrayList<>();
    private @Nullable Timer clock;
    private long echoes;
    private int exitCode;

    private LabEcho(Reactor reactor, int bytes, int inFlight, Measure measure) {
        this.reactor = reactor;
        message = new byte[bytes];
        this.inFlight = inFlight;
        this.measure = measure;
    }

    static int run(Arguments arguments) {
        arguments.allow("port", "connections", "bytes", "inflight", "warmup", "seconds");
        arguments.noWords();
        int port = arguments.number("port", 1, 65535);
        int connections = (int) arguments.number("connections", 1, 100_000, 50);
        int bytes = (int) arguments.number("bytes", 1, 1 << 20, 64);
        int inFlight = (int) arguments.number("inflight", 1, 1024, 1);
        Measure measure = new Measure(arguments.seconds("warmup"), arguments.seconds("seconds"));
        LabEcho[] lab = new LabEcho[1];
        Reactor.run(reactor -> {
            lab[0] = new LabEcho(reactor, bytes, inFlight, measure);
            for (int i = 0; i < connections; i++) {
                lab[0].connect(port);
            }
            measure.start();
            lab[0].clock = reactor.setInterval(CHECK_CLOCK_MILLIS, lab[0]::endInTime);
        });
        return lab[0].exitCode;
    }

    private void connect(int port) {
        ConnectOptions where = ConnectOptions.port(port).host("127.0.0.1").noDelay(true);
        Net.of(reactor)
                .connect(
                        where,
                        (err, socket) -> {
                            if (err == null) {
                                begin(socket);
                            } else {
                                fail(err.getMessage());
                            }
                        });
    }

    private void begin(Socket socket) {
        sockets.add(socket);
        long[] come = {0};
        socket.onData(data -> {
            long before = come[0] / message.length;
            come[0] += data.length();
            for (long i = before; i < come[0] / message.length; i++) {
                socket.write(message);
                if ((++echoes & CHECK_CLOCK_MASK) == 0) {
                    endInTime();
                }
            }
        });
        socket.onClose(err -> {
            if (!measure.isOver(echoes)) {
                fail("the server ended a connection");
            }
        });
        for (int i = 0; i < inFlight; i++) {
            socket.write(message);
        }
    }

    private void endInTime() {
        if (measure.isOver(echoes)) {
            end();
        }
    }

    private void fail(@Nullable String why) {
        if (exitCode == 0) {
            exitCode = 1;
            System.err.println(why);
            end();
        }
    }

    private void end() {
        reactor.clearInterval(clock);
        sockets.forEach(Socket::destroy);
    }
}
