package dev.chime.net.tls;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
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
        Arguments.required(context, "context", "make one with TlsContext.of");
        Arguments.required(clientAuth, "clientAuth", "use ClientAuth.NONE");
        Arguments.required(alpn, "alpn", "use an empty list");
        Arguments.required(cipherSuites, "cipherSuites", "use an empty list");
        Arguments.required(minVersion, "minVersion", "use TlsProtocol.TLS_1_2");
        Arguments.required(maxVersion, "maxVersion", "use TlsProtocol.TLS_1_3");
        Arguments.positive(handshakeTimeout, "handshakeTimeout");
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
        return new TlsOptions(
                other,
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

    /** These options for a server of this name; null: of the host that is connected to. */
    public TlsOptions serverName(@Nullable String name) {
        return new TlsOptions(
                context,
                name,
                clientAuth,
                alpn,
                minVersion,
                maxVersion,
                cipherSuites,
                handshakeTimeout,
                allowHalfOpen,
                maxQueuedBytes);
    }

    /** These options with another demand on clients. */
    public TlsOptions clientAuth(ClientAuth demand) {
        return new TlsOptions(
                context,
                serverName,
                demand,
                alpn,
                minVersion,
                maxVersion,
                cipherSuites,
                handshakeTimeout,
                allowHalfOpen,
                maxQueuedBytes);
    }

    /** These options with protocols to choose from, such as {@code h2} and {@code http/1.1}. */
    public TlsOptions alpn(String... protocols) {
        return new TlsOptions(
                context,
                serverName,
                clientAuth,
                List.of(protocols),
                minVersion,
                maxVersion,
                cipherSuites,
                handshakeTimeout,
                allowHalfOpen,
                maxQueuedBytes);
    }

    /** These options for other versions of TLS. */
    public TlsOptions versions(TlsProtocol oldest, TlsProtocol newest) {
        return new TlsOptions(
                context,
                serverName,
                clientAuth,
                alpn,
                oldest,
                newest,
                cipherSuites,
                handshakeTimeout,
                allowHalfOpen,
                maxQueuedBytes);
    }

    /** These options with other suites, such as {@code TLS_AES_128_GCM_SHA256}. */
    public TlsOptions cipherSuites(String... suites) {
        return new TlsOptions(
                context,
                serverName,
                clientAuth,
                alpn,
                minVersion,
                maxVersion,
                List.of(suites),
                handshakeTimeout,
                allowHalfOpen,
                maxQueuedBytes);
    }

    /** These options with another limit for the handshake. */
    public TlsOptions handshakeTimeout(Duration limit) {
        return new TlsOptions(
                context,
                serverName,
                clientAuth,
                alpn,
                minVersion,
                maxVersion,
                cipherSuites,
                limit,
                allowHalfOpen,
                maxQueuedBytes);
    }

    /** These options with or without half-open connections. */
    public TlsOptions allowHalfOpen(boolean on) {
        return new TlsOptions(
                context,
                serverName,
                clientAuth,
                alpn,
                minVersion,
                maxVersion,
                cipherSuites,
                handshakeTimeout,
                on,
                maxQueuedBytes);
    }

    /** These options with a limit for what is queued, in bytes. */
    public TlsOptions maxQueuedBytes(long bytes) {
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
                bytes);
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
}
