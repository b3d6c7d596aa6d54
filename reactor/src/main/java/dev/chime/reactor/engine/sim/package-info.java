/**
 * The engine of simulations: a machine in memory, with a virtual clock, a disk that can lose power,
 * a loopback network and faults on demand, all of it decided by a seed.
 *
 * <p>Nothing here makes a system call on a descriptor; only memory comes from the real kernel.
 * Start reading at {@link dev.chime.reactor.engine.sim.SimEngine}, then {@link
 * dev.chime.reactor.engine.sim.SimWorld}; {@code SimKernel} answers the operations.
 */
@NullMarked
package dev.chime.reactor.engine.sim;

import org.jspecify.annotations.NullMarked;
