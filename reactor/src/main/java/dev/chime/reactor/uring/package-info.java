/**
 * The ring layer: one submission queue and one completion queue of io_uring, mapped and counted.
 *
 * <p>It knows entries, heads and tails, and no operation, descriptor or callback; {@code
 * engine.uring} is built on it. Start reading at {@link dev.chime.reactor.uring.Ring}.
 */
@NullMarked
package dev.chime.reactor.uring;

import org.jspecify.annotations.NullMarked;
