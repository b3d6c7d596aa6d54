package dev.chime.net.ws;

/** Whether bytes are UTF-8 (RFC 3629), as they come: the first wrong one is noticed. */
final class Utf8Check {
    private static final int LEAST_CONTINUATION = 0x80;
    private static final int MOST_CONTINUATION = 0xBF;

    /** Continuation bytes that the character still needs. */
    private int missing;

    private int least = LEAST_CONTINUATION;
    private int most = MOST_CONTINUATION;

    /** Takes more; false when they can be no UTF-8. */
    boolean accept(byte[] bytes, int offset, int end) {
        for (int i = offset; i < end; i++) {
            if (!accept(bytes[i] & 0xFF)) {
                return false;
            }
        }
        return true;
    }

    private boolean accept(int value) {
        if (missing > 0) {
            if (value < least || value > most) {
                return false;
            }
            missing--;
            least = LEAST_CONTINUATION;
            most = MOST_CONTINUATION;
            return true;
        }
        if (value < 0x80) {
            return true;
        }
        if (value < 0xC2 || value > 0xF4) {
            return false; // a continuation, an overlong form, or beyond Unicode
        }
        if (value < 0xE0) {
            missing = 1;
        } else if (value < 0xF0) {
            missing = 2;
            least = value == 0xE0 ? 0xA0 : LEAST_CONTINUATION; // overlong
            most = value == 0xED ? 0x9F : MOST_CONTINUATION; // surrogates
        } else {
            missing = 3;
            least = value == 0xF0 ? 0x90 : LEAST_CONTINUATION; // overlong
            most = value == 0xF4 ? 0x8F : MOST_CONTINUATION; // beyond U+10FFFF
        }
        return true;
    }

    /** True between two characters. */
    boolean isComplete() {
        return missing == 0;
    }

    /** A new text begins. */
    void reset() {
        missing = 0;
        least = LEAST_CONTINUATION;
        most = MOST_CONTINUATION;
    }
}
