package dev.chime.samples.kv;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.chime.net.Socket;
import dev.chime.reactor.Buffer;
import dev.chime.reactor.Callback;
import dev.chime.reactor.ReactorException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One client. Its commands are started as they come and answered in their order. A client that does
 * not read its answers, or has much under way, is not read from.
 */
final class Connection {
    private static final int MOST_UNDER_WAY = 1024;
    private static final int MOST_BYTES_UNDER_WAY = 1 << 20;
    private static final Duration FAREWELL = Duration.ofSeconds(10);
    private static final byte[] OK = "+OK\r\n".getBytes(ISO_8859_1);
    private static final byte[] NIL = "$-1\r\n".getBytes(ISO_8859_1);
    private static final byte[] CRLF = "\r\n".getBytes(ISO_8859_1);

    /** An answer that waits for its turn, or is not known yet. */
    private static final class Reply {
        final int cost;
        byte @Nullable [] text;
        @Nullable Buffer value;

        Reply(int cost) {
            this.cost = cost;
        }
    }

    private final Socket socket;
    private final Store store;
    private final RespParser parser = new RespParser();
    private final ArrayDeque<Reply> replies = new ArrayDeque<>();
    private int bytesUnderWay;
    private boolean peerHasEnded;
    private boolean leaving;
    private boolean ended;

    private Connection(Socket socket, Store store) {
        this.socket = socket;
        this.store = store;
    }

    static void serve(Socket socket, Store store) {
        Connection connection = new Connection(socket, store);
        socket.onData(connection::data)
                .onEnd(connection::peerEnded)
                .onDrain(connection::execute)
                .onClose(err -> connection.closed());
    }

    // ---- what comes

    private void data(Buffer data) {
        if (!leaving) {
            parser.feed(data);
            execute();
        }
    }

    private void peerEnded() {
        peerHasEnded = true;
        execute();
    }

    private void execute() {
        try {
            while (!leaving && !isFull()) {
                List<byte[]> command = parser.next();
                if (command == null) {
                    leaving = peerHasEnded;
                    break; // what is left of a command will never be whole
                }
                run(command);
            }
        } catch (ProtocolException e) {
            leaving = true;
            answer(expect(0), error("ERR " + e.getMessage()));
        }
        if (isFull() && !leaving) {
            socket.pause();
        } else if (socket.isPaused()) {
            socket.resume();
        }
        endIfLeaving();
    }

    private boolean isFull() {
        return replies.size() >= MOST_UNDER_WAY
                || bytesUnderWay >= MOST_BYTES_UNDER_WAY
                || socket.queuedBytes() >= socket.highWaterMark();
    }

    // ---- commands

    private void run(List<byte[]> command) {
        String name = new String(command.getFirst(), ISO_8859_1).toUpperCase(Locale.ROOT);
        int given = command.size() - 1;
        switch (name) {
            case "GET" -> {
                if (hasArguments(name, given == 1)) {
                    get(new Key(command.get(1)));
                }
            }
            case "SET" -> {
                if (given > 2) {
                    refuse("ERR syntax error: SET has no options here");
                } else if (hasArguments(name, given == 2) && keysFit(command.subList(1, 2))) {
                    Reply reply = expect(command.get(1).length + command.get(2).length);
                    store.set(
                            new Key(command.get(1)),
                            command.get(2),
                            err -> answer(reply, err == null ? OK : error(err)));
                }
            }
            case "DEL" -> {
                List<byte[]> keys = command.subList(1, command.size());
                if (hasArguments(name, given > 0) && keysFit(keys)) {
                    store.delete(keys(keys), count(keys));
                }
            }
            case "EXISTS" -> {
                List<byte[]> keys = command.subList(1, command.size());
                if (hasArguments(name, given > 0)) {
                    store.exists(keys(keys), count(keys));
                }
            }
            case "PING" -> {
                if (hasArguments(name, given <= 1)) {
                    say(given == 0 ? "+PONG\r\n" : bulk(command.get(1)));
                }
            }
            case "QUIT" -> {
                leaving = true;
                answer(expect(0), OK);
            }
            case "COMMAND" -> say("*0\r\n"); // redis-cli asks for what it might complete
            case "CONFIG" -> config(command);
            default -> refuse(unknown(command));
        }
    }

    private boolean hasArguments(String name, boolean right) {
        if (!right) {
            String lower = name.toLowerCase(Locale.ROOT);
            refuse("ERR wrong number of arguments for '" + lower + "' command");
        }
        return right;
    }

