package dev.chime.samples.kv;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A key: bytes that are compared by content.
 *
 * @param bytes never changed by anybody
 */
@SuppressWarnings("ArrayRecordComponent") // with an equals and a hashCode of its own
record Key(byte[] bytes) {
    @Override
    public boolean equals(Object other) {
        return other instanceof Key key && Arrays.equals(bytes, key.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
