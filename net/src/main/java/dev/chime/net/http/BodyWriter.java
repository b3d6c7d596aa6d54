package dev.chime.net.http;

import dev.chime.reactor.stream.Writable;

/** Gives a request its content: once for each time that the request is sent. */
@FunctionalInterface
public interface BodyWriter {
    /**
     * Writes the content and ends it, now or later; {@code file.pipe(body)} does both. A redirect
     * with 307 or 308 and the retry of a request ask again, for the content from its beginning.
     *
     * @throws Exception ends the request with {@code ERR_HTTP_BODY_FAILED}
     */
    void write(Writable body) throws Exception;
}
