/**
 * The ways in which Linux has let programs read files, one after the other in history, measured
 * beside each other on the same random reads.
 *
 * <p>A {@link dev.chime.samples.generations.Generation} is one way, in a file of its own; {@code
 * KernelAio} and {@code PosixAio} hold the calls and struct layouts that two of them need and Chime
 * does not. Nothing here is of use to another sample. Start reading at {@link
 * dev.chime.samples.generations.Generations}.
 */
@NullMarked
package dev.chime.samples.generations;

import org.jspecify.annotations.NullMarked;
