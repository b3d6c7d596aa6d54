package dev.chime.reactor.testing;

import dev.chime.reactor.EngineKind;
import dev.chime.reactor.EngineUnavailableException;
import dev.chime.reactor.Reactor;
import dev.chime.reactor.ReactorOptions;
import java.lang.reflect.Method;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;
import org.opentest4j.TestAbortedException;

/**
 * Skips the rows of a test that need the ring on a machine that has none, and, where {@code
 * -Dchime.deny} takes operations from the ring, the rows of the other engines: it changes nothing
 * for them.
 */
public final class Availability implements InvocationInterceptor {
    private static final class Holder {
        static final String REFUSAL = tryRing();
    }

    /** Why there is no ring here; empty when there is one. */
    public static String refusal() {
        return Holder.REFUSAL;
    }

    private static String tryRing() {
        try {
            Reactor.run(ReactorOptions.defaults().engine(EngineKind.URING), reactor -> {});
            return "";
        } catch (EngineUnavailableException e) {
            return e.getMessage();
        }
    }

    @Override
    public void interceptTestTemplateMethod(
            Invocation<Void> invocation,
            ReflectiveInvocationContext<Method> context,
            ExtensionContext extension)
            throws Throwable {
        String first =
                context.getArguments().isEmpty()
                        ? ""
                        : String.valueOf(context.getArguments().getFirst());
        boolean needsRing = first.startsWith("URING");
        if (needsRing && !refusal().isEmpty()) {
            invocation.skip();
            throw new TestAbortedException(refusal());
        }
        boolean needsNone = first.startsWith("POOL") || first.startsWith("SIM");
        if (needsNone && !System.getProperty("chime.deny", "").isBlank()) {
            invocation.skip();
            throw new TestAbortedException("operations are denied to the ring, this is " + first);
        }
        invocation.proceed();
    }
}
