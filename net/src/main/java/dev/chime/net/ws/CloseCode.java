package dev.chime.net.ws;

/** Why a connection ends (RFC 6455, section 7.4.1). */
final class CloseCode {
    static final int NORMAL = 1000;
    static final int PROTOCOL_ERROR = 1002;
    static final int NONE = 1005;
    static final int ABNORMAL = 1006;
    static final int INVALID_DATA = 1007;
    static final int TOO_BIG = 1009;

    private static final int RESERVED = 1004;
    private static final int LAST_REGISTERED = 1014;
    private static final int FIRST_PRIVATE = 3000;
    private static final int LAST_PRIVATE = 4999;

    private CloseCode() {}

    /** Whether it may be sent. */
    static boolean isValid(int code) {
        if (code >= FIRST_PRIVATE) {
            return code <= LAST_PRIVATE;
        }
        return code >= NORMAL
                && code <= LAST_REGISTERED
                && code != RESERVED
                && code != NONE
                && code != ABNORMAL;
    }
}
