/**
 * Streams of bytes with backpressure: what files, sockets and transformations have in common.
 *
 * <p>Users start at {@link dev.chime.reactor.stream.Readable}, {@link
 * dev.chime.reactor.stream.Writable} and {@link dev.chime.reactor.stream.Pipeline}; who makes a
 * stream of another kind at {@link dev.chime.reactor.stream.ReadableBase}, {@link
 * dev.chime.reactor.stream.WritableBase} and {@link dev.chime.reactor.stream.DuplexBase}, or for a
 * mere change of bytes at {@link dev.chime.reactor.stream.Codec}. Nothing here knows files or
 * sockets.
 */
@NullMarked
package dev.chime.reactor.stream;

import org.jspecify.annotations.NullMarked;
