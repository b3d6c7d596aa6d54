package dev.chime.net.tls;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Set;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Checks the peer's certificates: by the JDK, but the outcome has a code, and a peer without a
 * check, because it was checked in an earlier connection, is noticed.
 */
final class PeerVerifier extends X509ExtendedTrustManager {
    private final TlsTrust trust;
    private final X509ExtendedTrustManager checker;
    private final Set<SSLEngine> authenticated;

    /** Notes in {@code authenticated} whose peers have been checked. */
    PeerVerifier(TlsTrust trust, X509ExtendedTrustManager checker, Set<SSLEngine> authenticated) {
        this.trust = trust;
        this.checker = checker;
        this.authenticated = authenticated;
    }

    /** One of the JDK's two checks. */
    private interface Check {
        void run() throws CertificateException;
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        authenticated.add(engine);
        if (!trust.isUnsafe()) {
            check(chain, () -> checkServer(chain, authType, engine));
        }
        checkPins(chain);
    }

    private void checkServer(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        try {
            checker.checkServerTrusted(chain, authType, engine);
        } catch (CertificateException e) {
            checker.checkServerTrusted(chain, authType); // throws unless it was the name
            throw new Rejection(
                    "ERR_TLS_CERT_ALTNAME_INVALID",
                    "Hostname/IP does not match certificate's altnames: Host: %s: %s"
                            .formatted(engine.getPeerHost(), e.getMessage()),
                    e);
        }
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        if (!trust.isUnsafe()) {
            check(chain, () -> checker.checkClientTrusted(chain, authType, engine));
        }
        checkPins(chain);
    }

    private static void check(X509Certificate[] chain, Check check) throws CertificateException {
        try {
            chain[0].checkValidity(); // the JDK does not ask that of one that is trusted itself
            check.run();
        } catch (Rejection e) {
            throw e;
        } catch (CertificateException e) {
            throw Rejection.of(e, chain);
        }
    }

    private void checkPins(X509Certificate[] chain) throws Rejection {
        if (!trust.admits(chain)) {
            throw new Rejection(
                    "ERR_TLS_CERT_PIN_MISMATCH",
                    "none of the pinned keys is in the chain of "
                            + chain[0].getSubjectX500Principal().getName(),
                    null);
        }
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return trust.isUnsafe() ? new X509Certificate[0] : checker.getAcceptedIssuers();
    }

    // Without an engine there is no connection of ours.

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket) {
        throw new UnsupportedOperationException();
    }
}
