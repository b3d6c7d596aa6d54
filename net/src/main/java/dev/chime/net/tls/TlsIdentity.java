package dev.chime.net.tls;

import dev.chime.reactor.ReactorException;
import dev.chime.reactor.internal.Checks;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who one side is: a private key and the certificates that vouch for it. Immutable, for any thread.
 *
 * <p>Errors of all that read one name the file and what is wrong with it: {@code ENOENT}, {@code
 * EACCES}; {@code ERR_OSSL_PEM_NO_START_LINE} (there is none of what is looked for), {@code
 * ERR_OSSL_PEM_BAD_END_LINE}, {@code ERR_OSSL_PEM_BAD_BASE64_DECODE}, {@code
 * ERR_OSSL_ASN1_ILLEGAL_CERTIFICATE}; {@code ERR_OSSL_UNSUPPORTED} (a kind of key that is not
 * known), {@code ERR_MISSING_PASSPHRASE}, {@code ERR_OSSL_BAD_DECRYPT} (a wrong one), {@code
 * ERR_OSSL_X509_KEY_VALUES_MISMATCH} (the key is not that of the first certificate).
 */
public final class TlsIdentity {
    private final PrivateKey key;
    private final List<X509Certificate> chain;

    private TlsIdentity(PrivateKey key, List<X509Certificate> chain) {
        this.key = key;
        this.chain = chain;
    }

    /**
     * Reads PEM files, as {@code openssl} and ACME clients write them. It waits for the disk: at
     * the start of a program, or in {@link dev.chime.reactor.Reactor#blocking}.
     *
     * @param certificates the certificate and behind it those that vouch for it
     * @param key the private key: PKCS#8, PKCS#1 or SEC 1; it may be the same file
     */
    public static TlsIdentity read(Path certificates, Path key) throws ReactorException {
        return read(certificates, key, null);
    }

    /** As {@link #read(Path, Path)}, with the passphrase of an encrypted PKCS#8 key. */
    public static TlsIdentity read(Path certificates, Path key, char @Nullable [] passphrase)
            throws ReactorException {
        Checks.required(certificates, "certificates", "name a PEM file");
        Checks.required(key, "key", "name a PEM file");
        return of(Certificates.read(certificates), Certificates.read(key), passphrase);
    }

    /** As {@link #read(Path, Path, char[])}, of text instead of files. */
    public static TlsIdentity ofPem(String certificates, String key, char @Nullable [] passphrase)
            throws ReactorException {
        Checks.required(certificates, "certificates", "pass the text of a PEM file");
        Checks.required(key, "key", "pass the text of a PEM file");
        return of(Pem.parse("certificates", certificates), Pem.parse("key", key), passphrase);
    }

    /** A key and its certificates, of which the first is its own. */
    public static TlsIdentity of(PrivateKey key, List<X509Certificate> chain)
            throws ReactorException {
        Checks.required(key, "key", "pass the private key");
        Checks.required(chain, "chain", "pass the certificates");
        if (chain.isEmpty()) {
            throw new IllegalArgumentException("chain is empty: pass the key's certificate");
        }
        return checked(key, chain, "key", "chain");
    }

    private static TlsIdentity of(Pem certificates, Pem key, char @Nullable [] passphrase)
            throws ReactorException {
        List<X509Certificate> chain = Certificates.all(certificates);
        return checked(PrivateKeys.first(key, passphrase), chain, key.name(), certificates.name());
    }

    private static TlsIdentity checked(
            PrivateKey key, List<X509Certificate> chain, String keyName, String chainName)
            throws ReactorException {
        if (!belongTogether(key, chain.getFirst().getPublicKey())) {
            throw Pem.error(
                    "ERR_OSSL_X509_KEY_VALUES_MISMATCH",
                    "the private key of %s is not that of the first certificate of %s, %s"
                            .formatted(
                                    keyName,
                                    chainName,
                                    chain.getFirst().getSubjectX500Principal()));
        }
        return new TlsIdentity(key, List.copyOf(chain));
    }

    /** Whether the one verifies what the other signs. */
    private static boolean belongTogether(PrivateKey secret, PublicKey open) {
        if (!secret.getAlgorithm().equals(open.getAlgorithm())) {
            return false;
        }
        String algorithm =
                switch (secret.getAlgorithm()) {
                    case "RSA" -> "SHA256withRSA";
                    case "EC" -> "SHA256withECDSA";
                    default -> secret.getAlgorithm();
                };
        try {
            byte[] probe = open.getEncoded();
            Signature signature = Signature.getInstance(algorithm);
            if (algorithm.equals("RSASSA-PSS")) {
                signature.setParameter(
                        new java.security.spec.PSSParameterSpec(
                                "SHA-256",
                                "MGF1",
                                java.security.spec.MGF1ParameterSpec.SHA256,
                                32,
                                1));
            }
            signature.initSign(secret);
            signature.update(probe);
            byte[] signed = signature.sign();
            signature.initVerify(open);
            signature.update(probe);
            return signature.verify(signed);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    PrivateKey key() {
        return key;
    }

    /** The certificates, its own first. */
    public List<X509Certificate> chain() {
        return chain;
    }

    /** Its subject; never the key. */
    @Override
    public String toString() {
        return "TlsIdentity[" + chain.getFirst().getSubjectX500Principal() + "]";
    }
}
