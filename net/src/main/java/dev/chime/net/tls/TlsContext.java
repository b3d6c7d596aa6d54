package dev.chime.net.tls;

import dev.chime.reactor.ReactorException;
import dev.chime.reactor.internal.Checks;
import java.security.GeneralSecurityException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Who one is, whom one believes, and the sessions that can be resumed: Node's secure context. It is
 * for many connections, of several reactors too: sessions are resumed only among those of one
 * context. Immutable, for any thread.
 */
public final class TlsContext {
    private static final String DEFAULT_NAME = "";
    private static final TlsContext CLIENT =
            new TlsContext(Map.of(), TlsTrust.system(), Limits.DEFAULTS);

    /**
     * Bounds of the sessions that are kept.
     *
     * @param sessions how many
     * @param seconds how long
     */
    private record Limits(int sessions, int seconds) {
        /** The JDK's, and a day. */
        static final Limits DEFAULTS = new Limits(20_480, 86_400);
    }

    private final Map<String, TlsIdentity> identities;
    private final TlsTrust trust;
    private final Limits limits;

    /** Those whose handshake made a session, and did not resume one. */
    private final Set<SSLEngine> authenticated =
            Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

    private volatile @Nullable SSLContext built;

    private TlsContext(Map<String, TlsIdentity> identities, TlsTrust trust, Limits limits) {
        this.identities = identities;
        this.trust = trust;
        this.limits = limits;
    }

    /** Nobody, who believes the JDK's authorities: what most clients want. */
    public static TlsContext client() {
        return CLIENT;
    }

    /** Somebody, who believes the JDK's authorities: what most servers want. */
    public static TlsContext of(TlsIdentity identity) {
        return CLIENT.identity(identity);
    }

    /** Nobody, who believes whom {@code trust} says. */
    public static TlsContext of(TlsTrust trust) {
        return CLIENT.trust(trust);
    }

    /** This context with another identity: a server's, when no name fits; or a client's. */
    public TlsContext identity(TlsIdentity identity) {
        Checks.required(identity, "identity", "make one with TlsIdentity.read");
        return with(DEFAULT_NAME, identity);
    }

    /**
     * This context with an identity for clients who ask for a name (SNI).
     *
     * @param name such as {@code example.com}; {@code *.example.com} stands for one label
     */
    public TlsContext identity(String name, TlsIdentity identity) {
        Checks.required(name, "name", "pass a host name");
        Checks.required(identity, "identity", "make one with TlsIdentity.read");
        if (name.isEmpty() || name.indexOf('*', 1) > 0 || (name.startsWith("*") && !isWild(name))) {
            throw new IllegalArgumentException(
                    "name is '" + name + "': use one like example.com or *.example.com");
        }
        return with(name.toLowerCase(Locale.ROOT), identity);
    }

    private static boolean isWild(String name) {
        return name.startsWith("*.") && name.length() > 2;
    }

    private TlsContext with(String name, TlsIdentity identity) {
        Map<String, TlsIdentity> more = new LinkedHashMap<>(identities);
        more.put(name, identity);
        return new TlsContext(Map.copyOf(more), trust, limits);
    }

    /** This context with another trust: in servers, in other servers; in clients, in servers. */
    public TlsContext trust(TlsTrust whom) {
        Checks.required(whom, "trust", "make one with TlsTrust.read");
        return new TlsContext(identities, whom, limits);
    }

    /**
     * This context with other bounds of the sessions that are kept. A server keeps TLS 1.3 sessions
     * at the client, sealed, by a key that it changes now and then, so that {@code most} counts for
     * TLS 1.2 clients without tickets and for clients.
     *
     * @param most how many are kept, 1 or more
     * @param seconds how long one can be resumed, 1 or more
     */
    public TlsContext sessions(int most, int seconds) {
        if (most < 1 || seconds < 1) {
            throw new IllegalArgumentException(
                    "most is " + most + ", seconds is " + seconds + ": use 1 or more");
        }
        return new TlsContext(identities, trust, new Limits(most, seconds));
    }

    /** Whether it can prove who it is: a server must. */
    public boolean hasIdentity() {
        return !identities.isEmpty();
    }

    boolean isUnsafe() {
        return trust.isUnsafe();
    }

    /** Whether {@link #engine} has all it needs: making it may wait for the disk. */
    boolean isReady() {
        return built != null;
    }

    /** Makes it ready; any thread. */
    synchronized void prepare() throws ReactorException {
        if (built != null) {
            return;
        }
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            KeyManager[] keys = {new KeyChooser(identities, authenticated)};
            TrustManager[] checks = {new PeerVerifier(trust, trust.checker(), authenticated)};
            context.init(keys, checks, null);
            context.getClientSessionContext().setSessionCacheSize(limits.sessions);
            context.getClientSessionContext().setSessionTimeout(limits.seconds);
            context.getServerSessionContext().setSessionCacheSize(limits.sessions);
            context.getServerSessionContext().setSessionTimeout(limits.seconds);
            context.createSSLEngine(); // loads what a connection needs, here and not on a loop
            built = context;
        } catch (GeneralSecurityException e) {
            throw new ReactorException(
                    "ERR_TLS_INVALID_CONTEXT", "no TLS context: " + e.getMessage(), e);
        }
    }

    /** A new engine of a context that is ready; {@code host} is the peer of a client. */
    SSLEngine engine(@Nullable String host, int port) {
        SSLContext context = built;
        if (context == null) {
            throw new AssertionError("prepare it first");
        }
        return host == null ? context.createSSLEngine() : context.createSSLEngine(host, port);
    }

    /** Whether the session of an engine was resumed; asked once, after the handshake. */
    boolean isResumed(SSLEngine engine) {
        return !authenticated.remove(engine);
    }

    @Override
    public String toString() {
        return "TlsContext[" + identities.values() + ", " + trust + "]";
    }
}
