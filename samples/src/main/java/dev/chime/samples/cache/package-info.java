/**
 * A caching HTTP proxy: what came from an origin is kept in files, and sent from there.
 *
 * <p>Start reading at {@link dev.chime.samples.cache.Proxy}, which decides what becomes of a
 * request; a {@code Fill} is a miss under way, an {@code Entry} is what came of one, {@link
 * dev.chime.samples.cache.Cache} is the folder that holds them.
 */
@NullMarked
package dev.chime.samples.cache;

import org.jspecify.annotations.NullMarked;
