/**
 * What the tests of net share: content that shows loss and disorder, peers that are no code of
 * ours, and records of what a socket said.
 *
 * <p>Nothing here may know more of a socket than its public API, but for {@link
 * dev.chime.net.testing.Inside}. Start reading at {@link dev.chime.net.testing.Peers}.
 */
package dev.chime.net.testing;