    private boolean keysFit(List<byte[]> keys) {
        for (byte[] key : keys) {
            if (key.length > LogFormat.MAX_KEY_BYTES) {
                refuse(
                        "ERR the key is %d bytes long: the limit is %d"
                                .formatted(key.length, LogFormat.MAX_KEY_BYTES));
                return false;
            }
        }
        return true;
    }

    private static List<Key> keys(List<byte[]> arguments) {
        List<Key> keys = new ArrayList<>();
        arguments.forEach(bytes -> keys.add(new Key(bytes)));
        return keys;
    }

    private Callback<Integer> count(List<byte[]> keys) {
        int cost = 0;
        for (byte[] key : keys) {
            cost += key.length;
        }
        Reply reply = expect(cost);
        return (err, n) -> answer(reply, err == null ? text(":" + n + "\r\n") : error(err));
    }

    private void get(Key key) {
        Reply reply = expect(store.valueLength(key));
        store.get(
                key,
                (err, value) -> {
                    if (err != null || value == null) {
                        answer(reply, err == null ? NIL : error(err));
                    } else if (!ended) {
                        reply.value = value.retain();
                        answer(reply, text("$" + value.length() + "\r\n"));
                    }
                });
    }

    /** What redis-benchmark wants to know: how durable it is. */
    private void config(List<byte[]> command) {
        if (command.size() != 3
                || !"GET".equalsIgnoreCase(new String(command.get(1), ISO_8859_1))) {
            refuse("ERR CONFIG knows GET with one parameter alone");
            return;
        }
        switch (new String(command.get(2), ISO_8859_1).toLowerCase(Locale.ROOT)) {
            case "save" -> say("*2\r\n$4\r\nsave\r\n$0\r\n\r\n");
            case "appendonly" -> say("*2\r\n$10\r\nappendonly\r\n$3\r\nyes\r\n");
            default -> say("*0\r\n");
        }
    }

    private static String unknown(List<byte[]> command) {
        StringBuilder text = new StringBuilder("ERR unknown command '");
        text.append(shortened(command.getFirst())).append("', with args beginning with: ");
        command.stream()
                .skip(1)
                .limit(4)
                .forEach(word -> text.append('\'').append(shortened(word)).append("' "));
        return text.toString();
    }

    private static String shortened(byte[] word) {
        return new String(word, 0, Math.min(word.length, 128), ISO_8859_1);
    }

    // ---- answers

    private void say(String answer) {
        answer(expect(0), text(answer));
    }

    private void refuse(String error) {
        answer(expect(0), error(error));
    }

    private static byte[] text(String text) {
        return text.getBytes(ISO_8859_1);
    }

    private static String bulk(byte[] bytes) {
        return "$" + bytes.length + "\r\n" + new String(bytes, ISO_8859_1) + "\r\n";
    }

    private static byte[] error(ReactorException err) {
        return error("ERR " + err.getMessage());
    }

    /** An error is one line. */
    private static byte[] error(String message) {
        return ("-" + message.replace('\r', ' ').replace('\n', ' ') + "\r\n").getBytes(UTF_8);
    }

    private Reply expect(int bytes) {
        Reply reply = new Reply(bytes);
        replies.add(reply);
        bytesUnderWay += bytes;
        return reply;
    }

    /** An answer is known; it goes when all before it have gone. */
    private void answer(Reply reply, byte[] text) {
        reply.text = text;
        if (replies.peek() != reply) {
            return;
        }
        boolean wasFull = isFull();
        while (!replies.isEmpty() && replies.getFirst().text != null) {
            send(replies.remove());
        }
        if (wasFull) {
            socket.reactor().nextTick(this::execute);
        }
        endIfLeaving();
    }

    private void send(Reply reply) {
        bytesUnderWay -= reply.cost;
        socket.write(Objects.requireNonNull(reply.text));
        Buffer value = reply.value;
        if (value != null) {
            socket.write(value);
            socket.write(CRLF);
            value.release();
        }
    }

    // ---- the end

    /** Behind the last answer. What still comes is dropped: a reset would take the answer along. */
    private void endIfLeaving() {
        if (leaving && !ended && replies.isEmpty()) {
            ended = true;
            socket.end();
            socket.resume();
            if (!peerHasEnded) {
                socket.deadline(FAREWELL);
            }
        }
    }

    private void closed() {
        leaving = true;
        ended = true;
        for (Reply reply : replies) {
            if (reply.value != null) {
                reply.value.release();
            }
        }
        replies.clear();
    }
}
