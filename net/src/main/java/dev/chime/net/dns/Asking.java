package dev.chime.net.dns;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A question under way, and who waits for its answer. The servers are tried one after the other,
 * again and again; one that has answered, be it with an error of its own, is not tried again. With
 * the last of those who wait the question goes.
 */
final class Asking {
    private final Questions questions;
    private final Question question;
    private final ResolvConf conf;
    private final List<InetSocketAddress> tries = new ArrayList<>();
    private final Set<Consumer<Answer>> waiting = new LinkedHashSet<>();
    private @Nullable Exchange exchange;
    private Answer last = Answer.failed("ETIMEOUT", null);

    /** Takes the server to begin with. */
    Asking(Questions questions, Question question, ResolvConf conf, int first) {
        this.questions = questions;
        this.question = question;
        this.conf = conf;
        List<InetSocketAddress> servers = conf.servers();
        for (int i = 0; i < servers.size() * conf.attempts(); i++) {
            tries.add(servers.get((first + i) % servers.size()));
        }
    }

    void add(Consumer<Answer> waiter) {
        waiting.add(waiter);
    }

    /** Somebody does not wait any more. */
    void remove(Consumer<Answer> waiter) {
        if (waiting.remove(waiter) && waiting.isEmpty()) {
            if (exchange != null) {
                exchange.cancel();
            }
            questions.ended(this, last);
        }
    }

    Question question() {
        return question;
    }

    /** Goes to the next server. */
    void next() {
        if (tries.isEmpty()) {
            questions.ended(this, last);
            return;
        }
        InetSocketAddress server = tries.removeFirst();
        if (questions.mayHaveEdns(server)) {
            exchange(server, true, answer -> answeredWithEdns(server, answer));
        } else {
            exchange(server, false, answer -> answered(server, answer));
        }
    }

    private void exchange(InetSocketAddress server, boolean edns, Consumer<Answer> then) {
        exchange = questions.exchange(server, question, edns, then);
        exchange.start(conf.timeout(), conf.tcp());
    }

    /** A server that does not know EDNS refuses it by one of two errors (RFC 6891, section 7). */
    private void answeredWithEdns(InetSocketAddress server, Answer answer) {
        if (!"EFORMERR".equals(answer.code()) && !"ENOTIMP".equals(answer.code())) {
            answered(server, answer);
            return;
        }
        exchange(
                server,
                false,
                plain -> {
                    if (plain.code() == null || plain.isNone()) {
                        questions.hasNoEdns(server);
                    }
                    answered(server, plain);
                });
    }

    private void answered(InetSocketAddress server, Answer answer) {
        exchange = null;
        String code = answer.code();
        if (code == null || answer.isNone()) {
            questions.ended(this, answer);
            return;
        }
        last = answer;
        switch (code) {
            case "ESERVFAIL", "EREFUSED", "ENOTIMP", "EFORMERR" -> tries.removeIf(server::equals);
            default -> {} // it may go better the next time
        }
        next();
    }

    /** Tells all who wait. */
    void tell(Answer answer) {
        List<Consumer<Answer>> told = List.copyOf(waiting);
        waiting.clear();
        told.forEach(waiter -> waiter.accept(answer));
    }
}
