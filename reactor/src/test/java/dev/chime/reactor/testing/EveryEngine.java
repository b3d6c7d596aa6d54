package dev.chime.reactor.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A test that runs once on each engine, the simulation included: {@code void name(EngineKind
 * engine)}.
 *
 * <p>For tests that live in the reactor alone: real files, foreign sockets and the time of other
 * threads do not exist in a simulation. Those use {@link EngineTest}.
 */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@ParameterizedTest(name = "{0}")
@EnumSource(
        value = dev.chime.reactor.EngineKind.class,
        names = {"URING", "POOL", "SIM"})
@ExtendWith({Availability.class, Census.class})
public @interface EveryEngine {}
