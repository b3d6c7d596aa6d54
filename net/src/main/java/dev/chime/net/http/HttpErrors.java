package dev.chime.net.http;

import dev.chime.reactor.ReactorException;

/** The errors of this package that are said in more than one place. */
final class HttpErrors {
    private HttpErrors() {}

    static ReactorException aborted() {
        return new ReactorException(
                "ECONNRESET", "aborted: the peer went away before the message was complete");
    }

    static ReactorException bodyTooLarge(long limit) {
        return new ReactorException(
                "ERR_HTTP_BODY_TOO_LARGE", "the body is longer than the limit of " + limit);
    }

    static ReactorException lengthMismatch(long written, long said) {
        return new ReactorException(
                "ERR_HTTP_CONTENT_LENGTH_MISMATCH",
                "the body has %d bytes and Content-Length says %d".formatted(written, said));
    }
}
