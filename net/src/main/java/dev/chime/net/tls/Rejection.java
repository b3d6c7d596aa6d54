package dev.chime.net.tls;

import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.PKIXReason;
import java.security.cert.X509Certificate;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Why a certificate was not believed, by OpenSSL's name for it, which is Node's. */
final class Rejection extends CertificateException {
    private static final long serialVersionUID = 1;

    private final String code;

    Rejection(String code, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    String code() {
        return code;
    }

    /** Names what the JDK found wrong with a chain. */
    static Rejection of(CertificateException error, X509Certificate[] chain) {
        String code = code(error, chain);
        String subject = chain[0].getSubjectX500Principal().getName();
        return new Rejection(code, text(code) + " (" + subject + "): " + root(error), error);
    }

    private static String text(String code) {
        return code.toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    private static @Nullable String root(Throwable error) {
        Throwable root = error;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root.getMessage();
    }

    private static String code(CertificateException error, X509Certificate[] chain) {
        for (Throwable t = error; t != null; t = t.getCause()) {
            if (t instanceof CertificateExpiredException) {
                return "CERT_HAS_EXPIRED";
            }
            if (t instanceof CertificateNotYetValidException) {
                return "CERT_NOT_YET_VALID";
            }
            String known =
                    t instanceof CertPathValidatorException path ? code(path.getReason()) : null;
            if (known != null) {
                return known;
            }
            if (String.valueOf(t.getMessage()).toLowerCase(Locale.ROOT).contains("key usage")) {
                return "INVALID_PURPOSE";
            }
        }
        X509Certificate last = chain[chain.length - 1];
        boolean selfSigned = last.getSubjectX500Principal().equals(last.getIssuerX500Principal());
        if (chain.length == 1) {
            return selfSigned ? "DEPTH_ZERO_SELF_SIGNED_CERT" : "UNABLE_TO_VERIFY_LEAF_SIGNATURE";
        }
        return selfSigned ? "SELF_SIGNED_CERT_IN_CHAIN" : "UNABLE_TO_GET_ISSUER_CERT_LOCALLY";
    }

    private static @Nullable String code(CertPathValidatorException.Reason reason) {
        if (reason instanceof CertPathValidatorException.BasicReason basic) {
            return switch (basic) {
                case EXPIRED -> "CERT_HAS_EXPIRED";
                case NOT_YET_VALID -> "CERT_NOT_YET_VALID";
                case REVOKED -> "CERT_REVOKED";
                case INVALID_SIGNATURE -> "CERT_SIGNATURE_FAILURE";
                case ALGORITHM_CONSTRAINED -> "CERT_REJECTED";
                default -> null;
            };
        }
        if (reason instanceof PKIXReason pkix) {
            return switch (pkix) {
                case PATH_TOO_LONG -> "PATH_LENGTH_EXCEEDED";
                case NOT_CA_CERT -> "INVALID_CA";
                case INVALID_KEY_USAGE -> "INVALID_PURPOSE";
                default -> null;
            };
        }
        return null;
    }
}
