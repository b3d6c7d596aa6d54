/**
 * The seam between the reactor and the kernel: one vocabulary of operations, the slots that carry
 * them, and the small interface that an engine implements.
 *
 * <p>Nothing here knows a ring, a submission entry or epoll; nothing here knows callbacks of users.
 * Start reading at {@link dev.chime.reactor.engine.Op}, then {@link dev.chime.reactor.engine.Slot},
 * then {@link dev.chime.reactor.engine.Engine}.
 */
@NullMarked
package dev.chime.reactor.engine;

import org.jspecify.annotations.NullMarked;
