/**
 * The events that Flight Recorder can show. Nothing here is loaded before a recording starts, but
 * for {@link dev.chime.reactor.jfr.Flight}, where to start reading.
 */
@NullMarked
package dev.chime.reactor.jfr;

import org.jspecify.annotations.NullMarked;
