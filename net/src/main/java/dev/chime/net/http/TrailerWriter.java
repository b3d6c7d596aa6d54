package dev.chime.net.http;

/** Sets the fields behind the content of a request. */
@FunctionalInterface
public interface TrailerWriter {
    /**
     * All content has been written. It may be called again, when the request is sent again.
     *
     * @param trailers empty; sent when this returns
     * @throws Exception ends the request with {@code ERR_HTTP_INVALID_HEADER_VALUE}
     */
    void write(Headers trailers) throws Exception;
}
