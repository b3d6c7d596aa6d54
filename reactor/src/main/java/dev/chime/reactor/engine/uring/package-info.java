/**
 * The engine on io_uring: encodes slots as submission entries and finds them again by user_data.
 *
 * <p>The queues themselves are {@code dev.chime.reactor.uring}'s; an operation whose opcode this
 * kernel lacks goes to an embedded {@code engine.pool}. Start reading at {@link
 * dev.chime.reactor.engine.uring.UringEngine}.
 */
@NullMarked
package dev.chime.reactor.engine.uring;

import org.jspecify.annotations.NullMarked;
