package dev.chime.net.tls;

import dev.chime.reactor.ReactorException;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The engine's errors with Node's codes, which are OpenSSL's reasons. */
final class TlsErrors {
    private static final Pattern RECEIVED = Pattern.compile("Received fatal alert: (\\w+)");

    /** The alert that an error of ours sends, as the engine's messages begin. */
    private static final Pattern SENT = Pattern.compile("^\\((\\w+)\\)");

    /** Alerts that OpenSSL calls by the version that brought them; the others came with TLS 1.0. */
    private static final Set<String> OF_SSL_3 =
            Set.of(
                    "unexpected_message",
                    "bad_record_mac",
                    "decompression_failure",
                    "handshake_failure",
                    "no_certificate",
                    "bad_certificate",
                    "unsupported_certificate",
                    "certificate_revoked",
                    "certificate_expired",
                    "certificate_unknown",
                    "illegal_parameter");

    private static final Set<String> OF_TLS_1_3 =
            Set.of("missing_extension", "certificate_required");

    /** What we say by an alert, where OpenSSL has another word than the alert's own. */
    private static final Map<String, String> REASONS =
            Map.of(
                    "bad_record_mac", "DECRYPTION_FAILED_OR_BAD_RECORD_MAC",
                    "protocol_version", "UNSUPPORTED_PROTOCOL",
                    "no_application_protocol", "NO_APPLICATION_PROTOCOL",
                    "record_overflow", "DATA_LENGTH_TOO_LONG");

    private TlsErrors() {}

    /** Names what an engine threw. */
    static ReactorException of(Throwable thrown) {
        for (Throwable t = thrown; t != null; t = t.getCause()) {
            if (t instanceof Rejection rejection) {
                return new ReactorException(
                        rejection.code(), String.valueOf(rejection.getMessage()), thrown);
            }
        }
        String message = String.valueOf(thrown.getMessage());
        return new ReactorException("ERR_SSL_" + reason(message), message, thrown);
    }

    private static String reason(String message) {
        Matcher received = RECEIVED.matcher(message);
        if (received.find()) {
            return alert(received.group(1));
        }
        if (message.contains("no cipher suites in common")) {
            return "NO_SHARED_CIPHER";
        }
        if (message.contains("Empty client certificate chain")) {
            return "PEER_DID_NOT_RETURN_A_CERTIFICATE";
        }
        if (message.contains("is not enabled or supported")
                || message.contains("No appropriate protocol")) {
            return "UNSUPPORTED_PROTOCOL";
        }
        Matcher sent = SENT.matcher(message);
        if (sent.find()) {
            String alert = sent.group(1);
            return REASONS.getOrDefault(alert, alert.toUpperCase(Locale.ROOT));
        }
        return "PROTOCOL_ERROR";
    }

    private static String alert(String name) {
        String version = "TLSV1";
        if (OF_SSL_3.contains(name)) {
            version = "SSLV3";
        } else if (OF_TLS_1_3.contains(name)) {
            version = "TLSV13";
        }
        return version + "_ALERT_" + name.toUpperCase(Locale.ROOT);
    }

    /** The peer has gone before the connection was secure. */
    static ReactorException disconnected(boolean client, @Nullable Throwable cause) {
        String who = client ? "Client" : "Server";
        return new ReactorException(
                "ECONNRESET",
                who
                        + " network socket disconnected before secure TLS connection was"
                        + " established",
                cause);
    }

    static ReactorException truncated() {
        return new ReactorException(
                "ERR_SSL_UNEXPECTED_EOF_WHILE_READING",
                "the stream ended without a close_notify alert: data may be missing");
    }

    static ReactorException handshakeTimeout() {
        return new ReactorException("ERR_TLS_HANDSHAKE_TIMEOUT", "TLS handshake timeout");
    }

    static ReactorException renegotiation() {
        return new ReactorException(
                "ERR_TLS_RENEGOTIATION_DISABLED",
                "the peer tries to renegotiate, which is refused: it is a way to exhaust servers");
    }
}
