/**
 * TLS 1.2 and 1.3 upon any stream, as Node's {@code tls} has it.
 *
 * <p>The protocol itself is the JDK's {@link javax.net.ssl.SSLEngine}; what lives here brings its
 * records to and from a stream without a stall of the loop, and names its errors. Nothing here
 * knows the kernel. Start reading at {@link dev.chime.net.tls.Tls}.
 */
@NullMarked
package dev.chime.net.tls;

import org.jspecify.annotations.NullMarked;
