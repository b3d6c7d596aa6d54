/**
 * The engine for kernels and containers without io_uring: sockets by readiness on the loop thread,
 * files on a small pool of worker threads.
 *
 * <p>Every operation is a plain system call; results, cancellation and ordering are as on the ring.
 * Start reading at {@link dev.chime.reactor.engine.pool.PoolEngine}.
 */
@NullMarked
package dev.chime.reactor.engine.pool;

import org.jspecify.annotations.NullMarked;
