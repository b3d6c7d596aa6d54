package dev.chime.net.dns;

import dev.chime.net.Net;
import dev.chime.reactor.ReactorException;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * All questions of a {@link Dns}: equal ones are asked once, answers are remembered, and a bounded
 * number is under way at once, because each has a socket.
 */
final class Questions {
    /** Beyond that questions wait. */
    static final int MOST_AT_ONCE = 128;

    /** How long the file is trusted to be as it was. */
    private static final Duration TRUST = Duration.ofSeconds(5);

    /** Takes the configuration, or why there is none. */
    @FunctionalInterface
    interface Configured {
        void use(@Nullable ReactorException err, @Nullable ResolvConf conf);
    }

    private final Net net;
    private DnsOptions options;
    private final AnswerCache cache;
    private final Map<Question, Asking> asked = new HashMap<>();
    private final ArrayDeque<Asking> queue = new ArrayDeque<>();
    private final List<Configured> unconfigured = new ArrayList<>();
    private final Set<InetSocketAddress> withoutEdns = new HashSet<>();
    private final SecureRandom random = new SecureRandom();
    private @Nullable ResolvConf conf;
    private long readAt;
    private int running;
    private int turn;

    Questions(Net net, DnsOptions options) {
        this.net = net;
        this.options = options;
        cache = new AnswerCache(options.cacheEntries());
        conf = fixed();
    }

    private @Nullable ResolvConf fixed() {
        return options.servers().isEmpty() ? null : ResolvConf.DEFAULTS.with(options);
    }

    List<InetSocketAddress> servers() {
        return options.servers();
    }

    /** From now on others are asked; what others have said is forgotten. */
    void servers(InetSocketAddress... servers) {
        options = options.servers(servers);
        conf = fixed();
        asked.clear(); // what is under way tells those who wait, and nobody else
        forget();
    }

    /** Finds out whom to ask: at once, or when a thread has read the file. */
    void configure(Configured then) {
        ResolvConf known = conf;
        boolean fixed = !options.servers().isEmpty();
        if (known != null && (fixed || now() - readAt < TRUST.toNanos())) {
            then.use(null, known);
            return;
        }
        unconfigured.add(then);
        if (unconfigured.size() == 1) {
            net.reactor()
                    .blocking(
                            () -> ResolvConf.read(options.resolvConf(), System.getenv()),
                            this::read);
        }
    }

    private void read(@Nullable ReactorException err, @Nullable ResolvConf file) {
        ResolvConf found = fixed(); // those who are named meanwhile come first
        if (found == null) {
            found = file == null ? conf : file.with(options); // or as it was before
        }
        conf = found;
        readAt = now();
        List<Configured> told = List.copyOf(unconfigured);
        unconfigured.clear();
        for (Configured then : told) {
            then.use(found == null ? err : null, found);
        }
    }

    /** The answer if it is remembered, else null. */
    @Nullable Answer known(Question question) {
        return cache.get(question, now());
    }

    void forget() {
        cache.clear();
        withoutEdns.clear();
    }

    /**
     * Asks, or waits with those who have asked; {@code waiter} is never called inside this call.
     */
    Asking ask(Question question, ResolvConf whom, Consumer<Answer> waiter) {
        Asking asking = asked.get(question);
        if (asking != null) {
            asking.add(waiter);
            return asking;
        }
        int first = whom.rotate() ? turn++ & Integer.MAX_VALUE : 0;
        asking = new Asking(this, question, whom, first % whom.servers().size());
        asking.add(waiter);
        asked.put(question, asking);
        queue.add(asking);
        startNext();
        return asking;
    }

    private void startNext() {
        while (running < MOST_AT_ONCE && !queue.isEmpty()) {
            running++;
            queue.remove().next();
        }
    }

    Exchange exchange(
            InetSocketAddress server, Question question, boolean edns, Consumer<Answer> done) {
        return new Exchange(net, server, question, random.nextInt(1 << 16), edns, done);
    }

    /** Whether a server may be asked with EDNS. */
    boolean mayHaveEdns(InetSocketAddress server) {
        return !withoutEdns.contains(server);
    }

    /** A server answers well without EDNS, and with it not at all. */
    void hasNoEdns(InetSocketAddress server) {
        withoutEdns.add(server);
    }

    /** A question is answered, or nobody waits for it any more. */
    void ended(Asking asking, Answer answer) {
        boolean current = asked.remove(asking.question(), asking);
        if (!queue.remove(asking)) {
            running--;
        }
        if (current) {
            cache.put(asking.question(), answer, now());
        }
        asking.tell(answer);
        startNext();
    }

    private long now() {
        return net.reactor().now();
    }
}
