/**
 * TCP servers and sockets on a reactor, as Node's {@code net} has them.
 *
 * <p>Nothing here knows files, and nothing here knows an engine. Start reading at {@link
 * dev.chime.net.Net}.
 */
@NullMarked
package dev.chime.net;

import org.jspecify.annotations.NullMarked;
