package dev.chime.reactor;

import dev.chime.reactor.testing.Availability;
import dev.chime.reactor.testing.Census;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A test of the engines' seam that runs once in each {@link Setup} on the real kernel, because it
 * looks at real files or descriptors: {@code void name(Setup)}.
 */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@ParameterizedTest(name = "{0}")
@EnumSource(value = Setup.class, mode = EnumSource.Mode.EXCLUDE, names = "SIM")
@ExtendWith({Availability.class, Census.class})
@interface KernelSetupTest {}
