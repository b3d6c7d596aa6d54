package dev.chime.net.dns;

import java.net.IDN;
import java.util.ArrayDeque;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.Name;
import org.xbill.DNS.TextParseException;

/**
 * The absolute names that a user's name may stand for, as resolv.conf(5) says of {@code search}.
 */
final class Candidates {
    /** What c-ares takes in the name of a host. */
    private static final Pattern HOST = Pattern.compile("[-A-Za-z0-9._/*]+");

    private Candidates() {}

    /** Those names in the order in which to ask for them; none if the name is no name. */
    static ArrayDeque<Name> of(String text, boolean host, ResolvConf conf) {
        ArrayDeque<Name> names = new ArrayDeque<>();
        String ascii = ascii(text);
        if (ascii == null || (host && !isHost(ascii))) {
            return names;
        }
        Name plain = parse(ascii, Name.root);
        if (plain == null || ascii.endsWith(".")) {
            add(names, plain);
            return names;
        }
        boolean plainFirst = ascii.chars().filter(c -> c == '.').count() >= conf.ndots();
        if (plainFirst) {
            names.add(plain);
        }
        for (String domain : conf.search()) {
            Name suffix = parse(domain, Name.root);
            add(names, suffix == null ? null : parse(ascii, suffix));
        }
        if (!plainFirst) {
            add(names, plain);
        }
        return names;
    }

    private static boolean isHost(String ascii) {
        return ascii.equals(".") || HOST.matcher(ascii).matches();
    }

    private static void add(ArrayDeque<Name> names, @Nullable Name name) {
        if (name != null && !names.contains(name)) {
            names.add(name);
        }
    }

    private static @Nullable String ascii(String text) {
        if (text.equals("@")) { // to dnsjava the name of a zone in its own file
            return null;
        }
        if (text.chars().allMatch(c -> c < 128)) {
            return text;
        }
        try {
            return IDN.toASCII(text, IDN.ALLOW_UNASSIGNED);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /** Null for labels that are empty or too long, and names that are. */
    private static @Nullable Name parse(String text, Name suffix) {
        try {
            Name name = Name.fromString(text, suffix);
            return name.canonicalize();
        } catch (TextParseException e) {
            return null;
        }
    }
}
