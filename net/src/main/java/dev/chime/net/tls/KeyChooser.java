package dev.chime.net.tls;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * Which identity a side shows: a server by the name that the client asks for (SNI, RFC 6066), or
 * its first one when no name fits; a client its only one.
 */
final class KeyChooser extends X509ExtendedKeyManager {
    private static final String DEFAULT = "";
    private static final String WILDCARD = "*";

    private final Map<String, TlsIdentity> identities;
    private final Set<SSLEngine> authenticated;

    /**
     * Chooses of {@code identities}, whose keys are names such as {@code example.com} and {@code
     * *.example.com}, or empty for the default. Notes in {@code authenticated} for whom it chose.
     */
    KeyChooser(Map<String, TlsIdentity> identities, Set<SSLEngine> authenticated) {
        this.identities = identities;
        this.authenticated = authenticated;
    }

    @Override
    public @Nullable String chooseEngineServerAlias(
            String keyType, Principal @Nullable [] issuers, SSLEngine engine) {
        if (engine.getHandshakeSession() != null) { // else it opens a ticket of an old session
            authenticated.add(engine);
        }
        String alias = alias(requestedName(engine));
        TlsIdentity identity = identities.get(alias);
        return identity != null && algorithm(identity).equals(keyType) ? alias : null;
    }

    private static String algorithm(TlsIdentity identity) {
        return identity.chain().getFirst().getPublicKey().getAlgorithm();
    }

    /** The name that a client asked for; empty if it did not. */
    private static String requestedName(SSLEngine engine) {
        if (engine.getHandshakeSession() instanceof ExtendedSSLSession session) {
            for (SNIServerName name : session.getRequestedServerNames()) {
                if (name instanceof SNIHostName host) {
                    return host.getAsciiName();
                }
            }
        }
        return DEFAULT;
    }

    private String alias(String requested) {
        String name = requested.toLowerCase(Locale.ROOT);
        if (identities.containsKey(name)) {
            return name;
        }
        int dot = name.indexOf('.');
        String wildcard = dot < 0 ? DEFAULT : WILDCARD + name.substring(dot);
        return identities.containsKey(wildcard) ? wildcard : DEFAULT;
    }

    @Override
    public @Nullable String chooseEngineClientAlias(
            String[] keyTypes, Principal @Nullable [] issuers, SSLEngine engine) {
        TlsIdentity identity = identities.get(DEFAULT);
        if (identity != null) {
            for (String type : keyTypes) {
                if (algorithm(identity).equals(type)) {
                    return DEFAULT;
                }
            }
        }
        return null;
    }

    @Override
    public X509Certificate @Nullable [] getCertificateChain(String alias) {
        TlsIdentity identity = identities.get(alias);
        return identity == null ? null : identity.chain().toArray(X509Certificate[]::new);
    }

    @Override
    public @Nullable PrivateKey getPrivateKey(String alias) {
        TlsIdentity identity = identities.get(alias);
        return identity == null ? null : identity.key();
    }

    // Nobody lists aliases, and nothing of ours runs on the JDK's sockets.

    @Override
    public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
        return null;
    }

    @Override
    public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
        return null;
    }

    @Override
    public @Nullable String chooseClientAlias(
            String[] keyType, Principal @Nullable [] issuers, Socket socket) {
        return null;
    }

    @Override
    public @Nullable String chooseServerAlias(
            String keyType, Principal @Nullable [] issuers, Socket socket) {
        return null;
    }
}
