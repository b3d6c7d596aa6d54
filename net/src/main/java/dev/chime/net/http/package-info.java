/**
 * HTTP/1.1 over any {@link dev.chime.reactor.stream.Duplex}: Node's {@code http}.
 *
 * <p>Heads are parsed and made by jetty-http, whose types stay inside; bodies are framed here.
 * Start reading at {@link dev.chime.net.http.Http}, then ServerConnection and its base
 * HttpConnection.
 */
@NullMarked
package dev.chime.net.http;

import org.jspecify.annotations.NullMarked;
