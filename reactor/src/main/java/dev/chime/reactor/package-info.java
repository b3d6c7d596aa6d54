/**
 * The reactor: one loop thread, its timers, ticks and tasks, and the engine that performs its
 * operations.
 *
 * <p>Files live in {@code dev.chime.fs}, sockets in {@code dev.chime.net}. Start reading at {@link
 * dev.chime.reactor.Reactor}.
 */
@NullMarked
package dev.chime.reactor;

import org.jspecify.annotations.NullMarked;
