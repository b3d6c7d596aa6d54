package dev.chime.samples.kv;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.chime.reactor.Buffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes commands of a client's bytes, however they are cut into pieces: arrays of bulk strings, or
 * lines of words as a person types them.
 *
 * @see <a href="https://redis.io/docs/latest/develop/reference/protocol-spec/">RESP</a>
 */
final class RespParser {
    static final int MAX_ARGUMENTS = 1024;
    static final int MAX_COMMAND_BYTES = 2 << 20;
    static final int MAX_LINE_BYTES = 64 << 10;
    private static final int FIRST_BYTES = 1024;

    private byte[] bytes = new byte[FIRST_BYTES];
    private int from;
    private int to;
    private int searched;
    private List<byte[]> arguments = new ArrayList<>();
    private int argumentsLeft;
    private int bulkBytes = -1;
    private int commandBytes;

    /** Takes a copy of what has come. */
    void feed(Buffer data) {
        int length = data.length();
        if (bytes.length - to < length) {
            int kept = to - from;
            int room = Math.max(kept + length, Math.min(2 * kept, MAX_COMMAND_BYTES));
            bytes = Arrays.copyOfRange(bytes, from, from + Math.max(room, FIRST_BYTES));
            searched -= from;
            from = 0;
            to = kept;
        }
        data.get(0, bytes, to, length);
        to += length;
    }

    /** The next command, its name first, never empty; null when it has not come whole. */
    @Nullable List<byte[]> next() throws ProtocolException {
        while (argumentsLeft == 0) {
            String line = line();
            if (line == null) {
                return null;
            }
            if (line.startsWith("*")) {
                int count = number(line, Integer.MIN_VALUE, MAX_ARGUMENTS, "multibulk length");
                argumentsLeft = Math.max(0, count); // none is no command
                commandBytes = 0;
            } else {
                List<byte[]> words = InlineWords.split(line);
                if (!words.isEmpty()) {
                    return words;
                }
            }
        }
        while (argumentsLeft > 0) {
            if (!argument()) {
                return null;
            }
        }
        List<byte[]> command = arguments;
        arguments = new ArrayList<>();
        return command;
    }

    /** False when the next argument has not come whole. */
    private boolean argument() throws ProtocolException {
        if (bulkBytes < 0) {
            String line = line();
            if (line == null) {
                return false;
            }
            if (!line.startsWith("$")) {
                String got = line.isEmpty() ? "" : line.substring(0, 1);
                throw new ProtocolException("expected '$', got '" + got + "'");
            }
            bulkBytes = number(line, 0, LogFormat.MAX_VALUE_BYTES, "bulk length");
            commandBytes += bulkBytes;
            if (commandBytes > MAX_COMMAND_BYTES) {
                throw new ProtocolException(
                        "too big command: the limit is " + MAX_COMMAND_BYTES + " bytes");
            }
        }
        if (to - from < bulkBytes + 2) {
            return false;
        }
        int end = from + bulkBytes;
        if (bytes[end] != '\r' || bytes[end + 1] != '\n') {
            throw new ProtocolException("expected CRLF behind a bulk string");
        }
        arguments.add(Arrays.copyOfRange(bytes, from, end));
        from = end + 2;
        bulkBytes = -1;
        argumentsLeft--;
        return true;
    }

    /** The next line without its end; null when it has not come whole. */
    private @Nullable String line() throws ProtocolException {
        int end = Math.max(from, searched);
        while (end < to && bytes[end] != '\n') {
            end++;
        }
        searched = end;
        if (end - from > MAX_LINE_BYTES) {
            throw new ProtocolException(
                    "too big inline request: the limit is " + MAX_LINE_BYTES + " bytes");
        }
        if (end == to) {
            return null;
        }
        boolean carriage = end > from && bytes[end - 1] == '\r';
        String line = new String(bytes, from, end - from - (carriage ? 1 : 0), ISO_8859_1);
        from = end + 1;
        return line;
    }

    private static int number(String line, int least, int most, String what)
            throws ProtocolException {
        long value;
        try {
            value = Long.parseLong(line.substring(1));
        } catch (NumberFormatException e) {
            throw new ProtocolException("invalid " + what);
        }
        if (value < least || value > most) {
            throw new ProtocolException(
                    "invalid " + what + ": it is " + value + ", the limit is " + most);
        }
        return (int) value;
    }
}
