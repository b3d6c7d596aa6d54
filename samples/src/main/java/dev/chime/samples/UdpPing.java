package dev.chime.samples;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.chime.net.Net;
import dev.chime.net.Udp;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.ReactorException;
import dev.chime.reactor.Timer;
import org.jspecify.annotations.Nullable;

/** Round trips to a UDP echo server, one after the other; an echo that takes a second is lost. */
final class UdpPing {
    private static final int PATIENCE_MILLIS = 1000;

    private final Reactor reactor;
    private final Udp udp;
    private final int count;
    private @Nullable Timer patience;
    private long sentAt;
    private int sent;
    private int answered;

    private UdpPing(Reactor reactor, int count) {
        this.reactor = reactor;
        this.count = count;
        udp = Net.of(reactor).createUdp();
    }

    static int run(Arguments arguments) {
        arguments.allow("port", "host", "count");
        arguments.noWords();
        int port = arguments.number("port", 1, 65535);
        String given = arguments.textOrNull("host");
        String host = given == null ? "127.0.0.1" : given;
        int count = (int) arguments.number("count", 1, 1 << 30, 4);
        int[] answered = {0};
        Reactor.run(reactor -> {
            UdpPing ping = new UdpPing(reactor, count);
            ping.start(port, host);
            reactor.onExit(() -> answered[0] = ping.answered);
        });
        return answered[0] == count ? 0 : 1;
    }

    /** With a peer, the socket hears that nobody listens there. */
    private void start(int port, String host) {
        udp.onMessage((data, from, truncated) -> {
            if (data.toString(UTF_8).equals("ping " + sent)) { // else one that came too late
                answered++;
                long micros = (System.nanoTime() - sentAt) / 1000;
                next("echo " + sent + " from " + from + " in " + micros + " us");
            }
        });
        udp.onError(err -> next("echo " + sent + ": " + err.getMessage()));
        udp.connect(
                port,
                host,
                (err, connected) -> {
                    if (err != null) {
                        System.err.println(err.getMessage());
                        udp.close();
                    } else {
                        send();
                    }
                });
    }

    private void send() {
        sent++;
        sentAt = System.nanoTime();
        patience = reactor.setTimeout(PATIENCE_MILLIS, () -> next("echo " + sent + ": lost"));
        udp.sendToPeer("ping " + sent, this::report);
    }

    private void report(@Nullable ReactorException err) {
        if (err != null) {
            next("ping " + sent + ": " + err.getMessage());
        }
    }

    private void next(String line) {
        System.out.println(line);
        if (patience != null) {
            patience.clear();
        }
        if (sent < count) {
            send();
        } else {
            udp.close();
        }
    }
}
