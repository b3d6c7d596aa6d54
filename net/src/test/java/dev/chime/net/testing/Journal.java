package dev.chime.net.testing;

import dev.chime.net.Socket;
import dev.chime.reactor.ReactorException;
import java.util.ArrayList;
import java.util.List;

/**
 * What a socket said, in order: {@code data} once for data without a pause, {@code end}, {@code
 * drain}, {@code close} or {@code close CODE}, and what the test adds.
 */
public final class Journal {
    private final List<String> events = new ArrayList<>();
    private ReactorException error;

    /** Registers for everything but data. */
    public static Journal of(Socket socket) {
        Journal journal = new Journal();
        socket.onEnd(() -> journal.add("end"))
                .onDrain(() -> journal.add("drain"))
                .onClose(err -> {
                    journal.error = err;
                    journal.add(err == null ? "close" : "close " + err.code());
                });
        return journal;
    }

    /** Registers for everything; data goes to {@code content}. */
    public static Journal reading(Socket socket, Content content) {
        Journal journal = of(socket);
        socket.onData(buffer -> {
            journal.data();
            content.check(buffer);
        });
        return journal;
    }

    /** Notes that data came. */
    public void data() {
        if (events.isEmpty() || !events.getLast().equals("data")) {
            add("data");
        }
    }

    /** Notes something. */
    public void add(String event) {
        events.add(event);
    }

    /** All of it. */
    public List<String> events() {
        return events;
    }

    /** How often something happened. */
    public long count(String event) {
        return events.stream().filter(event::equals).count();
    }

    /** The error that close brought, if any. */
    public ReactorException error() {
        return error;
    }
}
