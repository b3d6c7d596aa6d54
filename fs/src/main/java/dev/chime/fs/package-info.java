/**
 * Node's {@code fs} on the Chime reactor: whole files, open files and their metadata.
 *
 * <p>Every call is asynchronous: its last argument hears of the outcome on the loop thread, once,
 * never inside the call. Here lives what composes the engine's operations into file calls; how an
 * operation reaches the kernel is the reactor's business. Start reading at {@link dev.chime.fs.Fs}.
 */
@NullMarked
package dev.chime.fs;

import org.jspecify.annotations.NullMarked;
