package dev.chime.net.dns;

import dev.chime.reactor.ReactorException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What resolv.conf(5) says, with the bounds that glibc sets (resolv.h): 3 servers, 30 seconds, 5
 * attempts, 15 dots. What it does not know it passes over, as the C library does.
 *
 * @param tcp whether UDP is left out ({@code use-vc})
 */
record ResolvConf(
        List<InetSocketAddress> servers,
        Duration timeout,
        int attempts,
        boolean rotate,
        List<String> search,
        int ndots,
        boolean tcp) {
    private static final int PORT = 53;
    private static final int MOST_SERVERS = 3;
    private static final int MOST_SECONDS = 30;
    private static final int MOST_ATTEMPTS = 5;
    private static final int MOST_DOTS = 15;

    /** Where a machine without the file is asked: itself. */
    private static final InetSocketAddress LOCAL =
            new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), PORT);

    static final ResolvConf DEFAULTS =
            new ResolvConf(List.of(LOCAL), Duration.ofSeconds(5), 2, false, List.of(), 1, false);

    /** Reads the file; one that is missing says nothing. Blocks. */
    static ResolvConf read(Path file, Map<String, String> environment) throws ReactorException {
        try {
            return parse(Files.readString(file, StandardCharsets.ISO_8859_1), environment);
        } catch (NoSuchFileException e) {
            return parse("", environment);
        } catch (IOException e) {
            String why = "cannot read " + file + ": " + e.getMessage();
            throw new ReactorException("EFILE", why, e);
        }
    }

    /** Takes the file's text. */
    static ResolvConf parse(String text, Map<String, String> environment) {
        Draft draft = new Draft();
        text.lines().forEach(draft::line);
        String domains = environment.get("LOCALDOMAIN");
        if (domains != null) {
            draft.search = words(domains);
        }
        String options = environment.get("RES_OPTIONS");
        if (options != null) {
            words(options).forEach(draft::option);
        }
        return draft.finish();
    }

    private static List<String> words(String text) {
        String trimmed = text.strip();
        return trimmed.isEmpty() ? List.of() : List.of(trimmed.split("\\s+"));
    }

    /** This with what the user's options say. */
    ResolvConf with(DnsOptions options) {
        List<String> domains = options.search();
        Duration limit = options.timeout();
        return new ResolvConf(
                options.servers().isEmpty() ? servers : options.servers(),
                limit == null ? timeout : limit,
                options.attempts() == 0 ? attempts : options.attempts(),
                rotate || options.rotate(),
                domains == null ? search : domains,
                options.ndots() < 0 ? ndots : options.ndots(),
                tcp);
    }

    /** What the lines read so far say. */
    private static final class Draft {
        private final List<InetSocketAddress> servers = new ArrayList<>();
        private Duration timeout = DEFAULTS.timeout;
        private int attempts = DEFAULTS.attempts;
        private int ndots = DEFAULTS.ndots;
        private List<String> search = List.of();
        private boolean rotate;
        private boolean tcp;

        void line(String line) {
            List<String> words = words(line);
            boolean keywordFirst = !line.isEmpty() && !Character.isWhitespace(line.charAt(0));
            if (words.size() < 2 || !keywordFirst) {
                return;
            }
            List<String> values = words.subList(1, words.size());
            switch (words.getFirst()) {
                case "nameserver" -> server(values.getFirst());
                case "domain" -> search = List.of(values.getFirst());
                case "search" -> search = List.copyOf(values);
                case "options" -> values.forEach(this::option);
                default -> {} // a comment, sortlist, or what other systems have
            }
        }

        private void server(String literal) {
            try {
                if (servers.size() < MOST_SERVERS) {
                    InetAddress address = InetAddress.ofLiteral(literal);
                    servers.add(new InetSocketAddress(address, PORT));
                }
            } catch (IllegalArgumentException e) {
                // No address, which the C library passes over as well.
            }
        }

        private void option(String option) {
            int colon = option.indexOf(':');
            String name = colon < 0 ? option : option.substring(0, colon);
            Integer number = colon < 0 ? null : number(option.substring(colon + 1));
            switch (name) {
                case "rotate" -> rotate = true;
                case "use-vc" -> tcp = true;
                case "timeout" ->
                        timeout =
                                number == null
                                        ? timeout
                                        : Duration.ofSeconds(Math.clamp(number, 1, MOST_SECONDS));
                case "attempts" ->
                        attempts = number == null ? attempts : Math.clamp(number, 1, MOST_ATTEMPTS);
                case "ndots" -> ndots = number == null ? ndots : Math.clamp(number, 0, MOST_DOTS);
                default -> {} // of the C library's own transport, or unknown
            }
        }

        private static @Nullable Integer number(String digits) {
            try {
                return Integer.valueOf(digits);
            } catch (NumberFormatException e) {
                return null;
            }
        }

        ResolvConf finish() {
            List<InetSocketAddress> found = servers.isEmpty() ? DEFAULTS.servers : servers;
            return new ResolvConf(
                    List.copyOf(found), timeout, attempts, rotate, search, ndots, tcp);
        }
    }
}
