package dev.chime.net.tls;

import dev.chime.reactor.ReactorException;
import java.io.IOException;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.HexFormat;
import java.util.Map;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKey;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Private keys in the forms in which {@code openssl} writes them: PKCS#8 (RFC 5958), encrypted or
 * not, PKCS#1 of RSA (RFC 8017) and SEC 1 of elliptic curves (RFC 5915).
 */
final class PrivateKeys {
    private static final String RSA_OID = "2a864886f70d010101";
    private static final String EC_OID = "2a8648ce3d0201";

    /** Object identifiers of keys, as bytes, and the JDK's names. */
    private static final Map<String, String> ALGORITHMS =
            Map.of(
                    RSA_OID,
                    "RSA",
                    "2a864886f70d01010a",
                    "RSASSA-PSS",
                    EC_OID,
                    "EC",
                    "2b6570",
                    "EdDSA",
                    "2b6571",
                    "EdDSA");

    private PrivateKeys() {}

    /**
     * The first private key of a text.
     *
     * @param passphrase of an encrypted key; or null
     */
    static PrivateKey first(Pem pem, char @Nullable [] passphrase) throws ReactorException {
        for (Pem.Block block : pem.blocks()) {
            if (block.label().endsWith("PRIVATE KEY")) {
                return read(pem.name(), block, passphrase);
            }
        }
        throw Pem.error(
                "ERR_OSSL_PEM_NO_START_LINE",
                "%s holds no private key, but: %s".formatted(pem.name(), pem.labels()));
    }

    private static PrivateKey read(String name, Pem.Block block, char @Nullable [] passphrase)
            throws ReactorException {
        if (block.headers().stream().anyMatch(header -> header.contains("ENCRYPTED"))) {
            throw unsupported(
                    name,
                    "a key encrypted in the old form (Proc-Type); write it anew with `openssl pkcs8"
                            + " -topk8 -in OLD -out NEW`");
        }
        try {
            byte[] pkcs8 =
                    switch (block.label()) {
                        case "PRIVATE KEY" -> block.der();
                        case "ENCRYPTED PRIVATE KEY" -> decrypt(name, block.der(), passphrase);
                        case "RSA PRIVATE KEY" -> ofRsa(block.der());
                        case "EC PRIVATE KEY" -> ofCurve(name, block.der());
                        default -> throw unsupported(name, "a " + block.label());
                    };
            return KeyFactory.getInstance(algorithm(name, pkcs8))
                    .generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
        } catch (IllegalArgumentException | GeneralSecurityException e) {
            throw new ReactorException(
                    "ERR_OSSL_UNSUPPORTED",
                    "%s: the %s of line %d cannot be read: %s"
                            .formatted(name, block.label(), block.line(), e.getMessage()),
                    e);
        }
    }

    private static ReactorException unsupported(String name, String what) {
        return Pem.error("ERR_OSSL_UNSUPPORTED", name + " holds " + what);
    }

    private static String algorithm(String name, byte[] pkcs8) throws ReactorException {
        Der key = new Der(pkcs8).enter(Der.SEQUENCE);
        key.enter(Der.INTEGER);
        byte[] oid = key.enter(Der.SEQUENCE).enter(Der.OBJECT_IDENTIFIER).content();
        String algorithm = ALGORITHMS.get(HexFormat.of().formatHex(oid));
        if (algorithm == null) {
            throw unsupported(name, "a key of an unknown kind; use RSA, EC or Ed25519");
        }
        return algorithm;
    }

    private static byte[] decrypt(String name, byte[] der, char @Nullable [] passphrase)
            throws ReactorException, GeneralSecurityException {
        if (passphrase == null) {
            throw Pem.error(
                    "ERR_MISSING_PASSPHRASE",
                    name + " holds an encrypted private key: pass its passphrase");
        }
        EncryptedPrivateKeyInfo info;
        try {
            info = new EncryptedPrivateKeyInfo(der);
        } catch (IOException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
        AlgorithmParameters parameters = info.getAlgParameters();
        // PBES2 is a frame; its parameters' text names the algorithm inside.
        boolean frame = parameters != null && info.getAlgName().startsWith("PBES2");
        String algorithm = frame ? String.valueOf(parameters) : info.getAlgName();
        SecretKey key =
                SecretKeyFactory.getInstance(algorithm).generateSecret(new PBEKeySpec(passphrase));
        Cipher cipher = Cipher.getInstance(algorithm);
        cipher.init(Cipher.DECRYPT_MODE, key, parameters);
        try {
            return cipher.doFinal(info.getEncryptedData());
        } catch (GeneralSecurityException e) {
            throw new ReactorException(
                    "ERR_OSSL_BAD_DECRYPT", name + ": the passphrase is wrong", e);
        }
    }

    private static byte[] ofRsa(byte[] pkcs1) {
        new Der(pkcs1).enter(Der.SEQUENCE).enter(Der.INTEGER);
        return pkcs8(
                Der.element(
                        Der.SEQUENCE,
                        Der.element(Der.OBJECT_IDENTIFIER, HexFormat.of().parseHex(RSA_OID)),
                        Der.element(Der.NULL)),
                pkcs1);
    }

    private static byte[] ofCurve(String name, byte[] sec1) throws ReactorException {
        Der key = new Der(sec1).enter(Der.SEQUENCE);
        key.enter(Der.INTEGER);
        key.enter(Der.OCTET_STRING);
        if (key.tag() != Der.CONTEXT_0) {
            throw unsupported(name, "an EC PRIVATE KEY that does not name its curve");
        }
        byte[] curve = key.enter(Der.CONTEXT_0).content();
        return pkcs8(
                Der.element(
                        Der.SEQUENCE,
                        Der.element(Der.OBJECT_IDENTIFIER, HexFormat.of().parseHex(EC_OID)),
                        curve),
                sec1);
    }

    private static byte[] pkcs8(byte[] algorithm, byte[] key) {
        return Der.element(
                Der.SEQUENCE,
                Der.element(Der.INTEGER, new byte[1]),
                algorithm,
                Der.element(Der.OCTET_STRING, key));
    }
}
