package dev.chime.net.tls;

import dev.chime.reactor.internal.Checks;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/**
 * How a connection is made secure; the same for both sides, but for what one of them ignores.
 *
 * @param context who we are, whom we believe, and the sessions
 * @param serverName client: the name or address that the server must prove to be, and is asked for
 *     (SNI); null: the host that was connected to
 * @param clientAuth server: whether clients must show a certificate
 * @param alpn protocols upon TLS (RFC 7301), the dearest first; empty: it is not talked about
 * @param minVersion the oldest version of TLS
 * @param maxVersion the newest version of TLS
 * @param cipherSuites the suites, the dearest first, by the IANA's names; empty: the JDK's
 * @param handshakeTimeout how long the handshake may take until ERR_TLS_HANDSHAKE_TIMEOUT
 * @param allowHalfOpen whether our side stays open when the peer has ended its own; in TLS 1.2
 *     nothing can be sent any more then (RFC 5246, section 7.2.1)
 * @param maxQueuedBytes bytes that may be queued: a write beyond that destroys the connection with
 *     {@code ERR_BUFFER_FULL}
 */
public record TlsOptions(
        TlsContext context,
        @Nullable String serverName,
        ClientAuth clientAuth,
        List<String> alpn,
        TlsProtocol minVersion,
        TlsProtocol maxVersion,
        List<String> cipherSuites,
        Duration handshakeTimeout,
        boolean allowHalfOpen,
        long maxQueuedBytes) {
    private static final Duration HANDSHAKE_TIMEOUT = Duration.ofMinutes(2);
    private static final int LONGEST_ALPN = 255;

    /** Checks every value. */
    public TlsOptions {
        Checks.required(context, "context", "make one with TlsContext.of");
        Checks.required(clientAuth, "clientAuth", "use ClientAuth.NONE");
        Checks.required(alpn, "alpn", "use an empty list");
        Checks.required(cipherSuites, "cipherSuites", "use an empty list");
        Checks.required(minVersion, "minVersion", "use TlsProtocol.TLS_1_2");
        Checks.required(maxVersion, "maxVersion", "use TlsProtocol.TLS_1_3");
        Checks.positive(handshakeTimeout, "handshakeTimeout");
        alpn = List.copyOf(alpn);
        cipherSuites = List.copyOf(cipherSuites);
        for (String protocol : alpn) {
            int bytes = protocol.getBytes(StandardCharsets.UTF_8).length;
            if (bytes == 0 || bytes > LONGEST_ALPN) {
                throw new IllegalArgumentException(
                        "alpn has '" + protocol + "': use names of 1 to 255 bytes");
            }
        }
        if (minVersion.compareTo(maxVersion) > 0) {
            throw new IllegalArgumentException(
                    "minVersion is " + minVersion + " and maxVersion is " + maxVersion);
        }
        if (serverName != null && serverName.isEmpty()) {
            throw new IllegalArgumentException("serverName is empty: name the server");
        }
        if (maxQueuedBytes < 1) {
            throw new IllegalArgumentException(
                    "maxQueuedBytes is " + maxQueuedBytes + ": use 1 or more");
        }
    }

    /** Node's defaults: TLS 1.2 and 1.3, two minutes for the handshake, nobody is asked. */
    public static TlsOptions of(TlsContext context) {
        return new TlsOptions(
                context,
                null,
                ClientAuth.NONE,
                List.of(),
                TlsProtocol.TLS_1_2,
                TlsProtocol.TLS_1_3,
                List.of(),
                HANDSHAKE_TIMEOUT,
                false,
                Long.MAX_VALUE);
    }

    /** A client's, who believes the JDK's authorities. */
    public static TlsOptions client() {
        return of(TlsContext.client());
    }

    /** These options with another context. */
    public TlsOptions context(TlsContext other) {
        return with(draft -> draft.context = other);
    }

    /** These options for a server of this name; null: of the host that is connected to. */
    public TlsOptions serverName(@Nullable String name) {
        return with(draft -> draft.serverName = name);
    }

    /** These options with another demand on clients. */
    public TlsOptions clientAuth(ClientAuth demand) {
        return with(draft -> draft.clientAuth = demand);
    }

    /** These options with protocols to choose from, such as {@code h2} and {@code http/1.1}. */
    public TlsOptions alpn(String... protocols) {
        return with(draft -> draft.alpn = List.of(protocols));
    }

    /** These options for other versions of TLS. */
    public TlsOptions versions(TlsProtocol oldest, TlsProtocol newest) {
        return with(draft -> {
            draft.minVersion = oldest;
            draft.maxVersion = newest;
        });
    }

    /** These options with other suites, such as {@code TLS_AES_128_GCM_SHA256}. */
    public TlsOptions cipherSuites(String... suites) {
        return with(draft -> draft.cipherSuites = List.of(suites));
    }

    /** These options with another limit for the handshake. */
    public TlsOptions handshakeTimeout(Duration limit) {
        return with(draft -> draft.handshakeTimeout = limit);
    }

    /** These options with or without half-open connections. */
    public TlsOptions allowHalfOpen(boolean on) {
        return with(draft -> draft.allowHalfOpen = on);
    }

    /** These options with a limit for what is queued, in bytes. */
    public TlsOptions maxQueuedBytes(long bytes) {
        return with(draft -> draft.maxQueuedBytes = bytes);
    }

    /** What an engine is told. */
    void apply(SSLParameters parameters) {
        parameters.setProtocols(
                minVersion == maxVersion
                        ? new String[] {minVersion.label()}
                        : new String[] {maxVersion.label(), minVersion.label()});
        parameters.setApplicationProtocols(alpn.toArray(String[]::new));
        parameters.setUseCipherSuitesOrder(true);
        if (!cipherSuites.isEmpty()) {
            parameters.setCipherSuites(cipherSuites.toArray(String[]::new));
        }
    }

    private TlsOptions with(Consumer<Draft> change) {
        Draft draft = new Draft(this);
        change.accept(draft);
        return draft.finish();
    }

    /** A copy that can be changed: each option is named once here, not in every method. */
    private static final class Draft {
        private TlsContext context;
        private @Nullable String serverName;
        private ClientAuth clientAuth;
        private List<String> alpn;
        private TlsProtocol minVersion;
        private TlsProtocol maxVersion;
        private List<String> cipherSuites;
        private Duration handshakeTimeout;
        private boolean allowHalfOpen;
        private long maxQueuedBytes;

        Draft(TlsOptions from) {
            context = from.context;
            serverName = from.serverName;
            clientAuth = from.clientAuth;
            alpn = from.alpn;
            minVersion = from.minVersion;
            maxVersion = from.maxVersion;
            cipherSuites = from.cipherSuites;
            handshakeTimeout = from.handshakeTimeout;
            allowHalfOpen = from.allowHalfOpen;
            maxQueuedBytes = from.maxQueuedBytes;
        }

        TlsOptions finish() {
            return new TlsOptions(
                    context,
                    serverName,
                    clientAuth,
                    alpn,
                    minVersion,
                    maxVersion,
                    cipherSuites,
                    handshakeTimeout,
                    allowHalfOpen,
                    maxQueuedBytes);
        }
    }
}
