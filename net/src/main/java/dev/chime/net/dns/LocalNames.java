package dev.chime.net.dns;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What this machine calls addresses and ports: hosts(5), services(5). Of several lines for one of
 * them the first counts, as in the C library; a file that cannot be read says nothing.
 *
 * @param hosts the first name of each address
 * @param services the name of each port of TCP
 */
record LocalNames(Map<InetAddress, String> hosts, Map<Integer, String> services) {
    private static final String TCP = "/tcp";

    /** Reads both files. Blocks. */
    static LocalNames read(Path hosts, Path services) {
        return parse(text(hosts), text(services));
    }

    private static String text(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return "";
        }
    }

    /** Takes the texts of both files. */
    static LocalNames parse(String hosts, String services) {
        Map<InetAddress, String> names = new HashMap<>();
        hosts.lines()
                .map(LocalNames::words)
                .forEach(words -> {
                    InetAddress address = words.size() < 2 ? null : address(words.getFirst());
                    if (address != null) {
                        names.putIfAbsent(address, words.get(1));
                    }
                });
        Map<Integer, String> ports = new HashMap<>();
        services.lines()
                .map(LocalNames::words)
                .forEach(words -> {
                    Integer port = words.size() < 2 ? null : port(words.get(1));
                    if (port != null) {
                        ports.putIfAbsent(port, words.getFirst());
                    }
                });
        return new LocalNames(Map.copyOf(names), Map.copyOf(ports));
    }

    /** The words of a line before a comment. */
    private static List<String> words(String line) {
        int comment = line.indexOf('#');
        String text = (comment < 0 ? line : line.substring(0, comment)).strip();
        return text.isEmpty() ? List.of() : List.of(text.split("\\s+"));
    }

    private static @Nullable InetAddress address(String literal) {
        int scope = literal.indexOf('%'); // of an interface that may not be here
        try {
            return InetAddress.ofLiteral(scope < 0 ? literal : literal.substring(0, scope));
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private static @Nullable Integer port(String entry) {
        if (!entry.endsWith(TCP)) {
            return null;
        }
        try {
            return Integer.valueOf(entry.substring(0, entry.length() - TCP.length()));
        } catch (NumberFormatException e) {
            return null;
        }
    }

    /** The name of a port of TCP; without one its number. */
    String service(int port) {
        return services.getOrDefault(port, String.valueOf(port));
    }
}
