package dev.chime.net.testing;

import dev.chime.net.Net;
import dev.chime.net.Udp;
import dev.chime.net.UdpOptions;
import dev.chime.reactor.EngineKind;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.ReactorOptions;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A JVM of its own behind a slow loopback interface: more datagrams than the send buffer holds. It
 * prints whether they arrived, and called back, in the order of their sends.
 */
public final class SlowLine {
    private static final int COUNT = 1000;
    private static final int PATIENCE_MILLIS = 5000;

    private SlowLine() {}

    /** Sends on the engine that the first argument names. */
    public static void main(String[] arguments) {
        List<Integer> arrived = new ArrayList<>();
        List<Integer> sent = new ArrayList<>();
        Reactor.run(
                ReactorOptions.defaults().engine(EngineKind.valueOf(arguments[0])),
                reactor -> {
                    Udp server =
                            Net.of(reactor).createUdp(UdpOptions.ip4().receiveBufferBytes(200_000));
                    server.onMessage((data, from, truncated) -> {
                        arrived.add((data.get(0) & 0xff) << 8 | data.get(1) & 0xff);
                        if (arrived.size() == COUNT) {
                            server.close();
                        }
                    });
                    server.bind(
                            0, Peers.LOCAL, (err, bound) -> send(reactor, bound.address(), sent));
                    reactor.setTimeout(PATIENCE_MILLIS, server::destroy).unref();
                });
        List<Integer> all = IntStream.range(0, COUNT).boxed().toList();
        System.out.println("arrived " + arrived.equals(all) + ", sent " + sent.equals(all));
    }

    private static void send(Reactor reactor, InetSocketAddress to, List<Integer> sent) {
        Udp client = Net.of(reactor).createUdp();
        for (int i = 0; i < COUNT; i++) {
            int number = i;
            byte[] bytes = new byte[60 + i % 7 * 190]; // of all lengths, as some find room alone
            bytes[0] = (byte) (i >> 8);
            bytes[1] = (byte) i;
            client.sendTo(bytes, to, err -> sent.add(number));
        }
        client.close();
    }
}
