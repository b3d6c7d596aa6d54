package dev.chime.net.http;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import org.eclipse.jetty.http.HttpCompliance;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpParser;
import org.eclipse.jetty.http.HttpVersion;
import org.jspecify.annotations.Nullable;

/**
 * The parsers of one server or client, lent to its connections from the first byte of a head to the
 * last. Loop thread only.
 *
 * <p>A parser remembers the fields that come again and again in tables of 100 KiB, which a
 * connection of its own would have to bring into the CPU's caches for each request. Most heads come
 * in one piece, so that one parser serves all; only the first few have such tables.
 */
final class HeadParsers {
    private static final int REMEMBERING = 4;
    private static final int KEPT = 16;

    private final boolean requests;
    private final int maxHeaderBytes;
    private final ArrayDeque<Loan> free = new ArrayDeque<>();
    private int remembering;

    private HeadParsers(boolean requests, int maxHeaderBytes) {
        this.requests = requests;
        this.maxHeaderBytes = maxHeaderBytes;
    }

    static HeadParsers ofRequests(int maxHeaderBytes) {
        return new HeadParsers(true, maxHeaderBytes);
    }

    static HeadParsers ofResponses(int maxHeaderBytes) {
        return new HeadParsers(false, maxHeaderBytes);
    }

    /** A parser at its start, which tells {@code taker} what it finds. */
    Loan lend(HeadParser taker) {
        Loan loan = free.poll();
        if (loan == null) {
            loan = new Loan(remembering < REMEMBERING);
        }
        loan.taker = taker;
        return loan;
    }

    /** A parser that is lent, and how to give it back. */
    final class Loan implements HttpParser.RequestHandler, HttpParser.ResponseHandler {
        final HttpParser parser;
        private final boolean remembers;
        private @Nullable HeadParser taker;

        private Loan(boolean remembers) {
            this.remembers = remembers;
            parser =
                    requests
                            ? new HttpParser(
                                    (HttpParser.RequestHandler) this,
                                    maxHeaderBytes,
                                    HttpCompliance.STRICT)
                            : new HttpParser(
                                    (HttpParser.ResponseHandler) this,
                                    maxHeaderBytes,
                                    HttpCompliance.RFC9110);
            if (remembers) {
                remembering++;
                // Otherwise a cookie that differs in case alone from another is taken for it.
                parser.setHeaderCacheCaseSensitive(true);
            } else {
                parser.setHeaderCacheSize(0);
            }
        }

        /** The head has come. */
        void giveBack() {
            taker = null;
            parser.reset();
            if (remembers || free.size() < KEPT) {
                free.push(this);
            }
        }

        /** The head has not come, or is wrong: nobody uses this parser again. */
        void drop() {
            taker = null;
            if (remembers) {
                remembering--;
            }
        }

        private HeadParser taker() {
            HeadParser head = taker;
            if (head == null) {
                throw new AssertionError("a parser works for who has taken it");
            }
            return head;
        }

        @Override
        public void startRequest(String method, String target, HttpVersion version) {
            taker().startRequest(method, target, version);
        }

        @Override
        public void startResponse(HttpVersion version, int status, @Nullable String reason) {
            taker().startResponse(version, status, reason);
        }

        @Override
        public void parsedHeader(HttpField field) {
            taker().parsedHeader(field);
        }

        @Override
        public boolean headerComplete() {
            taker().headerComplete();
            return true;
        }

        @Override
        public void badMessage(HttpException problem) {
            taker().badMessage(problem);
        }

        @Override
        public void earlyEOF() {
            taker().earlyEnd();
        }

        @Override
        public boolean content(ByteBuffer item) {
            return true;
        }

        @Override
        public boolean contentComplete() {
            return true;
        }

        @Override
        public boolean messageComplete() {
            return true;
        }
    }
}
