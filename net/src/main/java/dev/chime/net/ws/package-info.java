/**
 * WebSocket (RFC 6455) upon any stream, after the upgrade, for both sides.
 *
 * <p>Nothing here knows HTTP: who has shaken hands hands the stream over. Start reading at {@link
 * dev.chime.net.ws.WebSocket}.
 */
@NullMarked
package dev.chime.net.ws;

import org.jspecify.annotations.NullMarked;
