package dev.chime.net.tls;

import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/** What a handshake has agreed on: asked of the engine once, because its answers take a lock. */
record TlsSession(
        TlsProtocol protocol,
        String cipherSuite,
        @Nullable String alpn,
        @Nullable String serverName,
        List<X509Certificate> peerCertificates,
        boolean resumed) {
    /** Before the handshake; no user sees it. */
    static final TlsSession NONE =
            new TlsSession(TlsProtocol.TLS_1_3, "", null, null, List.of(), false);

    static TlsSession of(SSLEngine engine, @Nullable String asked, boolean resumed) {
        SSLSession session = engine.getSession();
        String alpn = engine.getApplicationProtocol();
        return new TlsSession(
                TlsProtocol.of(session.getProtocol()),
                session.getCipherSuite(),
                alpn == null || alpn.isEmpty() ? null : alpn,
                engine.getUseClientMode() ? asked : requested(session),
                certificates(session),
                resumed);
    }

    private static @Nullable String requested(SSLSession session) {
        if (session instanceof ExtendedSSLSession extended) {
            for (var name : extended.getRequestedServerNames()) {
                if (name instanceof SNIHostName host) {
                    return host.getAsciiName();
                }
            }
        }
        return null;
    }

    private static List<X509Certificate> certificates(SSLSession session) {
        List<X509Certificate> all = new ArrayList<>();
        try {
            for (Certificate certificate : session.getPeerCertificates()) {
                if (certificate instanceof X509Certificate x509) {
                    all.add(x509);
                }
            }
        } catch (SSLPeerUnverifiedException e) {
            return List.of(); // it was not asked, or showed none
        }
        return List.copyOf(all);
    }

    String label() {
        return cipherSuite.isEmpty() ? "handshake" : protocol.label();
    }
}
