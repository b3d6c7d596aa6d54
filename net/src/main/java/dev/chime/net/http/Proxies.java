package dev.chime.net.http;

import dev.chime.reactor.internal.Checks;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Through which proxy each request goes, if through any. A proxy is {@code http://host:port} or
 * {@code http://user:password@host:port}. Immutable, for any thread.
 */
public final class Proxies {
    private static final int PORT_MAX = 65535;
    private static final Proxies NONE = new Proxies(null, null, List.of());

    private final @Nullable URI plain;
    private final @Nullable URI secure;
    private final List<String> direct;

    private Proxies(@Nullable URI plain, @Nullable URI secure, List<String> direct) {
        this.plain = plain;
        this.secure = secure;
        this.direct = direct;
        check(plain);
        check(secure);
    }

    private static void check(@Nullable URI proxy) {
        if (proxy != null
                && (!"http".equals(proxy.getScheme())
                        || proxy.getHost() == null
                        || proxy.getPort() > PORT_MAX)) {
            throw new IllegalArgumentException(
                    "proxy is " + shown(proxy, "") + ": use http://host:port");
        }
    }

    /** No proxy at all. */
    public static Proxies none() {
        return NONE;
    }

    /** One proxy for everything. */
    public static Proxies all(URI proxy) {
        Checks.required(proxy, "proxy", "pass a URL, or use Proxies.none");
        return new Proxies(proxy, proxy, List.of());
    }

    /**
     * What the variables of an environment say, as {@link System#getenv()} gives them: {@code
     * http_proxy} for {@code http} and {@code ws}, {@code https_proxy} for {@code https} and {@code
     * wss}, {@code no_proxy} for hosts that are asked directly. The names may be in upper case
     * instead, but for {@code HTTP_PROXY} beside {@code REQUEST_METHOD}: there it is what a client
     * of a CGI says. The last is a list with commas: {@code host}, {@code host:port}, {@code
     * [address]:port}, {@code .domain} or {@code *.domain} for all names below, {@code *} for all
     * hosts.
     *
     * @throws IllegalArgumentException when a variable names no proxy
     */
    public static Proxies environment(Map<String, String> variables) {
        Checks.required(variables, "variables", "pass System.getenv()");
        String direct = variable(variables, "no_proxy");
        return new Proxies(
                proxy(variables, "http_proxy"),
                proxy(variables, "https_proxy"),
                Arrays.stream(direct.toLowerCase(Locale.ROOT).split("[,\\s]+"))
                        .filter(rule -> !rule.isEmpty())
                        .toList());
    }

    private static String variable(Map<String, String> variables, String name) {
        String value = variables.get(name);
        boolean foreign = name.equals("http_proxy") && variables.containsKey("REQUEST_METHOD");
        if (value == null && !foreign) {
            value = variables.get(name.toUpperCase(Locale.ROOT));
        }
        return value == null ? "" : value.strip();
    }

    private static @Nullable URI proxy(Map<String, String> variables, String name) {
        String value = variable(variables, name);
        try {
            return value.isEmpty() ? null : URI.create(value);
        } catch (IllegalArgumentException e) {
            // Without a cause, which shows the password.
            throw new IllegalArgumentException(name + " is no URL: use http://host:port");
        }
    }

    /**
     * The proxy for a URL; null when it is asked directly.
     *
     * @throws IllegalArgumentException when the URL names no host
     */
    public @Nullable URI of(URI url) {
        Checks.required(url, "url", "pass an absolute one");
        if (url.getHost() == null) {
            throw new IllegalArgumentException("url is " + url + ": use one with a host");
        }
        URI proxy = ClientExchange.isSecure(url) ? secure : plain;
        return proxy == null || isDirect(url) ? null : proxy;
    }

    private boolean isDirect(URI url) {
        String host = HttpClient.host(url).toLowerCase(Locale.ROOT);
        String written = url.getHost().toLowerCase(Locale.ROOT); // an address in its brackets
        String place = written + ":" + ClientExchange.port(url);
        for (String rule : direct) {
            String domain = rule.startsWith("*.") ? rule.substring(1) : rule;
            if (rule.equals("*")
                    || rule.equals(host)
                    || rule.equals(written)
                    || rule.equals(place)
                    || (domain.startsWith(".") && host.endsWith(domain))) {
                return true;
            }
        }
        return false;
    }

    /** Host and port of a proxy, for people. */
    static String place(URI proxy) {
        return proxy.getHost() + ":" + ClientExchange.port(proxy);
    }

    /** What a proxy is shown (RFC 7617); null when its URL names no user. */
    static @Nullable String credentials(URI proxy) {
        String user = proxy.getUserInfo();
        if (user == null) {
            return null;
        }
        String pair = user.contains(":") ? user : user + ":";
        byte[] bytes = pair.getBytes(StandardCharsets.UTF_8);
        return "Basic " + Base64.getEncoder().encodeToString(bytes);
    }

    /** A proxy with something in place of its user and password, however it is written. */
    private static String shown(@Nullable URI proxy, String user) {
        if (proxy == null) {
            return "none";
        }
        String text = proxy.toString();
        int end = text.lastIndexOf('@') + 1;
        String scheme = proxy.getScheme() + "://";
        return end == 0
                ? text
                : (text.startsWith(scheme) ? scheme : "") + user + text.substring(end);
    }

    /** The proxies, but of users and passwords that there are some. */
    @Override
    public String toString() {
        String one = shown(plain, "***@");
        return Objects.equals(plain, secure) && direct.isEmpty()
                ? one
                : "[http: %s, https: %s, direct: %s]".formatted(one, shown(secure, "***@"), direct);
    }
}
