package dev.chime.net.http;

import java.nio.ByteBuffer;
import java.util.regex.Pattern;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpParser;
import org.eclipse.jetty.http.HttpVersion;
import org.jspecify.annotations.Nullable;

/**
 * Parses the heads of one connection, one after the other, and notes what the framing of the
 * message and the fate of the connection depend on. Bodies are not its business.
 */
final class HeadParser {
    private static final int BAD_REQUEST = 400;
    private static final int TARGET_TOO_LONG = 414;
    private static final int HEAD_TOO_LARGE = 431;
    private static final int NOT_IMPLEMENTED = 501;
    private static final int BAD_VERSION = 505;

    /** Codings that may be known elsewhere, and chunks around them. */
    private static final Pattern OTHER_CODINGS =
            Pattern.compile("[a-z-]+ *, *chunked", Pattern.CASE_INSENSITIVE);

    private final HeadParsers parsers;
    private final int maxFields;
    private final int maxTargetBytes;
    private String method = "";
    private String target = "";
    private @Nullable HttpVersion version;
    private int status;
    private String reason = "";
    private HttpFields.Mutable fields = HttpFields.build();
    private boolean started;
    private boolean complete;
    private int failure;
    private String failureText = "";
    private boolean close;
    private boolean keepAlive;
    private boolean upgrade;
    private boolean upgradeNamed;
    private @Nullable String expect;
    private HeadParsers.@Nullable Loan loan;
    private boolean chunked;
    private long contentLength = -1;

    /** Borrows from {@code parsers}, head by head. */
    HeadParser(HeadParsers parsers, int maxFields, int maxTargetBytes) {
        this.parsers = parsers;
        this.maxFields = maxFields;
        this.maxTargetBytes = maxTargetBytes;
    }

    /** Takes what belongs to the head, at the most. */
    void parse(ByteBuffer input) {
        if (complete || failure != 0 || !input.hasRemaining()) {
            return;
        }
        HeadParsers.Loan lent = loan;
        if (lent == null) {
            lent = parsers.lend(this);
            loan = lent;
        }
        int before;
        do {
            before = input.remaining();
            parseNext(lent.parser, input);
            started |= !lent.parser.isStart();
        } while (!complete && failure == 0 && input.hasRemaining() && input.remaining() < before);
        if (failure != 0) {
            abandon();
        } else if (complete) {
            chunked = lent.parser.isChunking();
            contentLength = lent.parser.getContentLength();
            loan = null;
            lent.giveBack();
        }
    }

    private void parseNext(HttpParser parser, ByteBuffer input) {
        try {
            parser.parseNext(input);
        } catch (AssertionError e) {
            // The parser gives a bad response's own status as the error, and asserts that it is
            // one.
            fail(BAD_REQUEST, "Bad Response");
        }
    }

    /** No more of the head will come. */
    void abandon() {
        HeadParsers.Loan lent = loan;
        if (lent != null) {
            loan = null;
            lent.drop();
        }
    }

    /** The next head follows. */
    void reset() {
        abandon();
        fields = HttpFields.build();
        started = false;
        complete = false;
        close = false;
        keepAlive = false;
        upgrade = false;
        upgradeNamed = false;
        expect = null;
        reason = "";
    }

    // ---- what the parser tells

    void startRequest(String verb, String uri, HttpVersion protocol) {
        method = verb;
        target = uri;
        version = protocol;
        if (target.length() > maxTargetBytes) {
            fail(TARGET_TOO_LONG, "the target is longer than " + maxTargetBytes + " bytes");
        }
    }

    void startResponse(HttpVersion protocol, int code, @Nullable String phrase) {
        version = protocol;
        status = code;
        reason = phrase == null ? "" : phrase;
    }

    void parsedHeader(HttpField field) {
        HttpHeader header = field.getHeader();
        if (header != null) {
            note(header, field);
        }
        if (fields.size() == maxFields) {
            fail(HEAD_TOO_LARGE, "more than " + maxFields + " header fields");
            return;
        }
        fields.add(field);
    }

    private void note(HttpHeader header, HttpField field) {
        switch (header) {
            case CONNECTION -> {
                close |= field.contains("close");
                keepAlive |= field.contains("keep-alive");
                upgrade |= field.contains("upgrade");
            }
            case UPGRADE -> upgradeNamed = true;
            case EXPECT -> expect = field.getValue();
            case TRANSFER_ENCODING -> {
                if (version == HttpVersion.HTTP_1_0) {
                    fail(BAD_REQUEST, "HTTP/1.0 has no Transfer-Encoding");
                } else if (!"chunked".equalsIgnoreCase(field.getValue())) {
                    boolean more =
                            OTHER_CODINGS.matcher(String.valueOf(field.getValue())).matches();
                    fail(more ? NOT_IMPLEMENTED : BAD_REQUEST, "only chunked is understood");
                }
            }
            default -> {}
        }
    }

    void headerComplete() {
        if (version != HttpVersion.HTTP_1_1 && version != HttpVersion.HTTP_1_0) {
            fail(BAD_VERSION, "use HTTP/1.1");
        } else if (status == 0 && !Syntax.isTarget(method, target)) {
            fail(BAD_REQUEST, "the target has no form that " + method + " allows");
        }
        complete = failure == 0;
    }

    void badMessage(HttpException problem) {
        String text = problem.getReason();
        fail(problem.getCode(), text == null ? "" : text);
    }

    void earlyEnd() {
        fail(BAD_REQUEST, "early end");
    }

    private void fail(int code, String text) {
        if (failure == 0) {
            failure = code;
            failureText = text;
        }
    }

    // ---- what was found

    /** True once the first byte of a head has come. */
    boolean isStarted() {
        return started;
    }

    boolean isComplete() {
        return complete;
    }

    /** The status that says what is wrong with the head; 0 while nothing is. */
    int failure() {
        return failure;
    }

    String failureText() {
        return failureText;
    }

    String method() {
        return method;
    }

    String target() {
        return target;
    }

    int status() {
        return status;
    }

    String reason() {
        return reason;
    }

    HttpFields.Mutable fields() {
        return fields;
    }

    boolean isVersion10() {
        return version == HttpVersion.HTTP_1_0;
    }

    /** Whether the peer lets the connection live on. */
    boolean persists() {
        return !close && (keepAlive || !isVersion10());
    }

    /** Whether the peer says {@code keep-alive}. */
    boolean asksToPersist() {
        return keepAlive && !close;
    }

    boolean asksUpgrade() {
        return upgrade && upgradeNamed && !isVersion10();
    }

    @Nullable String expect() {
        return expect;
    }

    boolean isChunked() {
        return chunked;
    }

    /** The length of the body, or -1 when the head does not say. */
    long contentLength() {
        return contentLength;
    }
}
