package dev.chime.net;

import dev.chime.reactor.Buffer;
import java.net.InetSocketAddress;

/** Takes datagrams as they arrive. */
@FunctionalInterface
public interface MessageHandler {
    /**
     * Takes one datagram.
     *
     * @param data the handler's until it returns; {@link Buffer#retain} keeps it longer
     * @param from who sent it
     * @param truncated whether its end is lost, because it is longer than {@link
     *     UdpOptions#maxMessageBytes}
     * @throws Exception goes to the reactor's uncaught handler
     */
    void message(Buffer data, InetSocketAddress from, boolean truncated) throws Exception;
}
