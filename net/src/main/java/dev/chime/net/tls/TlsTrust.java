package dev.chime.net.tls;

import dev.chime.reactor.ReactorException;
import dev.chime.reactor.internal.Checks;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Whose certificates one side believes. Immutable, for any thread.
 *
 * <p>A certificate of the list itself is believed too, so a peer with a self-signed one is trusted
 * by {@code of(thatCertificate)}.
 */
public final class TlsTrust {
    private static final TlsTrust SYSTEM = new TlsTrust(null, Set.of(), false);
    private static final TlsTrust UNSAFE = new TlsTrust(null, Set.of(), true);
    private static final String PIN = "sha256/";
    private static final int SHA256_BYTES = 32;

    /** The authorities; null: the JDK's. */
    private final @Nullable List<X509Certificate> authorities;

    private final Set<String> pins;
    private final boolean unsafe;

    private TlsTrust(
            @Nullable List<X509Certificate> authorities, Set<String> pins, boolean unsafe) {
        this.authorities = authorities;
        this.pins = pins;
        this.unsafe = unsafe;
    }

    /** The authorities that the JDK comes with. */
    public static TlsTrust system() {
        return SYSTEM;
    }

    /**
     * The certificates of PEM files and no others. It waits for the disk: at the start of a
     * program, or in {@link dev.chime.reactor.Reactor#blocking}.
     *
     * @throws ReactorException as of {@link TlsIdentity}
     */
    public static TlsTrust read(Path file) throws ReactorException {
        Checks.required(file, "file", "name a PEM file");
        return of(Certificates.all(Certificates.read(file)));
    }

    /** The certificates of a PEM text and no others. */
    public static TlsTrust ofPem(String certificates) throws ReactorException {
        Checks.required(certificates, "certificates", "pass the text of a PEM file");
        return of(Certificates.all(Pem.parse("certificates", certificates)));
    }

    /** These certificates and no others. */
    public static TlsTrust of(Collection<X509Certificate> certificates) {
        Checks.required(certificates, "certificates", "pass certificates");
        if (certificates.isEmpty()) {
            throw new IllegalArgumentException("certificates is empty: nobody could be trusted");
        }
        return new TlsTrust(List.copyOf(certificates), Set.of(), false);
    }

    /**
     * Checks nothing: anybody in between can read and change what is sent. For tests, and for peers
     * that are known by other means.
     */
    public static TlsTrust unsafeTrustAnybody() {
        return UNSAFE;
    }

    /**
     * This trust, and beyond that one certificate of the chain must have one of these public keys.
     *
     * @param keys {@code sha256/} and the Base64 of the SHA-256 of the SubjectPublicKeyInfo, the
     *     form that curl takes; {@link #pin} makes it
     */
    public TlsTrust pinned(String... keys) {
        for (String key : keys) {
            checkPin(key);
        }
        if (keys.length == 0) {
            throw new IllegalArgumentException("keys is empty: nobody could be trusted");
        }
        return new TlsTrust(authorities, Set.of(keys), unsafe);
    }

    private static void checkPin(String key) {
        try {
            if (key.startsWith(PIN)
                    && Base64.getDecoder().decode(key.substring(PIN.length())).length
                            == SHA256_BYTES) {
                return;
            }
        } catch (IllegalArgumentException e) {
            // no Base64: as wrong as the rest
        }
        throw new IllegalArgumentException(
                "not a pin: '" + key + "'; use sha256/ and the Base64 of 32 bytes");
    }

    /** The pin of a certificate's public key. */
    public static String pin(X509Certificate certificate) {
        Checks.required(certificate, "certificate", "pass a certificate");
        try {
            byte[] hash =
                    MessageDigest.getInstance("SHA-256")
                            .digest(certificate.getPublicKey().getEncoded());
            return PIN + Base64.getEncoder().encodeToString(hash);
        } catch (GeneralSecurityException e) {
            throw new AssertionError("every JDK has SHA-256", e);
        }
    }

    boolean isUnsafe() {
        return unsafe;
    }

    /** Whether the chain has one of the pinned keys, if there are any. */
    boolean admits(X509Certificate[] chain) {
        return pins.isEmpty() || Arrays.stream(chain).map(TlsTrust::pin).anyMatch(pins::contains);
    }

    /** The JDK's check of chains; it may read the JDK's authorities from the disk. */
    X509ExtendedTrustManager checker() throws GeneralSecurityException {
        KeyStore store = null;
        if (authorities != null) {
            store = KeyStore.getInstance("PKCS12");
            try {
                store.load(null, null);
            } catch (IOException e) {
                throw new AssertionError("nothing is read", e);
            }
            for (int i = 0; i < authorities.size(); i++) {
                store.setCertificateEntry("ca" + i, authorities.get(i));
            }
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
        factory.init(store);
        for (TrustManager manager : factory.getTrustManagers()) {
            if (manager instanceof X509ExtendedTrustManager x509) {
                return x509;
            }
        }
        throw new AssertionError("PKIX checks X.509");
    }

    @Override
    public String toString() {
        String who = authorities == null ? "the JDK's" : authorities.size() + " certificates";
        return "TlsTrust["
                + (unsafe ? "anybody" : who)
                + (pins.isEmpty() ? "]" : ", " + pins.size() + " pins]");
    }
}
