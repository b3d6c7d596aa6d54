/**
 * Questions to name servers, as Node's {@code dns.Resolver} asks them: over UDP, and over TCP what
 * does not fit there.
 *
 * <p>Sockets come from {@link dev.chime.net.Net}, messages are read and written by dnsjava ({@code
 * Wire}); nothing else here knows either. Start reading at {@link dev.chime.net.dns.Dns}.
 */
@NullMarked
package dev.chime.net.dns;

import org.jspecify.annotations.NullMarked;
