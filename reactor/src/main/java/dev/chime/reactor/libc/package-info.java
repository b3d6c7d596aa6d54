/**
 * Every foreign call, struct layout and constant of the kernel's ABI, and nothing else.
 *
 * <p>No other package of Chime calls {@code java.lang.foreign}'s restricted methods. Nothing here
 * knows what an operation or a callback is. Start reading at {@link dev.chime.reactor.libc.Libc};
 * raw memory is {@link dev.chime.reactor.libc.Memory}.
 */
@NullMarked
package dev.chime.reactor.libc;

import org.jspecify.annotations.NullMarked;
