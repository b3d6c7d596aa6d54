package dev.chime.samples;

import dev.chime.net.ListenOptions;
import dev.chime.net.tls.TlsContext;
import dev.chime.net.tls.TlsIdentity;
import dev.chime.net.tls.TlsOptions;
import dev.chime.reactor.ReactorException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The words behind a sample's name: {@code --option value} pairs and the rest. */
public final class Arguments {
    private static final int MOST_PORT = 65535;

    private final Map<String, String> options = new HashMap<>();
    private final List<String> words = new ArrayList<>();

    /** Sorts {@code args}, the sample's name first. */
    Arguments(String[] args) {
        for (int i = 1; i < args.length; i++) {
            if (!args[i].startsWith("--") || args[i].length() == 2) {
                words.add(args[i]);
            } else if (i + 1 == args.length) {
                throw new UsageException("option " + args[i] + " needs a value");
            } else {
                options.put(args[i].substring(2), args[++i]);
            }
        }
    }

    /** Refuses options that are not among {@code known}. */
    public void allow(String... known) {
        for (String name : options.keySet()) {
            if (!List.of(known).contains(name)) {
                throw new UsageException("unknown option --" + name);
            }
        }
    }

    /** The words that are no options; at least one. */
    List<String> files() {
        if (words.isEmpty()) {
            throw new UsageException("name at least one file or folder");
        }
        return words;
    }

    /** Refuses words that are no options. */
    public void noWords() {
        if (!words.isEmpty()) {
            throw new UsageException("unexpected argument '" + words.getFirst() + "'");
        }
    }

    String text(String option) {
        String value = options.get(option);
        if (value == null) {
            throw new UsageException("option --" + option + " is missing");
        }
        return value;
    }

    /** The value of an option, or null when it is missing. */
    public @Nullable String textOrNull(String option) {
        return options.get(option);
    }

    /** A number between {@code least} and {@code most}. */
    int number(String option, int least, int most) {
        return (int) whole(option, least, most);
    }

    /** The same, or {@code fallback} when the option is missing. */
    public long number(String option, long least, long most, long fallback) {
        return options.containsKey(option) ? whole(option, least, most) : fallback;
    }

    private long whole(String option, long least, long most) {
        double value = decimal(option);
        if (value != Math.rint(value) || value < least || value > most) {
            throw new UsageException(
                    "--"
                            + option
                            + " is "
                            + text(option)
                            + ": use a whole number from "
                            + least
                            + " to "
                            + most);
        }
        return (long) value;
    }

    /** Where a server is to listen: {@code --port}, and {@code --host} or the loopback address. */
    public ListenOptions place() {
        String host = textOrNull("host");
        return ListenOptions.port(number("port", 0, MOST_PORT))
                .host(host == null ? "127.0.0.1" : host);
    }

    /** Whom a server is: {@code --cert} and {@code --key}, PEM files; null: there is no TLS. */
    @Nullable TlsOptions tls() {
        String cert = textOrNull("cert");
        String key = textOrNull("key");
        if (cert == null && key == null) {
            return null;
        }
        try {
            TlsIdentity identity = TlsIdentity.read(Path.of(text("cert")), Path.of(text("key")));
            return TlsOptions.of(TlsContext.of(identity));
        } catch (ReactorException e) {
            throw new UsageException(String.valueOf(e.getMessage()));
        }
    }

    /** A number of seconds, not negative. */
    double seconds(String option) {
        double value = decimal(option);
        if (!(value >= 0)) {
            throw new UsageException("--" + option + " is " + text(option) + ": use 0 or more");
        }
        return value;
    }

    /** The same, or {@code fallback} when the option is missing. */
    public double seconds(String option, double fallback) {
        return options.containsKey(option) ? seconds(option) : fallback;
    }

    private double decimal(String option) {
        try {
            return Double.parseDouble(text(option));
        } catch (NumberFormatException e) {
            throw new UsageException("--" + option + " is not a number: " + text(option));
        }
    }
}
