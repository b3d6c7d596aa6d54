/**
 * What the tests of all modules share: {@link dev.chime.reactor.testing.EngineTest} runs a test on
 * each engine, {@link dev.chime.reactor.testing.Census} finds leaks, {@link
 * dev.chime.reactor.testing.Reactors} runs a loop under a watchdog.
 *
 * <p>Nothing here may know more of a reactor than its public API. Start reading at {@code
 * EngineTest}.
 */
package dev.chime.reactor.testing;
