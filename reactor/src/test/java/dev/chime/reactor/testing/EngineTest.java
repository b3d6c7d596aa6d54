package dev.chime.reactor.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A test that runs once on each engine: {@code void name(EngineKind engine)}.
 *
 * <p>On a machine without io_uring the ring's row is skipped, and says why. Afterwards the {@link
 * Census} looks for what the test left behind.
 */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@ParameterizedTest(name = "{0}")
@EnumSource(
        value = dev.chime.reactor.EngineKind.class,
        names = {"URING", "POOL"})
@ExtendWith({Availability.class, Census.class})
public @interface EngineTest {}
