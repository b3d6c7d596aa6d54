package dev.chime.net.tls;

import dev.chime.reactor.ReactorException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * Text with blocks between BEGIN and END lines (RFC 7468). What lies outside the blocks is a
 * comment.
 *
 * @param name where the text comes from, for errors
 * @param blocks the blocks in order
 */
record Pem(String name, List<Block> blocks) {
    private static final String BEGIN = "-----BEGIN ";
    private static final String END = "-----END ";
    private static final String DASHES = "-----";

    /**
     * One block.
     *
     * @param label what it is, such as {@code CERTIFICATE}
     * @param headers lines of the form {@code name: value}, which old encrypted keys have
     * @param line where it begins, from 1
     * @param der the content
     */
    @SuppressWarnings("ArrayRecordComponent") // nobody compares blocks
    record Block(String label, List<String> headers, int line, byte[] der) {}

    /**
     * Reads all blocks of a text.
     *
     * @throws ReactorException {@code ERR_OSSL_PEM_NO_START_LINE} when there is none, {@code
     *     ERR_OSSL_PEM_BAD_END_LINE}, {@code ERR_OSSL_PEM_BAD_BASE64_DECODE}
     */
    static Pem parse(String name, String text) throws ReactorException {
        List<Block> blocks = new ArrayList<>();
        List<String> lines = text.lines().map(String::strip).toList();
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).startsWith(BEGIN) && lines.get(i).endsWith(DASHES)) {
                int end = end(name, lines, i);
                blocks.add(block(name, lines, i, end));
                i = end;
            }
        }
        if (blocks.isEmpty()) {
            throw error(
                    "ERR_OSSL_PEM_NO_START_LINE",
                    name + " holds no PEM: there is no line that starts with " + BEGIN.strip());
        }
        return new Pem(name, blocks);
    }

    private static String label(String line) {
        return line.substring(BEGIN.length(), line.length() - DASHES.length());
    }

    private static int end(String name, List<String> lines, int begin) throws ReactorException {
        String wanted = END + label(lines.get(begin)) + DASHES;
        for (int i = begin + 1; i < lines.size() && !lines.get(i).startsWith(BEGIN); i++) {
            if (lines.get(i).equals(wanted)) {
                return i;
            }
        }
        throw error(
                "ERR_OSSL_PEM_BAD_END_LINE",
                "%s: the block of line %d has no end: %s is missing"
                        .formatted(name, begin + 1, wanted));
    }

    private static Block block(String name, List<String> lines, int begin, int end)
            throws ReactorException {
        List<String> headers = new ArrayList<>();
        StringBuilder base64 = new StringBuilder();
        for (String line : lines.subList(begin + 1, end)) {
            if (line.indexOf(':') >= 0) {
                headers.add(line);
            } else {
                base64.append(line);
            }
        }
        try {
            byte[] der = Base64.getDecoder().decode(base64.toString());
            return new Block(label(lines.get(begin)), headers, begin + 1, der);
        } catch (IllegalArgumentException e) {
            throw new ReactorException(
                    "ERR_OSSL_PEM_BAD_BASE64_DECODE",
                    "%s: the block of line %d is no Base64: %s"
                            .formatted(name, begin + 1, e.getMessage()),
                    e);
        }
    }

    /** The labels that there are, for errors. */
    String labels() {
        return String.join(", ", blocks.stream().map(Block::label).distinct().toList());
    }

    static ReactorException error(String code, String message) {
        return new ReactorException(code, message);
    }
}
