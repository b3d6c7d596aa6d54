package dev.chime.reactor.stream;

import dev.chime.reactor.Done;

/**
 * A stream to read from and to write to, such as a socket or a {@link Transform}. It closes when
 * both sides are done.
 */
public interface Duplex extends Readable, Writable {
    @Override
    Duplex onClose(Done handler);
}
