package dev.chime.net.tls;

import java.net.InetAddress;
import javax.net.ssl.SNIHostName;

/** The names by which clients know a server. */
final class ServerNames {
    private ServerNames() {}

    /** Whether it can be asked for: an address cannot (RFC 6066, section 3). */
    static boolean isHostName(String name) {
        return !isAddress(name) && isWellFormed(name);
    }

    private static boolean isAddress(String name) {
        try {
            InetAddress.ofLiteral(name);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static boolean isWellFormed(String name) {
        try {
            return !new SNIHostName(name).getAsciiName().isEmpty();
        } catch (IllegalArgumentException e) {
            return false; // such as one with an underscore: the certificate is checked all the same
        }
    }
}
