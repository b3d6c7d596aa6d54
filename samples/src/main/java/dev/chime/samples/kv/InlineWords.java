package dev.chime.samples.kv;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.ArrayList;
import java.util.List;

/**
 * The words of a command that a person has typed: {@code "a b"} is one word, with the escapes
 * {@code \n \r \t \a \b \xHH}; {@code 'a b'} is one as it stands, but for {@code \'}.
 */
final class InlineWords {
    private static final String ESCAPES = "nrtab";
    private static final String ESCAPED = "\n\r\t\007\b";

    private final String line;
    private int at;

    private InlineWords(String line) {
        this.line = line;
    }

    /** Splits a line whose characters are bytes. */
    static List<byte[]> split(String line) throws ProtocolException {
        return new InlineWords(line).words();
    }

    private List<byte[]> words() throws ProtocolException {
        List<byte[]> words = new ArrayList<>();
        for (; at < line.length(); at++) {
            if (!isSpace(line.charAt(at))) {
                words.add(word().getBytes(ISO_8859_1));
            }
        }
        return words;
    }

    private static boolean isSpace(char c) {
        return c == ' ' || (c >= '\t' && c <= '\r') || c == 0;
    }

    private String word() throws ProtocolException {
        StringBuilder word = new StringBuilder();
        while (at < line.length() && !isSpace(line.charAt(at))) {
            char c = line.charAt(at++);
            if (c == '"' || c == '\'') {
                quoted(c, word);
            } else {
                word.append(c);
            }
        }
        return word.toString();
    }

    private void quoted(char quote, StringBuilder word) throws ProtocolException {
        while (at < line.length() && line.charAt(at) != quote) {
            char c = line.charAt(at++);
            boolean escapes = c == '\\' && at < line.length();
            if (escapes && quote == '"') {
                word.append(escaped());
            } else if (escapes && line.charAt(at) == '\'') {
                word.append(line.charAt(at++));
            } else {
                word.append(c);
            }
        }
        at++; // the closing quote, with a space or nothing behind it
        if (at > line.length() || (at < line.length() && !isSpace(line.charAt(at)))) {
            throw new ProtocolException("unbalanced quotes in request");
        }
    }

    private char escaped() {
        char c = line.charAt(at++);
        if (c == 'x' && at + 2 <= line.length()) {
            int high = Character.digit(line.charAt(at), 16);
            int low = Character.digit(line.charAt(at + 1), 16);
            if (high >= 0 && low >= 0) {
                at += 2;
                return (char) (16 * high + low);
            }
        }
        int known = ESCAPES.indexOf(c);
        return known < 0 ? c : ESCAPED.charAt(known);
    }
}
