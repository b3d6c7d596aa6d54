package dev.chime.samples;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.chime.net.ListenOptions;
import dev.chime.net.Net;
import dev.chime.net.ServerOptions;
import dev.chime.net.Socket;
import dev.chime.net.SocketOptions;
import dev.chime.reactor.Reactor;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A chat for telnet or nc: the first line is the name, the others go to everybody else. Who does
 * not read what is said is dropped, so that one slow reader costs the server little and the others
 * nothing.
 */
final class Chat {
    private static final Logger LOG = LoggerFactory.getLogger(Chat.class);
    private static final int MAX_QUEUED_BYTES = 64 << 10;
    private static final int MAX_LINE = 1000;
    private static final int MAX_NAME = 20;
    private static final Duration FAREWELL = Duration.ofSeconds(10);

    private final Map<String, Member> members = new TreeMap<>();

    static int run(Arguments arguments) {
        arguments.allow("port", "host");
        arguments.noWords();
        ListenOptions options = arguments.place();
        SocketOptions sockets = SocketOptions.defaults().maxQueuedBytes(MAX_QUEUED_BYTES);
        Chat chat = new Chat();
        int[] exitCode = {0};
        Reactor.run(reactor ->
                Net.of(reactor)
                        .createServer(
                                ServerOptions.defaults().socket(sockets),
                                socket -> chat.new Member(socket).start())
                        .listen(
                                options,
                                (err, server) -> {
                                    if (err != null) {
                                        System.err.println(err.getMessage());
                                        exitCode[0] = 1;
                                        return;
                                    }
                                    LOG.info(
                                            "chat on {}, engine {}",
                                            server.address(),
                                            reactor.engine());
                                }));
        return exitCode[0];
    }

    /** One who is connected; with a name, one who takes part. */
    private final class Member {
        private final Socket socket;
        private final StringBuilder pending = new StringBuilder();
        private @Nullable String name;

        Member(Socket socket) {
            this.socket = socket;
        }

        void start() {
            socket.write("Your name?\n");
            socket.onClose(err -> left(err == null ? "" : " (" + err.code() + ")"));
            socket.onText(UTF_8, this::text);
        }

        private void text(String text) {
            if (socket.isEnding()) {
                return;
            }
            pending.append(text);
            int end = pending.indexOf("\n");
            while (end >= 0 && end <= MAX_LINE) {
                // What controls a terminal is nobody's to send.
                line(pending.substring(0, end).replaceAll("\\p{Cntrl}", "").strip());
                pending.delete(0, end + 1);
                end = pending.indexOf("\n");
            }
            if (pending.length() > MAX_LINE) {
                socket.end("A line has at most " + MAX_LINE + " characters.\n");
                socket.deadline(FAREWELL);
            }
        }

        private void line(String line) {
            if (name != null) {
                toOthers(name + ": " + line);
            } else if (line.isEmpty() || line.length() > MAX_NAME || members.containsKey(line)) {
                socket.write("Taken, empty, or longer than " + MAX_NAME + ". Your name?\n");
            } else {
                name = line;
                socket.write("Here: " + String.join(", ", members.keySet()) + "\n");
                members.put(line, this);
                toOthers("* " + line + " has come");
            }
        }

        private void left(String why) {
            if (name != null) {
                members.remove(name);
                toOthers("* " + name + " has left" + why);
            }
        }

        private void toOthers(String line) {
            byte[] bytes = (line + "\n").getBytes(UTF_8);
            for (Member member : members.values()) {
                if (member != this && !member.socket.isEnding()) {
                    member.socket.write(bytes);
                }
            }
        }
    }
}
