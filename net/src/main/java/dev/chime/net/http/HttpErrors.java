package dev.chime.net.http;

import dev.chime.reactor.ReactorException;
import org.eclipse.jetty.http.HttpStatus;

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

    /** A request that is answered with a status before a handler sees it. */
    static ReactorException refused(int status, String text) {
        String code =
                switch (status) {
                    case HttpStatus.REQUEST_TIMEOUT_408 -> "ERR_HTTP_REQUEST_TIMEOUT";
                    case HttpStatus.PAYLOAD_TOO_LARGE_413 -> "ERR_HTTP_BODY_TOO_LARGE";
                    case HttpStatus.URI_TOO_LONG_414,
                            HttpStatus.REQUEST_HEADER_FIELDS_TOO_LARGE_431 ->
                            "HPE_HEADER_OVERFLOW";
                    case HttpStatus.EXPECTATION_FAILED_417 -> "ERR_HTTP_EXPECTATION_FAILED";
                    case HttpStatus.NOT_IMPLEMENTED_501 -> "ERR_HTTP_NOT_IMPLEMENTED";
                    case HttpStatus.HTTP_VERSION_NOT_SUPPORTED_505 -> "HPE_INVALID_VERSION";
                    default -> "HPE_INVALID_REQUEST";
                };
        return new ReactorException(code, text.isEmpty() ? HttpStatus.getMessage(status) : text);
    }

    static ReactorException lengthMismatch(long written, long said) {
        return new ReactorException(
                "ERR_HTTP_CONTENT_LENGTH_MISMATCH",
                "the body has %d bytes and Content-Length says %d".formatted(written, said));
    }
}
