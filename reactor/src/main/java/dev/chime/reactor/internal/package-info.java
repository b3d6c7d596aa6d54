/**
 * What {@code dev.chime.fs} and {@code dev.chime.net} need of a reactor and users do not.
 *
 * <p>Exported to these two modules alone. Start reading at {@link dev.chime.reactor.internal.Core}.
 */
@NullMarked
package dev.chime.reactor.internal;

import org.jspecify.annotations.NullMarked;
