package dev.chime.net.dns;

import dev.chime.net.Net;
import dev.chime.net.Server;
import dev.chime.net.Socket;
import dev.chime.net.Udp;
import dev.chime.net.UdpOptions;
import dev.chime.net.testing.Peers;
import dev.chime.reactor.Buffer;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.Task;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Tokenizer;
import org.xbill.DNS.Type;

/**
 * A name server on the loopback interface, over UDP and TCP on one port, that answers as its script
 * says. It does not keep the loop alive.
 */
final class NameServer {
    /** What the server does with a question. */
    @FunctionalInterface
    interface Script {
        void asked(Query query) throws Exception;
    }

    /** Goes on when the server is there. */
    @FunctionalInterface
    interface Started {
        void started(NameServer server) throws Exception;
    }

    private final Net net;
    private final String host;
    private final Script script;
    private final List<String> log = new ArrayList<>();
    private Udp udp;
    private Server tcp;
    private InetSocketAddress address;

    private NameServer(Net net, String host, Script script) {
        this.net = net;
        this.host = host;
        this.script = script;
    }

    static void start(Reactor reactor, Script script, Started then) {
        start(reactor, Peers.LOCAL, script, then);
    }

    /** Starts a server on an address. */
    static void start(Reactor reactor, String host, Script script, Started then) {
        new NameServer(Net.of(reactor), host, script).listen(then);
    }

    private void listen(Started then) {
        udp = net.createUdp(host.equals(Peers.LOCAL) ? UdpOptions.ip4() : UdpOptions.ip6());
        udp.unref();
        udp.onMessage((data, from, cut) -> asked(data.toArray(), from, udpReply(from)));
        udp.bind(
                0,
                host,
                (err, bound) -> {
                    Reactor reactor = net.reactor();
                    int port = bound.address().getPort();
                    tcp = net.createServer(this::serve);
                    tcp.listen(
                            port,
                            host,
                            (taken, server) -> {
                                if (taken != null) {
                                    udp.destroy();
                                    reactor.nextTick(() -> listen(then));
                                    return;
                                }
                                server.unref();
                                address = bound.address();
                                then.started(this);
                            });
                });
    }

    private Consumer<byte[]> udpReply(InetSocketAddress to) {
        return bytes ->
                udp.sendTo(
                        bytes,
                        to,
                        err -> {
                            if (err != null && !err.code().equals("ECONNREFUSED")) {
                                throw err;
                            }
                        });
    }

    private void serve(Socket socket) {
        ByteArrayOutputStream received = new ByteArrayOutputStream();
        socket.onData((Buffer data) -> {
            received.writeBytes(data.toArray());
            byte[] bytes = received.toByteArray();
            if (bytes.length > 2 && bytes.length == 2 + (bytes[0] << 8 | bytes[1] & 0xff)) {
                asked(
                        Arrays.copyOfRange(bytes, 2, bytes.length),
                        null,
                        reply -> send(socket, reply));
            }
        });
    }

    private static void send(Socket socket, byte[] reply) {
        socket.write(new byte[] {(byte) (reply.length >> 8), (byte) reply.length});
        socket.write(reply);
        socket.end();
    }

    private void asked(byte[] bytes, InetSocketAddress from, Consumer<byte[]> reply)
            throws Exception {
        Query query = new Query(this, bytes, from, reply);
        log.add((query.tcp ? "tcp " : "") + query.name() + " " + query.type());
        script.asked(query);
    }

    InetSocketAddress address() {
        return address;
    }

    /** What it was asked: names and types. */
    List<String> log() {
        return log;
    }

    /** Sends from another port. */
    void sendFromElsewhere(byte[] bytes, InetSocketAddress to, Task then) {
        Udp other = net.createUdp();
        other.sendTo(
                bytes,
                to,
                err -> {
                    other.destroy();
                    then.run();
                });
    }

    /** One question, and how to answer it. */
    static final class Query {
        final Message message;
        final boolean tcp;
        final NameServer server;
        final InetSocketAddress from;
        private final Consumer<byte[]> reply;

        Query(NameServer server, byte[] bytes, InetSocketAddress from, Consumer<byte[]> reply)
                throws IOException {
            this.server = server;
            message = new Message(bytes);
            this.from = from;
            tcp = from == null;
            this.reply = reply;
        }

        String name() {
            return message.getQuestion().getName().toString(true);
        }

        String type() {
            return Type.string(message.getQuestion().getType());
        }

        /** An answer with records such as {@code a.test 60 A 192.0.2.1}. */
        Message answer(String... records) throws IOException {
            Message answer = new Message(message.getHeader().getID());
            answer.getHeader().setFlag(Flags.QR);
            answer.getHeader().setFlag(Flags.RD);
            answer.getHeader().setFlag(Flags.RA);
            answer.addRecord(message.getQuestion(), Section.QUESTION);
            for (String record : records) {
                answer.addRecord(record(record), Section.ANSWER);
            }
            return answer;
        }

        /** A refusal; with a SOA record of its zone it may be remembered. */
        Message error(int rcode, String... authority) throws IOException {
            Message answer = answer();
            answer.getHeader().setRcode(rcode);
            for (String record : authority) {
                answer.addRecord(record(record), Section.AUTHORITY);
            }
            return answer;
        }

        /** An answer that says no more than that it is too long. */
        Message cut() throws IOException {
            Message answer = answer();
            answer.getHeader().setFlag(Flags.TC);
            return answer;
        }

        void send(Message answer) {
            send(answer.toWire());
        }

        void send(byte[] answer) {
            reply.accept(answer);
        }

        /** Answers with records. */
        void records(String... records) throws IOException {
            send(answer(records));
        }

        /** Answers that there is no such name, for good. */
        void nameError() throws IOException {
            send(error(Rcode.NXDOMAIN));
        }
    }

    static Record record(String text) throws IOException {
        String[] words = text.split(" ", 4);
        return Record.fromString(
                Name.fromString(words[0], Name.root),
                Type.value(words[2]),
                DClass.IN,
                Long.parseLong(words[1]),
                new Tokenizer(words[3]),
                Name.root);
    }
}
