package dev.chime.net.tls;

/** A version of the protocol that can be spoken; older ones are broken (RFC 8996). */
public enum TlsProtocol {
    /** TLS 1.2, RFC 5246. */
    TLS_1_2("TLSv1.2"),
    /** TLS 1.3, RFC 8446. */
    TLS_1_3("TLSv1.3");

    private final String label;

    TlsProtocol(String label) {
        this.label = label;
    }

    /** As OpenSSL, Node and the JDK write it: {@code TLSv1.3}. */
    public String label() {
        return label;
    }

    static TlsProtocol of(String label) {
        for (TlsProtocol protocol : values()) {
            if (protocol.label.equals(label)) {
                return protocol;
            }
        }
        throw new AssertionError("no version of ours: " + label);
    }
}
