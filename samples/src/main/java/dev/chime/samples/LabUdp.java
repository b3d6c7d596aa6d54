package dev.chime.samples;

import dev.chime.net.Net;
import dev.chime.net.Udp;
import dev.chime.net.UdpOptions;
import dev.chime.reactor.Done;
import dev.chime.reactor.Reactor;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * Datagrams to an echo server and back, a fixed number under way: to the server of a port, or to
 * one in this loop. An operation is an echo, so two datagrams are sent and two are received.
 */
final class LabUdp {
    private static final int CHECK_CLOCK_MASK = 0xff;
    private static final int PATIENCE_MILLIS = 100;

    private final Reactor reactor;
    private final int inFlight;
    private final byte[] message;
    private final Measure measure;
    private final Done lost = err -> {};
    private long echoes;
    private long seen;

    private LabUdp(Reactor reactor, int inFlight, int bytes, double warmup, double seconds) {
        this.reactor = reactor;
        this.inFlight = inFlight;
        measure = new Measure(warmup, seconds);
        message = new byte[bytes];
    }

    static int run(Arguments arguments) {
        arguments.allow("port", "inflight", "bytes", "batches", "warmup", "seconds");
        arguments.noWords();
        int port = (int) arguments.number("port", 1, 65535, 0);
        int inFlight = (int) arguments.number("inflight", 1, 1024, 64);
        int bytes = (int) arguments.number("bytes", 1, 65507, 64);
        UdpOptions options = UdpOptions.ip4().batches(arguments.number("batches", 0, 1, 0) == 1);
        double warmup = arguments.seconds("warmup");
        double seconds = arguments.seconds("seconds");
        int[] exitCode = {0};
        Reactor.run(reactor -> {
            Net net = Net.of(reactor);
            LabUdp lab = new LabUdp(reactor, inFlight, bytes, warmup, seconds);
            if (port != 0) {
                lab.connect(
                        net.createUdp(options),
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
                return;
            }
            Udp echo = net.createUdp(options).unref();
            echo.onMessage((data, from, truncated) -> echo.sendTo(data, from, lab.lost));
            echo.bind(
                    0,
                    "127.0.0.1",
                    (err, bound) -> {
                        if (err != null) {
                            System.err.println(err.getMessage());
                            exitCode[0] = 1;
                        } else {
                            lab.connect(net.createUdp(options), bound.address());
                        }
                    });
        });
        return exitCode[0];
    }

    private void connect(Udp udp, InetSocketAddress to) {
        udp.onMessage((data, from, truncated) -> {
            udp.sendToPeer(message, lost);
            if ((++echoes & CHECK_CLOCK_MASK) == 0) {
                endInTime(udp);
            }
        });
        udp.connect(
                to,
                (err, connected) -> {
                    if (err != null) {
                        throw err;
                    }
                    fill(udp);
                    measure.start();
                    reactor.setInterval(PATIENCE_MILLIS, () -> refill(udp)).unref();
                });
    }

    private void fill(Udp udp) {
        for (int i = 0; i < inFlight; i++) {
            udp.sendToPeer(message, lost);
        }
    }

    /** When all under way have been lost others take their place. */
    private void refill(Udp udp) {
        if (!endInTime(udp) && echoes == seen) {
            fill(udp);
        }
        seen = echoes;
    }

    private boolean endInTime(Udp udp) {
        boolean over = measure.isOver(echoes);
        if (over) {
            udp.destroy();
        }
        return over;
    }
}
